/// A place of a case that asks for windows of the inflow history.
struct HistoryUse {
  let file: CaseFileName
  /// The value that asks.
  let path: String
  /// The first years that it allows.
  let years: ScenarioSource.HistoricalYears
  /// The value that chooses them, where there is one.
  let yearsPath: String?

  static let advice = "Give a history that covers at least one window."

  /// The first stage whose openings are past residuals, then training and simulation.
  static func all(_ study: StudyCase, _ context: CaseContext) -> [HistoryUse] {
    var uses: [HistoryUse] = []
    if let stage = study.stages.firstIndex(where: { $0.samplingMethod == .historicalResiduals }) {
      uses.append(
        HistoryUse(
          file: .stages, path: context.stages.path(stage, "sampling_method"), years: .all, yearsPath: nil))
    }
    let configuration = study.configuration
    for (section, source) in [
      ("training", configuration.training.scenarioSource), ("simulation", configuration.simulation.scenarioSource),
    ] where source.inflow == .historical && context.root(.config)[section]["scenario_source"].exists {
      uses.append(
        HistoryUse(
          file: .config, path: "\(section).scenario_source.inflow.scheme", years: source.historicalYears,
          yearsPath: "\(section).scenario_source.historical_years"))
    }
    return uses
  }
}
