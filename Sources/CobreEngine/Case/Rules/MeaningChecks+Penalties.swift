extension MeaningChecks {
  /// Rules 543 to 547: the usual order of penalties, on entity and global values; one message each.
  mutating func checkPenaltyOrder() {
    let costs = CaseBuilder.entityCosts(context, context.root(.penalties)["hydro"])
    guard !costs.isEmpty else { return }
    let deficit = study.busDeficitSegments.joined().map(\.cost).max() ?? 0
    check(543, costs, "filling_target_violation_cost", { $0.fillingTargetViolation }, "storage_violation_below_cost") {
      $0.storageViolationBelow
    }
    check(544, costs, "storage_violation_below_cost", { $0.storageViolationBelow }, "the largest deficit cost") { _ in
      deficit
    }
    check(545, costs, "the largest deficit cost", { _ in deficit }, "the largest violation cost") {
      $0.violations.max() ?? 0
    }
    check(
      546, costs, "the smallest violation cost", { $0.violations.min() ?? 0 }, "spillage and diversion cost"
    ) { max($0.spillage, $0.diversion) }
    check(547, costs, "spillage and diversion cost", { min($0.spillage, $0.diversion) }, "0") { _ in 0 }
  }

  /// Reports the plants whose left value does not exceed the right one.
  private mutating func check(
    _ code: Int, _ costs: [HydroCosts], _ leftName: String, _ left: (HydroCosts) -> Double, _ rightName: String,
    _ right: (HydroCosts) -> Double
  ) {
    let wrong = costs.indices.filter { left(costs[$0]) <= right(costs[$0]) }
    guard let worst = wrong.max(by: { right(costs[$0]) - left(costs[$0]) < right(costs[$1]) - left(costs[$1]) }) else {
      return
    }
    collector.report(
      code, file: .penalties, at: "hydro", entity: context.registry(.hydro).entity(worst),
      value: "\(left(costs[worst])) ≤ \(right(costs[worst]))",
      "\(leftName.capitalizedFirst) should be above \(rightName) but is not for \(wrong.count) plant(s); the worst is "
        + "hydro \(study.hydros[worst].id).", suggestion: "Check the order of the penalties.")
  }
}

extension HydroCosts {
  /// Costs of operational violations.
  fileprivate var violations: [Double] {
    [
      turbinedViolationBelow, outflowViolationBelow, outflowViolationAbove, generationViolationBelow,
      evaporationViolationAbove, evaporationViolationBelow, withdrawalViolationAbove, withdrawalViolationBelow,
    ]
  }
}
