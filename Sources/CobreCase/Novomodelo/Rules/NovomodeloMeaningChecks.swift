/// Coverage and meaning of a Novomodelo case (rules 4xx to 6xx), on its resolved form.
struct NovomodeloMeaningChecks {
  let context: NovomodeloContext
  let study: StudyCase
  var collector: FindingCollector

  static func check(_ context: NovomodeloContext, _ study: StudyCase, _ collector: inout FindingCollector) {
    var checks = NovomodeloMeaningChecks(context: context, study: study, collector: collector)
    checks.checkCascade()
    checks.checkService()
    checks.checkDeficitSegments()
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

  /// Rules 401 and 501.
  private mutating func checkCascade() {
    if study.buses.isEmpty { report(401, .buses, "buses", "The case has no bus.", "Add one.") }
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
        report(
          501, .hydros, hydros.path(hydro, "downstream_id"), entity: hydros.entity(hydro),
          "The cascade runs in a circle: \(cycle.prefix(20).joined(separator: " → ")).",
          "Set downstream_id of the last plant to null.")
      }
      for hydro in way { marks[hydro] = 2 }
    }
  }

  /// Rule 503.
  private mutating func checkService() {
    for kind in [EntityKind.line, .hydro, .thermal, .nonControllableSource, .pumpingStation, .contract] {
      let registry = context.registry(kind)
      for (index, node) in registry.nodes.enumerated() {
        guard let entry = node["entry_stage_id"].optionalInt, let exit = node["exit_stage_id"].optionalInt,
          entry >= exit
        else { continue }
        collector.report(
          503, file: registry.file, at: registry.path(index, "exit_stage_id"), entity: registry.entity(index),
          value: String(exit), "The element leaves (\(exit)) before it enters (\(entry)).",
          suggestion: "It is in service where entry ≤ stage < exit.")
      }
    }
  }

  /// Rule 505.
  private mutating func checkDeficitSegments() {
    func check(_ node: Node, _ file: NovomodeloFile, _ place: String, _ entity: Finding.Entity?) {
      let segments = node.elements
      for (index, segment) in segments.enumerated() {
        let isLast = index == segments.count - 1
        if segment["depth_mw"].exists == isLast {
          report(
            505, file, "\(place)[\(index)].depth_mw", entity: entity,
            isLast ? "The last segment must be open." : "Only the last segment may be open.",
            isLast ? "Set its depth_mw to null." : "Give a depth.")
        }
        if index > 0, segment["cost"].number <= segments[index - 1]["cost"].number {
          report(
            505, file, "\(place)[\(index)].cost", entity: entity, value: String(segment["cost"].number),
            "Deficit costs must rise from segment to segment.", "Order the segments by cost.")
        }
      }
    }
    check(context.root(.penalties)["bus"]["deficit_segments"], .penalties, "bus.deficit_segments", nil)
    let buses = context.registry(.bus)
    for (index, node) in buses.nodes.enumerated() where node["deficit_segments"].exists {
      check(node["deficit_segments"], .buses, buses.path(index, "deficit_segments"), buses.entity(index))
    }
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
    let thermals = context.registry(.thermal)
    for (index, node) in context.root(.initialConditions)["past_anticipated_commitments"].elements.enumerated() {
      guard let thermal = thermals.index[node["thermal_id"].int], study.thermals[thermal].anticipation == nil else {
        continue
      }
      report(
        629, .initialConditions, "past_anticipated_commitments[\(index)].thermal_id",
        entity: thermals.entity(thermal),
        value: String(thermals.ids[thermal]),
        "The plant is not committed in advance, so that the window has no effect.",
        "Give the plant an anticipated_config, or remove the window.")
    }
    let commitments = CommitmentPlan(study: study)
    checkDeliveries(commitments)
    for problem in commitments.problems {
      report(
        629, .initialConditions, "past_anticipated_commitments",
        entity: context.registry(.thermal).entity(problem.thermal), problem.sentence,
        "Give one window for each delivery that was decided before the study, and no others.")
    }
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

  /// Rule 623: what the study decides for the time after it has limits and a price.
  private mutating func checkDeliveries(_ plan: CommitmentPlan) {
    let registry = context.registry(.thermal)
    for (thermal, deciders) in plan.deciders.enumerated() where study.thermals[thermal].anticipation != nil {
      for delivery in deciders.indices.dropFirst(study.timeline.count) {
        guard case .stage = deciders[delivery], !study.isDeliverable(thermal: thermal, delivery: delivery) else {
          continue
        }
        let position = delivery - study.timeline.count
        report(
          623, .postStudyStages, "thermal_bounds", entity: registry.entity(thermal), value: "stage \(position)",
          "The study decides what plant \(registry.ids[thermal]) delivers in post-study stage \(position), but gives no "
            + "limits and no price for it.",
          "Add an element with this thermal_id and post_study_stage_index.")
      }
    }
  }

  /// Rule 623.
  private mutating func checkPostStudy() {
    let nodes = context.root(.postStudyStages)["stages"].elements
    guard let last = study.stages.last else { return }
    // Hours that are no whole days shift what follows by a part of a day, which dates cannot show.
    var hours = 0.0
    for (index, node) in nodes.enumerated() {
      let expected = Double(last.end.dayNumber) + hours / 24
      if abs(Double(node["start_date"].date.dayNumber) - expected) >= 1 {
        report(
          623, .postStudyStages, "stages[\(index)].start_date", value: node["start_date"].text,
          "The period does not start where the one before ends (\(CalendarDate(dayNumber: Int(expected)))).",
          "Let the periods follow the horizon and each other.")
      }
      hours += node["duration_hours"].number
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
