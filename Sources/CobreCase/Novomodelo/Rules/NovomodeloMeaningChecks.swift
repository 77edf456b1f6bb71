/// Coverage and meaning of a Novomodelo case (rules 4xx to 6xx), on its resolved form.
struct NovomodeloMeaningChecks {
  let context: NovomodeloContext
  /// As the files give it.
  let study: StudyCase
  var given: GivenCase
  var collector: FindingCollector

  static func check(_ context: NovomodeloContext, _ given: inout GivenCase, _ collector: inout FindingCollector) {
    let study = given.tables
    var checks = NovomodeloMeaningChecks(context: context, study: study, given: given, collector: collector)
    checks.checkBuses()
    ElementChecks.checkCascade(study, checks.hydros, &checks.collector)
    ElementChecks.checkService(
      [.line, .hydro, .thermal, .nonControllableSource, .pumpingStation, .contract], context, &checks.collector)
    ElementChecks.checkDeficitSegments(
      context.root(.penalties), file: NovomodeloFile.penalties.path, context.registry(.bus), &checks.collector)
    checks.checkLimits()
    checks.checkBlockRows()
    checks.checkHydroBounds()
    checks.checkGroupBounds()
    checks.checkVolumes()
    checks.checkFilling()
    checks.checkUnitGroups()
    checks.checkCurves()
    checks.checkProductivities()
    checks.checkPlanes()
    checks.checkFits()
    checks.checkStages()
    checks.checkNodes()
    checks.checkStatistics()
    checks.checkEstimation()
    checks.checkExternals()
    checks.checkOpenings()
    checks.checkCorrelation()
    checks.checkPostStudy()
    checks.checkPast()
    checks.checkConventions()
    checks.checkNoise()
    checks.checkTruncation()
    collector = checks.collector
    given = checks.given
    PlausibilityChecks.check(study, checks.places, &collector)
  }

  mutating func report(
    _ code: Int, severity: Finding.Severity? = nil, _ file: NovomodeloFile, _ location: String,
    entity: Finding.Entity? = nil, value: String? = nil, _ message: String, _ suggestion: String? = nil
  ) {
    collector.report(
      code, severity, file: file.path, at: location, entity: entity, value: value, message, suggestion: suggestion)
  }

  private var places: PlausibilityChecks.Places {
    let context = context
    func table(_ file: NovomodeloFile) -> String? { context.table(file) == nil ? nil : file.path }
    let isModelled = context.documents.json[.productionModels] != nil
    let isFactored = context.documents.json[.loadFactors] != nil
    return PlausibilityChecks.Places(
      registry: { context.registry($0) }, loadStatistics: table(.loadSeasonalStats),
      inflowStatistics: table(.inflowSeasonalStats),
      loadFactors: isFactored ? NovomodeloFile.loadFactors.path : nil,
      productivity: {
        isModelled
          ? (NovomodeloFile.productionModels.path, "production_models")
          : (NovomodeloFile.hydros.path, context.registry(.hydro).path($0, "generation"))
      },
      penalties: study.stages.isEmpty ? [] : study.hydros.indices.map { study.costs(stage: 0, hydro: $0) })
  }

  var hydros: Registry { context.registry(.hydro) }

  /// Rule 401.
  private mutating func checkBuses() {
    if study.buses.isEmpty { report(401, .buses, "buses", "The case has no bus.", "Add one.") }
  }

  /// Rule 611, and 521 and 522 on the calendar.
  private mutating func checkStages() {
    checkSeasonLengths()
    let seasons = study.seasons
    for (index, node) in context.stages.nodes.enumerated() {
      let stage = study.stages[index]
      // A stage shorter than its season, such as a week in a month, may count in the season before or after.
      let isWhole = seasons?.cycle != .monthly || stage.days >= 25
      if isWhole, let declared = node["season_id"].optionalInt, let derived = seasons?.onlySeason(of: stage.start),
        declared != derived
      {
        report(
          611, .stages, context.stages.path(index, "season_id"), entity: context.stages.entity(index),
          value: String(declared), "Stage \(node["id"].int) starts in season \(derived), not \(declared).",
          "Remove season_id, or correct the dates or the season map.")
      }
      if abs(stage.hours - Double(stage.days) * 24) > 1e-6 * stage.hours {
        report(
          521, .stages, context.stages.path(index, "blocks"), entity: context.stages.entity(index),
          value: String(stage.hours),
          "The blocks last \(stage.hours) h, the days of the stage \(stage.days * 24) h; the blocks count.")
      }
      if index > 0, study.stages[index - 1].end != stage.start {
        report(
          522, .stages, context.stages.path(index, "start_date"), entity: context.stages.entity(index),
          value: stage.start.description,
          "The stage does not start on the day the previous one ends (\(study.stages[index - 1].end)).")
      }
    }
  }

  /// Rule 622: with a lead beyond the study no stage of it decides on another one, which is refused there.
  ///
  /// Stages after the study may be decided in it, and then any lead is taken.
  private mutating func checkLeads() {
    guard study.postStudyStages.isEmpty else { return }
    let registry = context.registry(.thermal)
    let hours = study.timeline.reduce(0) { $0 + study.stages[$1].hours }
    for (index, thermal) in study.thermals.enumerated() {
      let sentence: String
      switch thermal.anticipation {
      case .stages(let lead) where lead > study.timeline.count:
        sentence = "The lead of \(lead) stages is longer than the study, which has \(study.timeline.count)."
      case .hours(let lead) where lead > hours:
        sentence = "The lead of \(lead) h is longer than the study, which has \(hours) h."
      default: continue
      }
      report(
        622, .thermals, registry.path(index, "anticipated_config"), entity: registry.entity(index), sentence,
        "Shorten the lead, or give the committed power as the plant's limits and leave anticipated_config out.")
    }
  }

  /// Rule 629: what the study needs of the time before it.
  private mutating func checkPast() {
    // Water cannot be followed downstream in a circle.
    guard !collector.findings.contains(where: { $0.code == 501 }) else { return }
    checkLeads()
    checkArrivals()
    checkObservations()
    checkCommitments()
    for problem in TransitPlan(study: study).problems {
      report(
        629, .initialConditions, "past_defluences", entity: hydros.entity(problem.hydro), problem.sentence,
        "Give the outflows of the time that the water is on its way.")
    }
  }

  /// Rule 629: observations are of the time before the study.
  private mutating func checkObservations() {
    guard let first = study.timeline.first else { return }
    let start = study.stages[first].start
    for (index, node) in context.root(.initialConditions)["recent_observations"].elements.enumerated()
    where node["end_date"].date > start {
      report(
        629, .initialConditions, "recent_observations[\(index)].end_date",
        entity: hydros.index[node["hydro_id"].int].map { hydros.entity($0) }, value: node["end_date"].text,
        "The window lasts beyond the start of the study on \(start).",
        "End it on that day at the latest; the inflows of the study come from its model.")
    }
  }

  /// Rule 623.
  private mutating func checkPostStudy() {
    let nodes = context.root(.postStudyStages)["stages"].elements
    guard let last = study.stages.last else { return }
    // Hours that are no whole days end with the nearest day, as there.
    var expected = last.end
    for (index, node) in nodes.enumerated() {
      let stage = PostStudyStage(start: node["start_date"].date, hours: node["duration_hours"].number)
      if stage.start != expected {
        report(
          623, .postStudyStages, "stages[\(index)].start_date", value: node["start_date"].text,
          "The period does not start where the one before ends (\(expected)).",
          "Let the periods follow the horizon and each other.")
      }
      if stage.wholeDays == 0 {
        report(
          623, .postStudyStages, "stages[\(index)].duration_hours", value: String(stage.hours),
          "The period is shorter than half a day.", "Give it a day or more.")
      }
      expected = CalendarDate(dayNumber: stage.start.dayNumber + stage.wholeDays)
    }
    var known: Set<[Int]> = []
    for (index, node) in context.root(.postStudyStages)["thermal_bounds"].elements.enumerated() {
      let place = "thermal_bounds[\(index)]"
      if !known.insert([node["thermal_id"].int, node["post_study_stage_index"].int]).inserted {
        report(
          207, .postStudyStages, place, value: "\(node["thermal_id"].int), \(node["post_study_stage_index"].int)",
          "The plant has limits for this post-study stage already.", "Keep one element for each plant and stage.")
      }
      if !nodes.indices.contains(node["post_study_stage_index"].int) {
        report(
          623, .postStudyStages, "\(place).post_study_stage_index", value: String(node["post_study_stage_index"].int),
          "There is no post-study stage at this position.", "Positions are 0…\(max(0, nodes.count - 1)).")
      }
      if node["min_mw"].number > node["max_mw"].number {
        report(
          502, .postStudyStages, "\(place).min_mw", value: String(node["min_mw"].number),
          "The minimum is above the maximum.", "Lower the minimum or raise the maximum.")
      }
    }
  }
}
