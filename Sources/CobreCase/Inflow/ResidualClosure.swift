/// Residual deviations that follow from the coefficients of a periodic autoregressive model alone: the standardised
/// series has variance 1 in every season (periodic Yule–Walker equations; Pagano 1978).
struct ResidualClosure {
  /// Why coefficients belong to no model with variance 1.
  enum Failure: Error, Equatable {
    /// The equations have no single solution.
    case singular
    /// An implied correlation of a season with an earlier one is outside −1…1.
    case correlation(season: Int, lag: Int, value: Double)
    /// The residual of a season has no variance left.
    case variance(season: Int, value: Double)

    /// What is wrong, with the ids of the seasons.
    func sentence(seasons ids: [Int]) -> String {
      switch self {
      case .singular: "their equations have no single solution"
      case .correlation(let season, let lag, let value):
        "season \(ids[season]) would have a correlation of \(value) with the season \(lag) before it"
      case .variance(let season, let value):
        "the residual of season \(ids[season]) would have a variance of \(value) times that of the inflow"
      }
    }
  }

  /// Residual deviation / deviation of the series, by season.
  let ratios: [Double]

  /// Solves the equations.
  ///
  /// - Parameter coefficients: standardised coefficients of each season in the order of time, lag 1 first, empty for
  ///   order 0.
  /// - Throws: `Failure` if there is no such model.
  init(_ coefficients: [[Double]]) throws(Failure) {
    let seasons = coefficients.count
    let order = coefficients.map(\.count).max() ?? 0
    guard order > 0 else {
      ratios = .init(repeating: 1, count: seasons)
      return
    }
    let size = seasons * order
    var matrix = [Double](repeating: 0, count: size * size)
    var right = [Double](repeating: 0, count: size)
    /// Index of the correlation of a season with the one `lag` before it.
    func index(_ season: Int, _ lag: Int) -> Int {
      ((season % seasons + seasons) % seasons) * order + lag - 1
    }
    for season in 0..<seasons {
      for lag in 1...order {
        let row = index(season, lag)
        matrix[row * size + row] += 1
        for (position, coefficient) in coefficients[season].enumerated() {
          let other = position + 1
          if other == lag {
            right[row] += coefficient
          } else if other < lag {
            matrix[row * size + index(season - other, lag - other)] -= coefficient
          } else {
            matrix[row * size + index(season - lag, other - lag)] -= coefficient
          }
        }
      }
    }
    guard Self.solve(&matrix, &right, size) else { throw .singular }
    var ratios: [Double] = []
    for season in 0..<seasons {
      for lag in 1...order where abs(right[index(season, lag)]) > 1 + 1e-9 {
        throw .correlation(season: season, lag: lag, value: right[index(season, lag)])
      }
      let explained = coefficients[season].enumerated().reduce(0) {
        $0 + $1.element * right[index(season, $1.offset + 1)]
      }
      guard 1 - explained > 1e-12 else { throw .variance(season: season, value: 1 - explained) }
      ratios.append((1 - explained).squareRoot())
    }
    self.ratios = ratios
  }

  /// Gaussian elimination with partial pivoting.
  ///
  /// False if the matrix is singular.
  private static func solve(_ matrix: inout [Double], _ right: inout [Double], _ size: Int) -> Bool {
    matrix.withUnsafeMutableBufferPointer { matrix in
      for column in 0..<size {
        var pivot = column
        for row in (column + 1)..<max(size, column + 1)
        where abs(matrix[row * size + column]) > abs(matrix[pivot * size + column]) {
          pivot = row
        }
        guard abs(matrix[pivot * size + column]) > 1e-12 else { return false }
        if pivot != column {
          for k in column..<size { matrix.swapAt(pivot * size + k, column * size + k) }
          right.swapAt(pivot, column)
        }
        for row in (column + 1)..<max(size, column + 1) where matrix[row * size + column] != 0 {
          let factor = matrix[row * size + column] / matrix[column * size + column]
          for k in column..<size { matrix[row * size + k] -= factor * matrix[column * size + k] }
          right[row] -= factor * right[column]
        }
      }
      for row in (0..<size).reversed() {
        var value = right[row]
        for k in (row + 1)..<max(size, row + 1) { value -= matrix[row * size + k] * right[k] }
        right[row] = value / matrix[row * size + row]
      }
      return right.allSatisfy(\.isFinite)
    }
  }
}

extension StudyCase {
  /// The case with residual ratios derived from its coefficients, if its conventions require it.
  ///
  /// The coefficients of a season come from its first stage, else from the last stage before the study that has some.
  /// Other seasons have order 0. A plant whose coefficients give no model keeps its ratios and gets a message in
  /// `residualFaults`.
  func derivingResiduals() -> StudyCase {
    guard conventions.derivesResiduals else { return self }
    var study = self
    let cycles = SeasonCycles(study: self)
    // Annual terms without coefficients need a row that carries the ratio.
    let known = Set(autoregressiveCoefficients.map { HydroStage(hydro: $0.hydro, stage: $0.stageID) })
    for row in annualComponents where !known.contains(HydroStage(hydro: row.hydro, stage: row.stageID)) {
      study.autoregressiveCoefficients.append(
        AutoregressiveCoefficient(hydro: row.hydro, stageID: row.stageID, lag: 1, coefficient: 0, residualRatio: 1))
    }
    study.autoregressiveCoefficients.sort { ($0.hydro, $0.stageID, $0.lag) < ($1.hydro, $1.stageID, $1.lag) }
    let seasonOfStage = stages.indices.map { inflowSeason(of: $0) }
    let withModel = Set(autoregressiveCoefficients.map(\.stageID)).union(annualComponents.map(\.stageID))
    let stageOfSeason = stagesOfSeasons(seasonOfStage, cycles, before: withModel)
    // Annual terms also weigh seasons of which only the statistics are given.
    let deviationStages = stagesOfSeasons(seasonOfStage, cycles, before: Set(preStudyStatistics.map(\.stageID)))
    var next = 0
    let rows = study.autoregressiveCoefficients
    while next < rows.count {
      let hydro = rows[next].hydro
      let first = next
      while next < rows.count, rows[next].hydro == hydro { next += 1 }
      for cycle in cycles.cycles {
        do throws(ResidualClosure.Failure) {
          let models = study.seasonalModels(
            hydro, rows[first..<next], cycle, stageOfSeason, deviationStages)
          let ratios = try ResidualClosure(models).ratios
          for index in first..<next where stages.indices.contains(rows[index].stageID) {
            guard let season = seasonOfStage[rows[index].stageID], let place = cycle.firstIndex(of: season) else {
              continue
            }
            study.autoregressiveCoefficients[index].residualRatio = ratios[place]
          }
        } catch {
          study.residualFaults.append(
            "The inflow coefficients of hydro \(hydros[hydro].id) belong to no stationary model: "
              + "\(error.sentence(seasons: cycle)).")
        }
      }
    }
    return study
  }

  /// Id of the stage that speaks for each season: its first in the study, else the last of `earlier`.
  private func stagesOfSeasons(
    _ seasonOfStage: [Int?], _ cycles: SeasonCycles, before earlier: Set<Int>
  ) -> [Int: Int] {
    var result: [Int: Int] = [:]
    for (stage, season) in seasonOfStage.enumerated() {
      if let season, result[season] == nil { result[season] = stage }
    }
    guard let first = seasonOfStage.first ?? nil else { return result }
    for id in earlier.sorted(by: >) where id < 0 {
      let declared = preStudyStages.first { $0.id == id }?.seasonID
      guard let season = declared ?? cycles.season(-id, before: first), result[season] == nil else { continue }
      result[season] = id
    }
    return result
  }

  /// Standardised coefficients of a plant by season of a cycle, with the annual term spread over twelve lags.
  private func seasonalModels(
    _ hydro: Int, _ rows: ArraySlice<AutoregressiveCoefficient>, _ cycle: [Int], _ stageOfSeason: [Int: Int],
    _ deviationStages: [Int: Int]
  ) -> [[Double]] {
    let deviations = cycle.map { id -> Double in
      guard let stage = deviationStages[id] else { return 0 }
      guard stage < 0 else { return inflowStatistics(stage: stage, hydro: hydro).deviation }
      return preStudyStatistics.first { $0.hydro == hydro && $0.stageID == stage }?.statistics.deviation ?? 0
    }
    let annual = annualComponents.filter { $0.hydro == hydro && $0.deviation > 0 }
    return cycle.indices.map { position in
      guard let stage = stageOfSeason[cycle[position]] else { return [] }
      let own = rows.filter { $0.stageID == stage }
      var model = [Double](repeating: 0, count: own.map(\.lag).max() ?? 0)
      for row in own where row.lag > 0 { model[row.lag - 1] = row.coefficient }
      guard let term = annual.first(where: { $0.stageID == stage }), term.coefficient != 0 else { return model }
      model += [Double](repeating: 0, count: max(0, 12 - model.count))
      for lag in 1...12 {
        let other = ((position - lag) % cycle.count + cycle.count) % cycle.count
        model[lag - 1] += term.coefficient * deviations[other] / (12 * term.deviation)
      }
      return model
    }
  }
}
