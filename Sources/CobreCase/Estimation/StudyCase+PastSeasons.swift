/// The seasons just before a study in an estimated model that follows the study (`EstimationRule.studySeasons`).
extension StudyCase {
  /// Largest order of each season of each cycle: the order set for the study, less one for each period before it, nil
  /// beyond.
  func orderCeilings(_ cycles: SeasonCycles) -> [[Int?]] {
    let most = max(0, configuration.estimation.maxOrder)
    var known: [Int: Int] = [:]
    for stage in stages.indices {
      if let season = inflowSeason(of: stage) { known[season] = most }
    }
    for (back, season) in pastSeasons(cycles, most) where known[season] == nil { known[season] = most - back }
    return cycles.cycles.map { $0.map { known[$0] } }
  }

  /// Seasons of the periods before the study, by distance from 1.
  ///
  /// Declared periods keep their declared season.
  private func pastSeasons(_ cycles: SeasonCycles, _ count: Int) -> [(back: Int, season: Int)] {
    guard count > 0, let first = inflowSeason(of: 0) else { return [] }
    return (1...count).compactMap { back in
      let declared = preStudyStages.first { $0.id == -back }?.seasonID
      return (declared ?? cycles.season(back, before: first)).map { (back, $0) }
    }
  }

  /// Adds statistics of the periods before the study, and their coefficients, if neither a table nor the study has
  /// their season.
  ///
  /// Statistics reach as far back as any lag. Novomodelo stops at the largest order, so in a study shorter than a year
  /// its annual mean lacks some months.
  mutating func fitPast(_ estimate: InflowEstimate, takesCoefficients: Bool) {
    let most = max(0, configuration.estimation.maxOrder)
    let longest = configuration.estimation.orderSelection == .pacfAnnual ? max(most, 12) : most
    let inStudy = Set(stages.indices.compactMap { inflowSeason(of: $0) })
    let past = pastSeasons(estimate.cycles, longest).filter { !inStudy.contains($0.season) }
    let given = Set(preStudyStatistics.map { HydroStage(hydro: $0.hydro, stage: $0.stageID) })
    for hydro in hydros.indices {
      for (back, season) in past {
        guard let fit = estimate.season(season, hydro: hydro) else { continue }
        if !given.contains(HydroStage(hydro: hydro, stage: -back)) {
          preStudyStatistics.append(
            PreStudyStatistics(
              hydro: hydro, stageID: -back, statistics: SeriesStatistics(mean: fit.mean, deviation: fit.deviation)))
        }
        if takesCoefficients, back <= most { append(fit, hydro: hydro, stageID: -back, deviation: fit.deviation) }
      }
    }
    preStudyStatistics.sort { ($0.hydro, $0.stageID) < ($1.hydro, $1.stageID) }
    autoregressiveCoefficients.sort { ($0.hydro, $0.stageID, $0.lag) < ($1.hydro, $1.stageID, $1.lag) }
    annualComponents.sort { ($0.hydro, $0.stageID) < ($1.hydro, $1.stageID) }
  }
}
