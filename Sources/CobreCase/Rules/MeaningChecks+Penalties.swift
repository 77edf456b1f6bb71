extension MeaningChecks {
  /// Rules 543 to 547: the usual order of penalties, on entity and global values.
  ///
  /// One message each.
  mutating func checkPenaltyOrder() {
    let costs = HydroCosts.declared(context.registry(.hydro).nodes, penalties: context.root(.penalties)["hydro"])
    guard !costs.isEmpty else { return }
    let deficit = study.busDeficitSegments.joined().map(\.cost).max() ?? 0
    let orders: [Order] = [
      Order(
        code: 543, leftName: "filling_target_violation_cost", left: { $0.fillingTargetViolation },
        rightName: "storage_violation_below_cost", right: { $0.storageViolationBelow }),
      Order(
        code: 544, leftName: "storage_violation_below_cost", left: { $0.storageViolationBelow },
        rightName: "the largest deficit cost", right: { _ in deficit }),
      Order(
        code: 545, leftName: "the largest deficit cost", left: { _ in deficit },
        rightName: "the largest violation cost", right: { $0.violations.max() ?? 0 }),
      Order(
        code: 546, leftName: "the smallest violation cost", left: { $0.violations.min() ?? 0 },
        rightName: "spillage and diversion cost", right: { max($0.spillage, $0.diversion) }),
      Order(
        code: 547, leftName: "spillage and diversion cost", left: { min($0.spillage, $0.diversion) }, rightName: "0",
        right: { _ in 0 }),
    ]
    for order in orders { check(order, costs) }
  }

  /// Two costs of which the left should be larger.
  private struct Order {
    var code: Int
    var leftName: String
    var left: (HydroCosts) -> Double
    var rightName: String
    var right: (HydroCosts) -> Double
  }

  /// Reports the plants whose left value does not exceed the right one.
  private mutating func check(_ order: Order, _ costs: [HydroCosts]) {
    let excess = costs.map { order.right($0) - order.left($0) }
    let wrong = costs.indices.filter { excess[$0] >= 0 }
    guard let worst = wrong.max(by: { excess[$0] < excess[$1] }) else { return }
    collector.report(
      order.code, file: .penalties, at: "hydro", entity: context.registry(.hydro).entity(worst),
      value: "\(order.left(costs[worst])) ≤ \(order.right(costs[worst]))",
      "\(order.leftName.capitalizedFirst) should be above \(order.rightName) but is not for \(wrong.count) plant(s); "
        + "the worst is hydro \(study.hydros[worst].id).", suggestion: "Check the order of the penalties.")
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
