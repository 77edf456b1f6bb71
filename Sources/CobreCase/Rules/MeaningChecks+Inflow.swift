internal import Foundation

extension MeaningChecks {
  /// Rules 526 to 529.
  mutating func checkInflowModel() {
    let registry = context.registry(.hydro)
    if let table = context.table(.inflowSeasonalStats) {
      let deviations = table.numbers("std_m3s")
      var firstRow: [Int: (row: Int, count: Int)] = [:]
      for (row, hydro, _) in context.rows(table, "hydro_id", .hydro) where deviations[row] == 0 {
        firstRow[hydro] = (firstRow[hydro]?.row ?? row, (firstRow[hydro]?.count ?? 0) + 1)
      }
      for (hydro, found) in firstRow.sorted(by: { $0.key < $1.key }) {
        collector.report(
          526, file: .inflowSeasonalStats, at: table.place(found.row, "std_m3s"), entity: registry.entity(hydro),
          value: "0", "The inflow of hydro \(registry.ids[hydro]) is deterministic in \(found.count) stage(s).")
      }
    }
    checkResiduals()
  }

  private mutating func checkResiduals() {
    let registry = context.registry(.hydro)
    var previous: AutoregressiveCoefficient?
    for row in study.autoregressiveCoefficients {
      let entity = registry.entity(row.hydro)
      let isFirst = previous?.hydro != row.hydro || previous?.stageID != row.stageID
      if isFirst {
        if let stage = context.stages.index[row.stageID], study.inflowModelSource == .given,
          study.inflowStatistics(stage: stage, hydro: row.hydro).deviation == 0
        {
          collector.report(
            527, file: .inflowARCoefficients, entity: entity, value: "stage \(row.stageID)",
            "Hydro \(registry.ids[row.hydro]) has coefficients at stage \(row.stageID) where std_m3s is 0.",
            suggestion: "Remove the rows, or give a deviation.")
        }
        if row.residualRatio * row.residualRatio < 0.01 {
          collector.report(
            529, file: .inflowARCoefficients, entity: entity, value: String(row.residualRatio),
            "The residual ratio of hydro \(registry.ids[row.hydro]) at stage \(row.stageID) leaves hardly any noise.")
        }
      } else if let previous, previous.residualRatio != row.residualRatio {
        collector.report(
          528, file: .inflowARCoefficients, entity: entity, value: String(row.residualRatio),
          "The residual ratio of hydro \(registry.ids[row.hydro]) at stage \(row.stageID) differs between lags "
            + "\(previous.lag) and \(row.lag).", suggestion: "Give the same ratio in all rows of a plant and stage.")
      }
      previous = row
    }
  }

  /// Rule 530: spectral radius of the product of the companion matrices over one season cycle.
  mutating func checkStationarity() {
    guard let seasons = study.seasons else { return }
    let stageOf = seasons.seasons.map { season in study.stages.first { $0.seasonID == season.id }?.id }
    guard !stageOf.contains(nil) else { return }
    let cycle = stageOf.compactMap { $0 }
    let byHydro = Dictionary(grouping: study.autoregressiveCoefficients, by: \.hydro)
    let annualOf = Dictionary(grouping: study.annualComponents, by: \.hydro)
    for hydro in Set(byHydro.keys).union(annualOf.keys).sorted() {
      let rows = byHydro[hydro] ?? []
      let order = max(rows.map(\.lag).max() ?? 0, annualOf[hydro] == nil ? 0 : 12)
      guard order > 0, order <= 64 else { continue }
      let byStage = Dictionary(grouping: rows, by: \.stageID)
      var product = SquareMatrix.identity(order)
      for (position, stageID) in cycle.enumerated() {
        var companion = SquareMatrix(order: order)
        for row in byStage[stageID] ?? [] { companion[0, row.lag - 1] = row.coefficient }
        if let annual = annualOf[hydro]?.first(where: { $0.stageID == stageID }), annual.deviation > 0 {
          // The mean of twelve values is a twelfth of each of them, in the units of its season.
          for lag in 1...12 {
            let before = cycle[((position - lag) % cycle.count + cycle.count) % cycle.count]
            companion[0, lag - 1] +=
              annual.coefficient * study.inflowStatistics(stage: before, hydro: hydro).deviation / annual.deviation / 12
          }
        }
        for lag in 1..<max(1, order) { companion[lag, lag - 1] = 1 }
        product = companion.multiplied(by: product)
      }
      let radius = product.spectralRadius()
      guard radius >= 1 else { continue }
      collector.report(
        530, file: .inflowARCoefficients, entity: context.registry(.hydro).entity(hydro), value: String(radius),
        "The inflow model of hydro \(study.hydros[hydro].id) is not stationary: spectral radius \(radius) over a cycle.",
        suggestion: "Check the coefficients; inflows may grow without bound.")
    }
  }

  /// Rules 531 to 534, for models that are estimated.
  mutating func checkObservations() {
    ObservationChecks.check(study, context.registry(.hydro), file: CaseFileName.inflowHistory.path, &collector)
  }
}

/// A small dense square matrix, row by row.
struct SquareMatrix {
  let order: Int
  private var values: [Double]

  init(order: Int) {
    self.order = order
    self.values = Array(repeating: 0, count: order * order)
  }

  static func identity(_ order: Int) -> SquareMatrix {
    var matrix = SquareMatrix(order: order)
    for index in 0..<order { matrix[index, index] = 1 }
    return matrix
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * order + column] }
    set { values[row * order + column] = newValue }
  }

  func multiplied(by other: SquareMatrix) -> SquareMatrix {
    var result = SquareMatrix(order: order)
    for row in 0..<order {
      for inner in 0..<order where self[row, inner] != 0 {
        for column in 0..<order { result[row, column] += self[row, inner] * other[inner, column] }
      }
    }
    return result
  }

  /// Gelfand's formula by repeated squaring: ‖Aᵏ‖^(1/k) with k = 2⁴⁰, scaled on the way.
  func spectralRadius() -> Double {
    var power = self
    var logarithm = 0.0
    var weight = 1.0
    for _ in 0..<40 {
      let norm = power.values.reduce(0) { max($0, abs($1)) }
      guard norm > 0, norm.isFinite else { return norm == 0 ? 0 : .infinity }
      for index in power.values.indices { power.values[index] /= norm }
      logarithm += weight * log(norm)
      power = power.multiplied(by: power)
      weight /= 2
    }
    return exp(logarithm)
  }

  /// Whether every eigenvalue of the symmetric matrix is at least −`tolerance`, by a Cholesky factorisation.
  func isPositiveSemidefinite(tolerance: Double) -> Bool {
    var factor = self
    for column in 0..<order {
      var pivot = factor[column, column] + tolerance
      for inner in 0..<column { pivot -= factor[column, inner] * factor[column, inner] }
      guard pivot > 0 else { return false }
      let root = pivot.squareRoot()
      factor[column, column] = root
      for row in (column + 1)..<max(order, column + 1) {
        var value = factor[row, column]
        for inner in 0..<column { value -= factor[row, inner] * factor[column, inner] }
        factor[row, column] = value / root
      }
    }
    return true
  }
}
