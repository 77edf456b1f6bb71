internal import CobreBase

extension MeaningChecks {
  /// Rules 519, 520, 549 and 550.
  mutating func checkGraph() {
    let explicit = !context.root(.stages)["policy_graph"]["transitions"].elements.isEmpty
    let sums = Dictionary(grouping: study.graph.transitions, by: \.source).mapValues {
      $0.reduce(0) { $0 + $1.probability }
    }
    if explicit {
      for (source, sum) in sums.sorted(by: { $0.key < $1.key }) where abs(sum - 1) > 1e-6 {
        collector.report(
          519, file: .stages, at: "policy_graph.transitions", entity: context.stages.entity(source),
          value: String(sum), "The probabilities from stage \(study.stages[source].id) sum to \(sum), not 1.")
      }
    }
    for stage in study.graph.stagesOfSeveralRates {
      collector.report(
        550, file: .stages, at: "policy_graph.transitions", entity: context.stages.entity(stage),
        "The transitions of stage \(study.stages[stage].id) have different discount rates, where an override replaces the "
          + "rate of the stage that is left.",
        suggestion: "Give all transitions of a stage the same annual_discount_rate_override.")
    }
    let backward = study.graph.transitions.first { $0.target <= $0.source }
    switch study.graph.kind {
    case .finiteHorizon:
      guard let backward else { return }
      collector.report(
        520, file: .stages, at: "policy_graph.transitions",
        value: "\(study.stages[backward.source].id) → \(study.stages[backward.target].id)",
        "A finite horizon has no transition back.", suggestion: "Set type to \"cyclic\", or remove the transition.")
    case .cyclic:
      if backward == nil {
        collector.report(
          520, file: .stages, at: "policy_graph.transitions", "A cyclic graph needs a transition back.",
          suggestion: "Add a transition from the last stage to an earlier one.")
      } else if !study.graph.isCycle(stages: study.stages.count) {
        collector.report(
          549, file: .stages, at: "policy_graph.transitions",
          "An infinite horizon is a chain of stages with one arc back from the last one; these transitions branch or leave "
            + "stages out.",
          suggestion: "List t → t + 1 with probability 1, and one arc from the last stage back.")
      }
      if study.graph.annualDiscountRate <= 0 {
        collector.report(
          520, file: .stages, at: "policy_graph.annual_discount_rate", value: String(study.graph.annualDiscountRate),
          "A cyclic graph needs a discount rate above 0.")
      } else if let start = study.graph.cycleStart(stages: study.stages.count),
        (start..<study.stages.count).allSatisfy({ study.discountFactor(stage: $0) >= 1 })
      {
        collector.report(
          520, file: .stages, at: "policy_graph.transitions", "The overrides leave the whole cycle without a discount.",
          suggestion: "Give one transition of the cycle an annual_discount_rate_override above 0.")
      }
    }
  }

  /// Rules 521 and 522.
  mutating func checkCalendar() {
    // Stages of a branching graph may lie side by side in time.
    let leading = Dictionary(grouping: study.graph.transitions.filter { $0.source < $0.target }, by: \.target)
      .mapValues { $0.map(\.source) }
    for (index, stage) in study.stages.enumerated() {
      let length = Double(stage.days) * 24
      if abs(stage.hours - length) > 1e-6 * length {
        collector.report(
          521, file: .stages, at: context.stages.path(index, "blocks"), entity: context.stages.entity(index),
          value: "\(stage.hours) h",
          "The blocks have \(stage.hours) h, the stage \(length) h; those of the blocks are used.",
          suggestion: "Make the hours sum to \(length).")
      }
      let before = (leading[index] ?? []).first { study.stages[$0].end != stage.start }
      if let before {
        collector.report(
          522, file: .stages, at: context.stages.path(index, "start_date"), entity: context.stages.entity(index),
          value: stage.start.description,
          "The stage starts on \(stage.start) but stage \(study.stages[before].id), which leads to it, ends on "
            + "\(study.stages[before].end).", suggestion: "Let each stage start when those that lead to it end.")
      }
    }
  }

  /// Rules 523 to 525.
  mutating func checkSeasons() {
    // Shortest and longest stage of each season so far.
    var extremes: [Int: (shortest: Int, longest: Int)] = [:]
    var reported: Set<Int> = []
    for (index, stage) in study.stages.enumerated() {
      guard let season = stage.seasonID else { continue }
      guard let known = extremes[season] else {
        extremes[season] = (index, index)
        continue
      }
      let (least, most) = (study.stages[known.shortest].days, study.stages[known.longest].days)
      if stage.days < least { extremes[season]?.shortest = index }
      if stage.days > most { extremes[season]?.longest = index }
      let earlier = stage.days - least > most - stage.days ? known.shortest : known.longest
      let difference = abs(stage.days - study.stages[earlier].days)
      if difference > 7, reported.insert(season).inserted {
        collector.report(
          523, file: .stages, at: context.stages.path(index, "season_id"), entity: context.stages.entity(index),
          value: "\(stage.days) days",
          "Stages \(study.stages[earlier].id) and \(stage.id) share season \(season) but differ by \(difference) days.",
          suggestion: "Give stages of another length seasons of their own.")
      }
    }
    guard let seasons = study.seasons else { return }
    let expected = [SeasonCycle.monthly: 12, .weekly: 52][seasons.cycle]
    if let expected, seasons.seasons.count != expected {
      collector.report(
        524, file: .stages, at: "season_definitions.seasons", value: "\(seasons.seasons.count) seasons",
        "A \(seasons.cycle.rawValue) cycle has \(expected) seasons.", suggestion: "Define all of them.")
    }
    for (index, stage) in study.stages.enumerated() {
      // Seasons may overlap, such as months and quarters.
      guard let season = stage.seasonID, let found = seasons.season(of: stage.start),
        !seasons.seasons(of: stage.start).contains(season)
      else { continue }
      collector.report(
        524, file: .stages, at: context.stages.path(index, "season_id"), entity: context.stages.entity(index),
        value: String(season), "The stage starts on \(stage.start), which lies in season \(found).",
        suggestion: "Set season_id to \(found).")
    }
    let used = Set(study.stages.compactMap(\.seasonID))
    for season in seasons.seasons where !used.contains(season.id) {
      collector.report(
        525, file: .stages, at: "season_definitions.seasons", value: String(season.id),
        "No stage uses season \(season.id) (\(season.label.printable(limit: 40))).")
    }
  }
}

extension SeasonDefinitions {
  /// The season of a date by the calendar rule of the cycle, or nil if none covers it.
  package func season(of date: CalendarDate) -> Int? { seasons(of: date).first }

  /// Ids of all seasons of a date, ascending: custom seasons may overlap, such as months and quarters.
  package func seasons(of date: CalendarDate) -> [Int] {
    switch cycle {
    case .monthly: return seasons.first { $0.monthStart == date.month }.map { [$0.id] } ?? []
    case .weekly:
      let id = min(date.isoWeek, 52) - 1
      return seasons.contains { $0.id == id } ? [id] : []
    case .custom:
      let day = (date.month, date.day)
      return seasons.filter { season in
        let start = (season.monthStart, season.dayStart)
        let end = (season.monthEnd, season.dayEnd)
        return start <= end ? start <= day && day <= end : start <= day || day <= end
      }.map(\.id)
    }
  }
}
