internal import CobreBase

/// Layer 4: coverage and dimensions (rules 401 to 425).
struct CoverageChecks {
  let context: CaseContext
  let study: StudyCase
  var collector: FindingCollector

  static func check(_ context: CaseContext, _ study: StudyCase, _ collector: inout FindingCollector) {
    var checks = CoverageChecks(context: context, study: study, collector: collector)
    checks.checkCounts()
    checks.checkStatistics()
    checks.checkOpenings()
    checks.checkNoiseOpenings()
    checks.checkExternals()
    checks.checkTableSizes()
    checks.checkCorrelation()
    checks.checkHydros()
    checks.checkInflowModel()
    checks.checkOthers()
    collector = checks.collector
  }

  /// Rules 401 and 402.
  private mutating func checkCounts() {
    if study.buses.isEmpty {
      collector.report(401, file: .buses, at: "buses", "There is no bus.", suggestion: "Add at least one bus.")
    }
    if study.stages.count < 2 {
      collector.report(
        401, file: .stages, at: "stages", value: "\(study.stages.count) stages",
        "There must be at least two study stages.", suggestion: "Add a stage.")
    }
    for (index, stage) in study.stages.enumerated() where stage.id != index {
      collector.report(
        402, file: .stages, at: context.stages.path(index, "id"), entity: context.stages.entity(index),
        value: String(stage.id), "Stage ids must be 0…\(study.stages.count - 1); \(index) is missing.",
        suggestion: "Number the stages without gaps.")
      break
    }
    let count = study.preStudyStages.count
    for (index, stage) in study.preStudyStages.enumerated() where stage.id != index - count {
      collector.report(
        402, file: .stages, at: "pre_study_stages", value: String(stage.id),
        "Pre-study ids must be −\(count)…−1 without gaps.")
      break
    }
  }

  /// Rules 403 to 405.
  private mutating func checkStatistics() {
    let study = study
    checkEveryRow(403, .inflowSeasonalStats, "hydro_id", .hydro) { study.exists(stage: $1, hydro: $0) }
    checkEveryRow(404, .loadSeasonalStats, "bus_id", .bus) { _, _ in true }
    let hasLoad = [CaseFileName.loadSeasonalStats, .loadOpenings].contains { context.table($0) != nil }
    if !hasLoad {
      collector.report(
        405, file: .loadSeasonalStats, "No file gives a load, so the load is 0 everywhere.",
        suggestion: "Add scenarios/load_seasonal_stats.csv.")
    }
  }

  private mutating func checkEveryRow(
    _ code: Int, _ file: CaseFileName, _ key: String, _ kind: EntityKind, _ isNeeded: (Int, Int) -> Bool
  ) {
    guard let table = context.table(file) else { return }
    let registry = context.registry(kind)
    let stageCount = study.stages.count
    var isPresent = [Bool](repeating: false, count: registry.count * stageCount)
    for (_, entity, stage) in context.rows(table, key, kind) { isPresent[entity * stageCount + stage] = true }
    for entity in 0..<registry.count {
      let missing = (0..<stageCount).filter { isNeeded(entity, $0) && !isPresent[entity * stageCount + $0] }
      guard let first = missing.first else { continue }
      collector.report(
        code, file: file, at: "column stage_id", entity: registry.entity(entity),
        value: "stage \(study.stages[first].id)",
        "\(registry.kind.words.capitalizedFirst) \(registry.ids[entity]) has no row for stage \(study.stages[first].id)"
          + (missing.count > 1 ? " and \(missing.count - 1) other stages." : "."),
        suggestion: file == .inflowSeasonalStats && context.table(.inflowHistory) != nil
          ? "Add a row per stage, or remove the file: the inflow model is then estimated from inflow_history.csv."
          : "Add a row per stage.")
    }
  }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
