/// Refuses what the format allows but the engine does not compute yet (900 and above).
///
/// One function per feature; see `Unavailable` for the list.
struct AvailabilityChecks {
  let context: CaseContext
  let study: StudyCase
  var collector: FindingCollector

  static func check(_ context: CaseContext, _ study: StudyCase, _ collector: inout FindingCollector) {
    var checks = AvailabilityChecks(context: context, study: study, collector: collector)
    checks.checkStages()
    checks.checkOutputs()
    collector = checks.collector
  }

  private mutating func refuse(
    _ code: Int, _ file: CaseFileName, _ location: String = "", entity: Finding.Entity? = nil, value: String? = nil,
    _ message: String, _ suggestion: String? = nil
  ) {
    collector.report(code, file: file, at: location, entity: entity, value: value, message, suggestion: suggestion)
  }

  private mutating func checkStages() {
    let graph = study.graph
    let count = study.stages.count
    if graph.kind == .cyclic, !graph.isCycle(stages: count) {
      refuse(
        916, .stages, "policy_graph.transitions",
        "An infinite horizon is a chain of stages with one arc back from the last one; these transitions branch or leave "
          + "stages out.",
        "List t → t + 1 with probability 1, and one arc from the last stage back.")
    } else if graph.kind == .finiteHorizon, !graph.isForward {
      refuse(
        916, .stages, "policy_graph.transitions",
        "The transitions of a stage have different discount rates, where an override replaces the rate of the stage that "
          + "is left.",
        "Give all transitions of a stage the same annual_discount_rate_override.")
    }
  }

  private mutating func checkOutputs() {
    let configuration = study.configuration
    if study.graph.kind == .cyclic {
      if configuration.upperBound.enabled {
        refuse(
          918, .config, "upper_bound_evaluation.enabled", value: "true",
          "The deterministic upper bound of an infinite horizon is not available yet.", "Set it to false.")
      }
      if configuration.simulation.enabled, configuration.simulation.policyType == .inner {
        refuse(
          918, .config, "simulation.policy_type", value: "inner",
          "The inner policy of an infinite horizon is not available yet.", "Use \"outer\".")
      }
    }
  }
}
