/// The inflow model of one plant in figures, season by season.
package struct InflowSummary: Sendable, Equatable {
  /// One season, or one stage if the case has no seasons.
  package struct Season: Sendable, Equatable {
    /// Id of the season or stage.
    package var id: Int
    /// m³/s.
    package var mean: Double
    /// m³/s.
    package var deviation: Double
    /// Standardised, lag 1 first.
    package var coefficients: [Double]
    package var annual: Double?
    /// Residual deviation over `deviation`; 1 − its square is the share of the variance that the past explains.
    package var residualRatio: Double
    /// Observations that it was estimated from, or nil for a given model.
    package var observations: Int?
    package var remark: PeriodicFit.Remark?
  }

  /// Index of the plant.
  package let hydro: Int
  package let seasons: [Season]
  /// Whether `seasons` names seasons of the calendar.
  ///
  /// Otherwise stages.
  package let isBySeason: Bool
  /// Largest absolute eigenvalue over one cycle of the seasons.
  ///
  /// Below 1 the model is stationary.
  package let spectralRadius: Double

  /// - Parameters:
  ///   - study: the case.
  ///   - hydro: index of the plant.
  package init(study: StudyCase, hydro: Int) {
    self.hydro = hydro
    isBySeason = study.stages.contains { $0.seasonID != nil }
    let cycle = SeasonCycles(study: study)
    var chosen: [(id: Int, stage: Int)] = []
    var known: Set<Int> = []
    for stage in study.stages.indices {
      let id = isBySeason ? study.inflowSeason(of: stage) : study.stages[stage].id
      if let id, known.insert(id).inserted { chosen.append((id, stage)) }
    }
    if isBySeason { chosen.sort { (cycle.position(of: $0.id) ?? 0, $0.id) < (cycle.position(of: $1.id) ?? 0, $1.id) } }
    let rows = Dictionary(
      grouping: study.autoregressiveCoefficients.filter { $0.hydro == hydro }, by: \.stageID)
    let annual = Dictionary(
      study.annualComponents.filter { $0.hydro == hydro }.map { ($0.stageID, $0) }
    ) { first, _ in first }
    var moments: [SeriesStatistics] = []
    seasons = chosen.map { id, stage in
      let own = study.inflowStatistics(stage: stage, hydro: hydro)
      let stageRows = rows[study.stages[stage].id] ?? []
      let fit = study.inflowEstimate?.season(id, hydro: hydro)
      let component = annual[study.stages[stage].id]
      moments.append(SeriesStatistics(mean: component?.mean ?? 0, deviation: component?.deviation ?? 0))
      return Season(
        id: id, mean: own.mean, deviation: own.deviation, coefficients: stageRows.map(\.coefficient),
        annual: component?.coefficient, residualRatio: stageRows.first?.residualRatio ?? 1,
        observations: fit?.count, remark: fit?.remark)
    }
    spectralRadius = Self.spectralRadius(seasons, annual: moments)
  }

  /// Largest order of any season.
  package var order: Int { seasons.map(\.coefficients.count).max() ?? 0 }

  /// Product of the companion matrices over the seasons in their order.
  private static func spectralRadius(_ seasons: [Season], annual moments: [SeriesStatistics]) -> Double {
    let hasAnnual = seasons.contains { ($0.annual ?? 0) != 0 }
    let order = max(seasons.map(\.coefficients.count).max() ?? 0, hasAnnual ? 12 : 0)
    guard order > 0, order <= 64 else { return 0 }
    var product = SquareMatrix.identity(order)
    for (index, season) in seasons.enumerated() {
      var companion = SquareMatrix(order: order)
      for (lag, coefficient) in season.coefficients.enumerated() { companion[0, lag] = coefficient }
      if let annual = season.annual, moments[index].deviation > 0 {
        for lag in 1...12 {
          let before = seasons[((index - lag) % seasons.count + seasons.count) % seasons.count].deviation
          companion[0, lag - 1] += annual * before / moments[index].deviation / 12
        }
      }
      for lag in 1..<max(1, order) { companion[lag, lag - 1] = 1 }
      product = companion.multiplied(by: product)
    }
    return product.spectralRadius()
  }
}
