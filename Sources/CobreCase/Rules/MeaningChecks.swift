/// Layer 5: meaning (rules 501 to 568).
struct MeaningChecks {
  let context: CaseContext
  /// As the files give it.
  let study: StudyCase
  var given: GivenCase
  var collector: FindingCollector

  static func check(_ context: CaseContext, _ given: inout GivenCase, _ collector: inout FindingCollector) {
    let study = given.tables
    var checks = MeaningChecks(context: context, study: study, given: given, collector: collector)
    ElementChecks.checkCascade(study, context.registry(.hydro), &checks.collector)
    checks.checkLimits()
    ElementChecks.checkService(
      [.line, .hydro, .thermal, .nonControllableSource, .pumpingStation, .contract, .battery], context,
      &checks.collector)
    checks.checkVolumes()
    ElementChecks.checkDeficitSegments(
      context.root(.penalties), file: CaseFileName.penalties.path, context.registry(.bus), &checks.collector)
    checks.checkFilling()
    checks.checkGeometry()
    checks.checkProduction()
    checks.checkConnections()
    checks.checkBatteries()
    checks.checkPrices()
    checks.checkOperatingRules()
    checks.checkIgnoredRows()
    checks.checkGraph()
    checks.checkCalendar()
    checks.checkSeasons()
    checks.checkInflowModel()
    checks.checkStationarity()
    checks.checkObservations()
    checks.checkCorrelation()
    checks.checkProbabilities()
    checks.checkOpeningCase()
    checks.checkRunSizes()
    // With the inflow model, which only fits into memory where sizes do.
    checks.checkWindows()
    checks.checkSampleSizes()
    checks.checkPenaltyOrder()
    checks.checkDiversions()
    checks.checkInflowRecursion()
    collector = checks.collector
    given = checks.given
    PlausibilityChecks.check(study, places(context), &collector)
  }

  private static func places(_ context: CaseContext) -> PlausibilityChecks.Places {
    func path(_ file: CaseFileName, _ isThere: Bool) -> String? { isThere ? file.path : nil }
    return PlausibilityChecks.Places(
      registry: { context.registry($0) },
      loadStatistics: path(.loadSeasonalStats, context.table(.loadSeasonalStats) != nil),
      inflowStatistics: path(.inflowSeasonalStats, context.table(.inflowSeasonalStats) != nil),
      loadFactors: path(.loadFactors, context.documents.json[.loadFactors] != nil),
      productivity: {
        (CaseFileName.hydros.path, context.registry(.hydro).path($0, "generation.productivity_mw_per_m3s"))
      },
      penalties: HydroCosts.declared(context.registry(.hydro).nodes, penalties: context.root(.penalties)["hydro"]))
  }
}
