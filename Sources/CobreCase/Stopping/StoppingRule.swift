/// One rule for when training ends, of any kind.
package struct StoppingRule: Sendable, Equatable {
  package let condition: any StoppingCondition

  package init(_ condition: any StoppingCondition) { self.condition = condition }

  package static func == (left: Self, right: Self) -> Bool { left.condition.isEqual(to: right.condition) }

  /// The kinds that `stopping_rules` may name, in the order of the schema.
  static let caseKinds: [any CaseStoppingCondition.Type] = [
    IterationLimit.self, TimeLimit.self, BoundStalling.self, SimulationStalling.self,
  ]

  /// An element of `stopping_rules`, as the format describes it.
  static let shape = TaggedShape(
    tag: "type", summary: "Kind of rule", common: [],
    variants: caseKinds.map { kind in (name: kind.type, fields: kind.fields) })

  /// The rule described by an object of `stopping_rules`, or nil if its type is unknown.
  init?(_ node: Node) {
    let type = node["type"].text
    guard let kind = Self.caseKinds.first(where: { $0.type == type }) else { return nil }
    self.init(kind.init(node))
  }
}

/// Whether one stopping rule is enough.
package enum StoppingMode: String, Sendable, CaseIterable {
  case any
  case all
}
