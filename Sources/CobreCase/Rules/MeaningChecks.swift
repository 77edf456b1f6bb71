/// Layer 5: meaning (rules 501 to 566).
struct MeaningChecks {
  let context: CaseContext
  let study: StudyCase
  var collector: FindingCollector

  static func check(_ context: CaseContext, _ study: StudyCase, _ collector: inout FindingCollector) {
    var checks = MeaningChecks(context: context, study: study, collector: collector)
    checks.checkCascade()
    checks.checkLimits()
    checks.checkService()
    checks.checkVolumes()
    checks.checkDeficitSegments()
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
    checks.checkSampleSizes()
    checks.checkRunSizes()
    checks.checkPenaltyOrder()
    checks.checkDiversions()
    checks.checkInflowRecursion()
    collector = checks.collector
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
      penalties: CaseBuilder.entityCosts(context, context.root(.penalties)["hydro"]))
  }

  /// Rule 501.
  private mutating func checkCascade() {
    let registry = context.registry(.hydro)
    // 0 = not seen, 1 = on the way down from the current start, 2 = leads out of the system.
    var marks = [Int](repeating: 0, count: study.hydros.count)
    for start in study.hydros.indices where marks[start] == 0 {
      var way: [Int] = []
      var current: Int? = start
      while let hydro = current, marks[hydro] == 0 {
        marks[hydro] = 1
        way.append(hydro)
        current = study.hydros[hydro].downstream
      }
      if let hydro = current, marks[hydro] == 1, let entry = way.firstIndex(of: hydro) {
        let cycle = (way[entry...] + [hydro]).map { String(study.hydros[$0].id) }
        collector.report(
          501, file: .hydros, at: registry.path(hydro, "downstream_id"), entity: registry.entity(hydro),
          value: String(study.hydros[hydro].downstream.map { study.hydros[$0].id } ?? 0),
          "The cascade runs in a circle: \(cycle.prefix(20).joined(separator: " → ")).",
          suggestion: "Set downstream_id of the last plant to null.")
      }
      for hydro in way { marks[hydro] = 2 }
    }
  }
}
