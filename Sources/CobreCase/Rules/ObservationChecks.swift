/// Rules on the history of inflows that a model is estimated from, in both formats.
enum ObservationChecks {
  /// Rules 531 to 534.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - registry: its hydro plants.
  ///   - file: path of the history.
  ///   - collector: takes the findings.
  static func check(
    _ study: StudyCase, _ registry: Registry, file: String, _ collector: inout FindingCollector
  ) {
    guard case .estimated = study.inflowModelSource, let seasons = study.seasons else { return }
    var counts: [Int: [Int: [Int: Int]]] = [:]
    for observation in study.inflowHistory {
      for season in seasons.seasons(of: observation.date) {
        // A winter, or the first week of a year, belongs to one year even if the observation is dated in another.
        let year = seasons.year(ofSeason: season, at: observation.date)
        counts[observation.hydro, default: [:]][season, default: [:]][year, default: 0] += 1
      }
    }
    let least = study.configuration.estimation.minObservationsPerSeason
    let isExternal = study.configuration.training.scenarioSource.inflow == .external
    let observed = Set(counts.values.flatMap(\.keys))
    for season in seasons.seasons where !observed.contains(season.id) && !isExternal {
      collector.report(
        532, file: file, value: String(season.id), "Season \(season.id) has no observation.")
    }
    for (hydro, bySeason) in counts.sorted(by: { $0.key < $1.key }) {
      let entity = registry.entity(hydro)
      let small = seasons.seasons.map(\.id).filter { observed.contains($0) && (bySeason[$0]?.count ?? 0) < least }
      if let season = small.first {
        collector.report(
          531, file: file, entity: entity, value: "\(bySeason[season]?.count ?? 0) observations",
          "Hydro \(study.hydros[hydro].id) has fewer than \(least) observations in season \(season)"
            + (small.count > 1 ? " and \(small.count - 1) others." : "."))
      }
      if bySeason.values.contains(where: { $0.values.contains { $0 > 1 } }) {
        collector.report(
          533, file: file, entity: entity,
          "Hydro \(study.hydros[hydro].id) has several observations per season and year; they are averaged.")
      }
      let years = bySeason.values.flatMap(\.keys)
      guard let firstYear = years.min(), let lastYear = years.max(), lastYear - firstYear > 1 else { continue }
      // Years without any observation lack all their seasons.
      let gaps = ((firstYear + 1)..<lastYear).flatMap { year in
        seasons.seasons.filter { bySeason[$0.id]?[year] == nil }.map { (year: year, season: $0.id) }
      }
      guard let gap = gaps.first else { continue }
      let isCoarse = 2 * gaps.count > (lastYear - firstYear - 1) * seasons.seasons.count
      let others = gaps.count == 1 ? "" : " and \(gaps.count - 1) other\(gaps.count == 2 ? "" : "s")"
      collector.report(
        534, file: file, entity: entity, value: "year \(gap.year), season \(gap.season)",
        "Hydro \(study.hydros[hydro].id) has no observation of season \(gap.season) in \(gap.year)\(others).",
        suggestion: isCoarse
          ? "The history is coarser than the seasons: give a value for each season, or define longer seasons."
          : "Add the missing row\(gaps.count == 1 ? "" : "s"), or let the history begin after "
            + "\(gaps.last?.year ?? gap.year).")
    }
  }
}
