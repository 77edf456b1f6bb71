/// A periodic autoregressive model of one plant, fitted to its seasons.
///
/// Coefficients are standardised: z_t = Σ φ_ℓ · z_{t−ℓ} + ψ · A_{t−1} + r · ε, with z the standardised value of the
/// season and A the standardised mean of the last twelve values.
package struct PeriodicFit: Sendable, Equatable {
  /// One season of the model.
  package struct Season: Sendable, Equatable {
    /// Number of observations N.
    package var count: Int
    /// m³/s.
    package var mean: Double
    /// Deviation s in m³/s, divisor N.
    package var deviation: Double
    /// φ by lag.
    package var coefficients: [Double] = []
    /// Coefficient ψ of the annual mean, or nil without that component.
    package var annual: Double?
    /// Mean and deviation of the annual mean of the season before, in m³/s.
    package var annualMoments = SeriesStatistics.zero
    /// Residual deviation over `deviation`, in (0, 1].
    package var residualRatio = 1.0
    /// Order that the selection chose before anything was taken back.
    package var selectedOrder = 0
    /// Largest order that the observations carry, up to that asked for, or nil for deterministic seasons.
    package var carriedOrder: Int?
    package var remark: Remark?

    package var order: Int { coefficients.count }
  }

  /// A remark on a season's fit.
  package enum Remark: String, Sendable {
    /// All values are the same.
    ///
    /// The season is deterministic.
    case constant
    /// More than half of the values round to one number, which replaces all of them.
    case repeated
    /// More than a tenth of the values are negative.
    case negative
    /// A coefficient was larger than the limit allows.
    case limited
    /// The first coefficient was negative.
    case negativeFirst
    /// A contribution of the recursion was negative.
    case negativeContribution
    /// The observations carry no model of this kind.
    case unsupported

    /// For the user, as part of a sentence.
    package var sentence: String {
      switch self {
      case .constant: "all observations are equal, so the inflow is deterministic"
      case .repeated: "more than half of the observations round to one number, which stands for all"
      case .negative: "more than a tenth of the observations are negative"
      case .limited: "a coefficient exceeded max_coefficient_magnitude, so order 0 is used"
      case .negativeFirst: "the first coefficient was negative, so order 0 is used"
      case .negativeContribution: "the order was lowered because a contribution was negative"
      case .unsupported: "the observations are too few for the annual component, which is left out"
      }
    }
  }

  package private(set) var seasons: [Season]

  /// Fits moments, orders and coefficients.
  ///
  /// - Parameters:
  ///   - series: the observations.
  ///   - settings: largest order, selection and limits.
  ///   - ceilings: largest order of each season (nil = the order of the settings).
  ///   - rule: the convention to follow.
  package init(
    _ series: SeasonalSeries, settings: EstimationSettings, ceilings: [Int]? = nil,
    rule: ModelConventions.EstimationRule = .everySeason
  ) {
    let moments = series.values.map { SeasonMoments($0) }
    let annual = settings.orderSelection == .pacfAnnual ? AnnualMeans(series) : nil
    let correlations = SeasonCorrelations(series, moments: moments, annual: annual, order: settings.maxOrder)
    let equations = YuleWalker(correlations: correlations, moments: moments)
    let limits = ceilings ?? .init(repeating: max(0, settings.maxOrder), count: moments.count)
    seasons = moments.indices.map { m in
      var season = Season(count: moments[m].count, mean: moments[m].mean, deviation: moments[m].deviation)
      season.remark = moments[m].remark
      if let annual { season.annualMoments = annual.moments[(m + moments.count - 1) % moments.count] }
      equations.fit(&season, m, ceiling: limits[m], keepsAnnual: rule == .studySeasons)
      if season.deviation > 0 { season.carriedOrder = max(0, equations.carriedOrder(m, ceiling: limits[m])) }
      season.selectedOrder = season.order
      if let most = settings.maxCoefficientMagnitude, season.coefficients.contains(where: { abs($0) > most }) {
        let fitted = season.annual
        equations.fit(&season, m, ceiling: 0)
        // As with a negative first coefficient.
        if rule == .studySeasons { season.annual = fitted }
        season.remark = .limited
      }
      return season
    }
    reduceOrders(equations, limits)
  }

  /// Lowers orders until no contribution of the recursion is negative (Maceira and Mercio 1997).
  private mutating func reduceOrders(_ equations: YuleWalker, _ limits: [Int]) {
    var ceilings = seasons.indices.map { seasons[$0].remark == .limited ? 0 : limits[$0] }
    while true {
      let failing = seasons.indices.filter { m in
        ceilings[m] > 0 && contributions(of: m).contains { $0 < 0 }
      }
      guard !failing.isEmpty else { return }
      let deviations = seasons
      for m in failing {
        ceilings[m] -= 1
        var season = deviations[m]
        equations.fit(&season, m, ceiling: ceilings[m])
        if season.remark != .negativeFirst { season.remark = .negativeContribution }
        seasons[m] = season
      }
    }
  }

  /// Full effect of a value i + 1 seasons back, i = 0…p − 1, in original units.
  package func contributions(of season: Int) -> [Double] {
    let n = seasons.count
    let order = seasons[season].order
    guard order > 0 else { return [] }
    func direct(_ m: Int, _ lag: Int) -> Double {
      let coefficients = seasons[m].coefficients
      let before = seasons[((m - lag) % n + n) % n].deviation
      return lag <= coefficients.count && before > 0 ? coefficients[lag - 1] * seasons[m].deviation / before : 0
    }
    var row = (1...order).map { direct(season, $0) }
    var result = [row[0]]
    for i in 1..<max(1, order) {
      let m = ((season - i) % n + n) % n
      row = (0..<(order - i)).map { j in row[0] * direct(m, j + 1) + row[j + 1] }
      result.append(row[0])
    }
    return result
  }

  /// Largest absolute eigenvalue of the model over one cycle of seasons.
  ///
  /// Below 1 the model is stationary.
  package var spectralRadius: Double {
    let order = max(seasons.map(\.order).max() ?? 0, seasons.contains { ($0.annual ?? 0) != 0 } ? 12 : 0)
    guard order > 0 else { return 0 }
    var product = SquareMatrix.identity(order)
    for m in seasons.indices {
      var companion = SquareMatrix(order: order)
      for (index, coefficient) in effectiveCoefficients(of: m, count: order).enumerated() {
        companion[0, index] = coefficient
      }
      for lag in 1..<max(1, order) { companion[lag, lag - 1] = 1 }
      product = companion.multiplied(by: product)
    }
    return product.spectralRadius()
  }

  /// Coefficients in units of the seasons' deviations with the annual mean spread over its twelve values.
  private func effectiveCoefficients(of season: Int, count: Int) -> [Double] {
    let n = seasons.count
    let own = seasons[season]
    return (1...count).map { lag in
      var value = lag <= own.order ? own.coefficients[lag - 1] : 0
      if let annual = own.annual, own.annualMoments.deviation > 0, lag <= 12 {
        value += annual * seasons[((season - lag) % n + n) % n].deviation / own.annualMoments.deviation / 12
      }
      return value
    }
  }

  /// Replaces a season's coefficients and deviation.
  package mutating func replace(season: Int, coefficients: [Double], deviation: Double) {
    seasons[season].coefficients = coefficients
    seasons[season].deviation = deviation
  }

  /// Order of each season by the criterion of Akaike, which the case format does not select by.
  package static func orderByAkaike(_ series: SeasonalSeries, ceiling: Int) -> [Int] {
    let moments = series.values.map { SeasonMoments($0) }
    let correlations = SeasonCorrelations(series, moments: moments, annual: nil, order: ceiling)
    let equations = YuleWalker(correlations: correlations, moments: moments)
    return moments.indices.map { equations.orderByAkaike($0, ceiling: ceiling) }
  }
}
