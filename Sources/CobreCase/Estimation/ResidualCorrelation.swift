/// The correlation between plants of their models' residuals.
///
/// Pooled over all seasons it is the profile of every stage. A season in which every pair of plants has enough common
/// dates has its own profile.
struct ResidualCorrelation {
  /// Common dates that every pair needs in a season for its own profile.
  static var smallestSample: Int { 30 }

  /// nil for fewer than two plants.
  let correlation: Correlation?

  /// - Parameters:
  ///   - study: the case with its model.
  ///   - estimate: the moments and observations it comes from.
  init(study: StudyCase, estimate: InflowEstimate) {
    let hydros = study.hydros.count
    guard hydros > 1, let cycle = estimate.cycles.cycles.first else {
      correlation = nil
      return
    }
    let observations = estimate.series.compactMap { $0.first?.observations }
    let start = observations.compactMap { $0.first?.time }.min() ?? 0
    let end = (observations.compactMap { $0.last?.time }.max() ?? start) + 1
    let followsStudy = study.conventions.estimationRule == .studySeasons
    var residuals = [[Double]](repeating: .init(repeating: .nan, count: end - start), count: hydros)
    // Residuals of all seasons together.
    var pooled = residuals
    var seasonAt = [Int](repeating: -1, count: end - start)
    for hydro in 0..<hydros {
      for observation in observations[hydro] { seasonAt[observation.time - start] = observation.season }
      let model = Model(study: study, estimate: estimate, hydro: hydro, cycle: cycle, withoutAnnual: followsStudy)
      for (time, residual) in model.residuals(estimate.series[hydro][0], keepsConstants: followsStudy) {
        residuals[hydro][time - start] = residual
        let scale = followsStudy ? model.ratio(season: seasonAt[time - start]) : 1
        pooled[hydro][time - start] = residual * scale
      }
    }
    let known = estimate.ceilings.first ?? []
    let all = seasonAt.indices.filter { seasonAt[$0] >= 0 && (known.isEmpty || known[seasonAt[$0]] != nil) }
    var profiles = [Self.profile("default", Self.matrix(pooled, at: all).values, hydros: hydros)]
    var profileOfSeason: [Int: Int] = [:]
    for (season, id) in cycle.enumerated() {
      let (values, smallest) = Self.matrix(residuals, at: all.filter { seasonAt[$0] == season })
      guard smallest >= Self.smallestSample else { continue }
      profileOfSeason[id] = profiles.count
      profiles.append(Self.profile("season \(id)", values, hydros: hydros))
    }
    correlation = Correlation(
      profiles: profiles,
      profileOfStage: study.stages.indices.map { study.inflowSeason(of: $0).flatMap { profileOfSeason[$0] } ?? 0 })
  }

  private static func profile(_ name: String, _ matrix: [Double], hydros: Int) -> CorrelationProfile {
    CorrelationProfile(
      name: name,
      groups: [
        CorrelationGroup(name: "residuals", noiseClass: .inflow, entities: Array(0..<hydros), matrix: matrix)
      ])
  }

  /// Pearson correlations of all pairs over the dates that both have, and the smallest number of those.
  static func matrix(_ residuals: [[Double]], at dates: [Int]) -> (values: [Double], smallest: Int) {
    let count = residuals.count
    var values = [Double](repeating: 0, count: count * count)
    var smallest = Int.max
    let chosen = residuals.map { series in dates.map { series[$0] } }
    for a in 0..<count {
      values[a * count + a] = 1
      for b in (a + 1)..<max(count, a + 1) {
        let (correlation, sample) = pearson(chosen[a], chosen[b])
        values[a * count + b] = correlation
        values[b * count + a] = correlation
        smallest = min(smallest, sample)
      }
    }
    return (values, smallest)
  }

  /// Correlation over the dates on which neither is missing; 0 for fewer than two, or without variance.
  private static func pearson(_ a: [Double], _ b: [Double]) -> (correlation: Double, sample: Int) {
    var sample = 0
    var (sumA, sumB) = (0.0, 0.0)
    for (x, y) in zip(a, b) where !x.isNaN && !y.isNaN {
      sample += 1
      sumA += x
      sumB += y
    }
    guard sample > 1 else { return (0, sample) }
    let (meanA, meanB) = (sumA / Double(sample), sumB / Double(sample))
    var (squareA, squareB, product) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) where !x.isNaN && !y.isNaN {
      squareA += (x - meanA) * (x - meanA)
      squareB += (y - meanB) * (y - meanB)
      product += (x - meanA) * (y - meanB)
    }
    let scale = (squareA * squareB).squareRoot()
    return (scale > 0 ? min(1, max(-1, product / scale)) : 0, sample)
  }
}

/// The standardised equations of one plant by season, fitted or given.
private struct Model {
  private var coefficients: [[Double]] = []
  private var ratios: [Double] = []
  private var annual: [Double] = []
  private let fits: [PeriodicFit.Season]

  init(study: StudyCase, estimate: InflowEstimate, hydro: Int, cycle: [Int], withoutAnnual: Bool) {
    fits = estimate.fits[hydro][0].seasons
    guard case .estimated(_, true) = study.inflowModelSource else {
      // Given by stage: the first stage of a season speaks for it.
      for id in cycle {
        let stage = study.stages.first { $0.seasonID == id }?.id
        let rows = study.autoregressiveCoefficients.filter { $0.hydro == hydro && $0.stageID == stage }
        coefficients.append(rows.map(\.coefficient))
        ratios.append(rows.first?.residualRatio ?? 1)
      }
      annual = .init(repeating: 0, count: cycle.count)
      return
    }
    coefficients = fits.map(\.coefficients)
    ratios = fits.map(\.residualRatio)
    annual = fits.map { withoutAnnual ? 0 : $0.annual ?? 0 }
  }

  /// Residual deviation divided by the series' deviation.
  func ratio(season: Int) -> Double { ratios.indices.contains(season) ? ratios[season] : 1 }

  /// Residuals in units of their deviation, for times whose lags have all been observed.
  ///
  /// - Parameters:
  ///   - series: the observations.
  ///   - keepsConstants: whether seasons without deviation have residuals 0 instead of none.
  /// - Returns: residuals ascending in time.
  func residuals(_ series: SeasonalSeries, keepsConstants: Bool) -> [(time: Int, value: Double)] {
    let observations = series.observations
    let needsMeans = annual.contains { $0 != 0 }
    let means = needsMeans ? AnnualMeans(series) : nil
    return observations.indices.compactMap { index in
      let own = observations[index]
      let m = own.season
      if keepsConstants, fits[m].deviation == 0 { return (own.time, 0) }
      guard fits[m].deviation > 0, index >= coefficients[m].count else { return nil }
      var value = standard(own)
      for (position, coefficient) in coefficients[m].enumerated() {
        let before = observations[index - position - 1]
        guard before.time == own.time - position - 1 else { return nil }
        value -= coefficient * standard(before)
      }
      if annual[m] != 0 {
        let moments = fits[m].annualMoments
        guard let mean = means?.means[own.time - 1], moments.deviation > 0 else { return nil }
        value -= annual[m] * (mean - moments.mean) / moments.deviation
      }
      return (own.time, value / ratios[m])
    }
  }

  private func standard(_ observation: SeasonalSeries.Observation) -> Double {
    let fit = fits[observation.season]
    return fit.deviation > 0 ? (observation.value - fit.mean) / fit.deviation : 0
  }
}
