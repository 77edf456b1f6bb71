internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Foundation
internal import Testing

/// Estimation of periodic autoregressions against models whose truth is known.
@Suite struct PeriodicFitTests {
  static let years = 100_000

  /// Standard normal numbers, two from each block of the generator (Box and Muller 1958).
  static let noise: [Double] = {
    let generator = Philox(key0: 20_240_614, key1: 7)
    var result = [Double](repeating: 0, count: 12 * years + 120)
    for pair in 0..<(result.count / 2) {
      let words = generator.words(UInt32(pair), 0, 0, 0)
      let radius = (-2 * log((Double(words.0) + 0.5) * 0x1p-32)).squareRoot()
      let angle = 2 * Double.pi * Double(words.1) * 0x1p-32
      result[2 * pair] = radius * cos(angle)
      result[2 * pair + 1] = radius * sin(angle)
    }
    return result
  }()

  private func settings(_ order: Int, _ selection: EstimationSettings.OrderSelection = .pacf) -> EstimationSettings {
    EstimationSettings(
      maxOrder: order, orderSelection: selection, minObservationsPerSeason: 30, maxCoefficientMagnitude: nil)
  }

  /// a_t = b + Σ ψ_ℓ · a_{t−ℓ} + σ · ε with coefficients by month.
  private func simulate(_ psi: [[Double]], _ sigma: [Double], base: Double) -> [Double] {
    let order = psi[0].count
    let count = Self.noise.count
    var values = [Double](repeating: base / (1 - 0.7), count: count)
    values.withUnsafeMutableBufferPointer { values in
      Self.noise.withUnsafeBufferPointer { noise in
        for t in order..<count {
          let m = t % 12
          var sum = base + sigma[m] * noise[t]
          for lag in 0..<order { sum += psi[m][lag] * values[t - lag - 1] }
          values[t] = sum
        }
      }
    }
    return Array(values[120...])
  }

  /// Diagonal of the inverse of a symmetric matrix, by Gauss and Jordan.
  private func inverseDiagonal(_ matrix: [[Double]]) -> [Double] {
    let n = matrix.count
    var rows = matrix.enumerated().map { i, row in row + (0..<n).map { $0 == i ? 1.0 : 0.0 } }
    for column in 0..<n {
      let pivot = rows[column][column]
      for index in 0..<(2 * n) { rows[column][index] /= pivot }
      for row in 0..<n where row != column {
        let factor = rows[row][column]
        for index in 0..<(2 * n) { rows[row][index] -= factor * rows[column][index] }
      }
    }
    return (0..<n).map { rows[$0][n + $0] }
  }

  /// Estimates are within three standard errors of the truth: of regression for the coefficients in original units.
  @Test(arguments: 1...3)
  func estimatesFromManyYearsAreTheTruth(order: Int) {
    let first: [Double] = [0.5, 0.2, 0.12]
    let psi: [[Double]] = (0..<12).map { (m: Int) -> [Double] in
      let factor = 1 - 0.03 * Double((m * 5) % 7)
      return first.prefix(order).map { $0 * factor }
    }
    let sigma = (0..<12).map { 3 + Double(($0 * 7) % 5) }
    let values = simulate(psi, sigma, base: 9)
    let fit = PeriodicFit(SeasonalSeries(seasons: 12, values: values), settings: settings(order))
    for m in 0..<12 {
      let season = fit.seasons[m]
      #expect(season.order == order)
      #expect(season.count == Self.years)
      // Correlations of the lags with each other, from the values themselves.
      let lags = (1...order).map { (m - $0 + 12) % 12 }
      let covariance = (0..<order).map { i in
        (0..<order).map { j in
          var sum = 0.0
          for year in 1..<2001 {
            let a = values[12 * year + m - i - 1] - fit.seasons[lags[i]].mean
            let b = values[12 * year + m - j - 1] - fit.seasons[lags[j]].mean
            sum += a * b
          }
          return sum / 2000
        }
      }
      let inverse = inverseDiagonal(covariance)
      for lag in 0..<order {
        let estimate = season.coefficients[lag] * season.deviation / fit.seasons[lags[lag]].deviation
        let error = sigma[m] * (inverse[lag] / Double(Self.years)).squareRoot()
        #expect(abs(estimate - psi[m][lag]) <= 3 * error, "season \(m), lag \(lag + 1)")
      }
      // The deviation of the noise has the relative error 1/√(2N).
      let residual = season.residualRatio * season.deviation
      #expect(abs(residual / sigma[m] - 1) <= 3 / (2 * Double(Self.years)).squareRoot())
    }
    #expect(fit.spectralRadius < 1)
  }

  /// A recursion of order 1 has the autocorrelation φ^ℓ and leaves √(1 − φ²).
  @Test func firstOrderHasTheClosedForm() {
    let psi = [[Double]](repeating: [0.6], count: 12)
    let values = simulate(psi, .init(repeating: 2, count: 12), base: 9)
    let series = SeasonalSeries(seasons: 1, values: values)
    let count = Double(values.count)
    let correlations = PeriodicFit(series, settings: settings(1))
    #expect(abs(correlations.seasons[0].coefficients[0] - 0.6) <= 3 * (0.64 / count).squareRoot())
    #expect(abs(correlations.seasons[0].residualRatio - 0.8) <= 3 * 0.8 / (2 * count).squareRoot())
    let mean = correlations.seasons[0].mean
    let variance = correlations.seasons[0].deviation * correlations.seasons[0].deviation
    #expect(abs(variance / (4 / 0.64) - 1) < 0.01)
    for lag in 1...5 {
      var sum = 0.0
      for t in lag..<values.count { sum += (values[t] - mean) * (values[t - lag] - mean) }
      // Bartlett's formula for large lags bounds the error of all of them.
      let error = ((1 + 0.36) / (1 - 0.36) / count).squareRoot()
      #expect(abs(sum / (count * variance) - pow(0.6, Double(lag))) <= 3 * error)
    }
  }

  /// As in Novomodelo, a season that loses its coefficients to the limit keeps the annual one that was fitted with
  /// them.
  @Test func limitedSeasonsKeepTheirAnnualCoefficient() {
    let values = simulate(.init(repeating: [0.6], count: 12), .init(repeating: 2, count: 12), base: 9)
    let series = SeasonalSeries(seasons: 12, values: Array(values.prefix(12 * 60)))
    let free = PeriodicFit(series, settings: settings(1, .pacfAnnual), rule: .studySeasons)
    let limit = EstimationSettings(
      maxOrder: 1, orderSelection: .pacfAnnual, minObservationsPerSeason: 30, maxCoefficientMagnitude: 0.01)
    let limited = PeriodicFit(series, settings: limit, rule: .studySeasons)
    #expect(limited.seasons.map(\.order) == .init(repeating: 0, count: 12))
    #expect(limited.seasons.map(\.annual) == free.seasons.map(\.annual))
    // Fitted alone, the annual mean explains more, on the whole.
    let own = PeriodicFit(series, settings: limit)
    func sum(_ fit: PeriodicFit) -> Double { fit.seasons.reduce(0) { $0 + ($1.annual ?? 0) } }
    #expect(sum(own) > sum(free))
  }

  @Test func degenerateSeasonsAreDeterministic() {
    // Season 0 never changes, season 1 is mostly one number, season 2 is negative too often for that rule.
    var values: [Double] = []
    for year in 0..<40 {
      values += [7, year % 3 == 0 ? 9 + Double(year) : 4.2, year % 4 == 0 ? -Double(year) : 5]
    }
    let fit = PeriodicFit(SeasonalSeries(seasons: 3, values: values), settings: settings(2))
    #expect(fit.seasons.map(\.remark?.rawValue).prefix(2) == ["constant", "repeated"])
    #expect(fit.seasons[0].mean == 7)
    #expect(fit.seasons[1].mean == 4)
    #expect(fit.seasons.prefix(2).allSatisfy { $0.deviation == 0 && $0.order == 0 && $0.residualRatio == 1 })
    #expect(fit.seasons[2].deviation > 0)
  }

  /// By hand: φ = (0.4, 0.2) and (0.3), s = 30 and 25 give A₀ = 0.48 and A₁ = 0.48 · 0.25 + 0.2 = 0.32.
  @Test func contributionsGoRoundTheSeasons() {
    var fit = PeriodicFit(SeasonalSeries(seasons: 2, values: [1, 2, 3, 5]), settings: settings(0))
    fit.replace(season: 0, coefficients: [0.4, 0.2], deviation: 30)
    fit.replace(season: 1, coefficients: [0.3], deviation: 25)
    let contributions = fit.contributions(of: 0)
    #expect(contributions.count == 2)
    #expect(abs(contributions[0] - 0.48) < 1e-15)
    #expect(abs(contributions[1] - 0.32) < 1e-15)
  }

  /// Orders by Akaike's criterion: the true order for a strong recursion, 0 for noise.
  @Test func akaikeFindsTheOrder() {
    let strong = simulate(.init(repeating: [0.4, 0.35], count: 12), .init(repeating: 2, count: 12), base: 9)
    #expect(
      PeriodicFit.orderByAkaike(SeasonalSeries(seasons: 1, values: Array(strong.prefix(4000))), ceiling: 2) == [2])
    let white = SeasonalSeries(seasons: 1, values: Array(Self.noise.prefix(4000)))
    #expect(PeriodicFit.orderByAkaike(white, ceiling: 1) == [0])
  }

  /// A plant whose history is a known recursion becomes that recursion, and the tables say the same again.
  @Test func tablesOfAnEstimateGiveTheSameModel() throws {
    var text = CalendarSystem(seed: 3, stages: .annual, method: "penalty").text
    for name in ["inflow_seasonal_stats", "inflow_ar_coefficients", "inflow_annual_component", "noise_openings"] {
      text.files["scenarios/\(name).csv"] = nil
    }
    var rows: [String] = []
    for (index, id) in [3, 5].enumerated() {
      var value = 40.0
      for month in 0..<480 {
        value = 15 + 0.6 * value + (4 + Double(month % 12)) * Self.noise[index * 500 + month] * 0.5
        rows.append("\(id),\(1950 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(value)")
      }
    }
    text.csv("scenarios/inflow_history.csv", "hydro_id,date,value_m3s", rows)
    let estimated = try text.study()
    let tree = OpeningTree(study: estimated, seed: 5)
    #expect(tree.inflow.layout.hasLags)
    var given = text
    given.files["scenarios/inflow_history.csv"] = nil
    for file in InflowModelTables(study: estimated).files where given.files["scenarios/\(file.name)"] == nil {
      guard ["inflow_seasonal_stats.csv", "inflow_ar_coefficients.csv"].contains(file.name) else { continue }
      given.files["scenarios/\(file.name)"] = file.text
    }
    let again = InflowProcess(study: try given.study())
    for stage in estimated.stages.indices.dropFirst(2) {
      for hydro in 0..<2 {
        #expect(again.deviation(stage: stage, hydro: hydro) == tree.inflow.deviation(stage: stage, hydro: hydro))
        let same = zip(
          again.coefficients(stage: stage, hydro: hydro).prefix(1),
          tree.inflow.coefficients(stage: stage, hydro: hydro).prefix(1))
        #expect(same.allSatisfy { abs($0 - $1) < 1e-12 })
      }
    }
    let run = try TrainingRun(estimated, iterations: 20)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound > 0 })
  }
}
