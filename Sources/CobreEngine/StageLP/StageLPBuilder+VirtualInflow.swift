package import CobreCase

extension StudyCase {
  /// Whether the virtual inflow of a plant is at most what its inflow lacks to reach 0.
  ///
  /// Without lags the inflow of an opening is a number, so the bound is one too. With lags it would be kinked in the
  /// state, and cuts would not be valid. Where the model may require water that does not exist, the virtual inflow
  /// stays free, since otherwise the LP would have no solution. This concerns a minimum storage above an earlier one, a
  /// pump that must run, and generic constraints without slack.
  ///
  /// - Parameters:
  ///   - stage: position of the stage.
  ///   - hydro: index of the plant.
  ///   - process: where lags come from.
  /// - Returns: false also for cases without a virtual inflow.
  package func limitsVirtualInflow(stage: Int, hydro: Int, process: InflowProcess) -> Bool {
    guard configuration.inflowMethod.hasSlack, conventions.limitsVirtualInflow,
      process.coefficients(stage: stage, hydro: hydro).isEmpty,
      !genericConstraints.contains(where: { $0.slackPenalty == nil })
    else { return false }
    let least = limits(stage: stage, hydro: hydro).minStorage
    let rises =
      hydros[hydro].filling == nil
      && (hydros[hydro].initialStorage < least
        || stages.indices.contains { limits(stage: $0, hydro: hydro).minStorage < least })
    let feedsPump = pumpingStations.indices.contains {
      pumpingStations[$0].sourceHydro == hydro && exists(stage: stage, pump: $0)
        && limits(stage: stage, pump: $0).minFlow > 0
    }
    // The inflow of a plant out of service flows on to another plant, which then has two.
    let isAlone = hydros.indices.allSatisfy { $0 == hydro || isPresent(stage: stage, hydro: $0) }
    return !rises && !feedsPump && isAlone
  }
}

extension StageLPBuilder {
  /// Closes the virtual inflows that are limited.
  ///
  /// `virtualInflows` opens them by what an opening misses.
  mutating func limitVirtualInflows(_ study: StudyCase, stage: Int, process: InflowProcess, layout: StageLPLayout) {
    for (hydro, column) in layout.virtualInflow.enumerated() {
      guard let column, study.limitsVirtualInflow(stage: stage, hydro: hydro, process: process) else { continue }
      close(column: column)
    }
  }

  /// The limited virtual inflows that some opening, or other noise, needs.
  static func virtualInflows(
    _ study: StudyCase, stage: Int, process: InflowProcess, openings: StageOpenings, layout: StageLPLayout,
    takesSamples: Bool
  ) -> [StageLPTemplate.InflowTruncation] {
    layout.virtualInflow.enumerated().compactMap { hydro, column in
      guard let column, study.limitsVirtualInflow(stage: stage, hydro: hydro, process: process) else { return nil }
      let innovations = (0..<openings.count).map { openings.inflows[$0 * process.layout.hydros + hydro] }
      guard takesSamples || innovations.contains(where: { $0 < 0 }) else { return nil }
      return StageLPTemplate.InflowTruncation(
        hydro: hydro, innovations: innovations, lags: [], rows: [], column: column)
    }
  }
}
