/// Deliveries of thermal plants that are decided in advance: what was committed before the study, and what it decides.
extension NovomodeloMeaningChecks {
  /// Rules 623, 626 and 629.
  mutating func checkCommitments() {
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
    checkCommittedPower()
    let commitments = CommitmentPlan(study: study)
    checkDeliveries(commitments)
    for problem in commitments.problems {
      report(
        629, .initialConditions, "past_anticipated_commitments",
        entity: context.registry(.thermal).entity(problem.thermal), problem.sentence,
        "Give one window for each delivery that was decided before the study, and no others.")
    }
    if let split = commitments.split.first {
      report(
        626, .initialConditions, "past_anticipated_commitments", entity: thermals.entity(split.thermal),
        value: "stage \(study.stages[study.timeline[split.delivery]].id)",
        "Several past commitments share a stage. Novomodelo then delivers nothing there; Cobre delivers their mean by days.",
        "Give one window for each stage.")
    }
  }

  /// Rule 629: what was committed before the study is within the limits of the plant where it is delivered, and 0 out of
  /// service.
  private mutating func checkCommittedPower() {
    let registry = context.registry(.thermal)
    guard let horizon = study.timeline.last.map({ study.stages[$0].end }) else { return }
    for (index, node) in context.root(.initialConditions)["past_anticipated_commitments"].elements.enumerated() {
      guard let thermal = registry.index[node["thermal_id"].int], study.thermals[thermal].anticipation != nil else {
        continue
      }
      let (start, end, power) = (node["start_date"].date, node["end_date"].date, node["value_mw"].number)
      let stages = study.timeline.filter { study.stages[$0].start < end && study.stages[$0].end > start }
      if power != 0, let stage = stages.first(where: { !study.exists(stage: $0, thermal: thermal) }) {
        report(
          629, .initialConditions, "past_anticipated_commitments[\(index)].value_mw", entity: registry.entity(thermal),
          value: String(power),
          "The plant is out of service in stage \(study.stages[stage].declaredID ?? study.stages[stage].id), so that the "
            + "commitment cannot be met.",
          "Commit 0 MW for that stage, or change entry_stage_id or exit_stage_id.")
        continue
      }
      var limits = stages.filter { study.exists(stage: $0, thermal: thermal) }.map { stage in
        let limits = study.limits(stage: stage, thermal: thermal)
        return (least: limits.minGeneration, most: limits.maxGeneration)
      }
      if end > horizon {
        let generation = registry.nodes[thermal]["generation"]
        limits.append((generation["min_mw"].number, generation["max_mw"].number))
      }
      guard let broken = limits.first(where: { power < $0.least || power > $0.most }) else { continue }
      report(
        629, .initialConditions, "past_anticipated_commitments[\(index)].value_mw", entity: registry.entity(thermal),
        value: String(power),
        "The plant delivers \(broken.least) to \(broken.most) MW then, so that the commitment cannot be "
          + "met.", "Commit what the plant can deliver.")
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
}
