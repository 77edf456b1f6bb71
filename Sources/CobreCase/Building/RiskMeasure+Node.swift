extension RiskMeasure {
  /// The measure that a stage of either format describes; expectations where it describes none.
  init(_ node: Node) {
    if let word = node.optionalText?.lowercased() {
      let kind = Self.kinds.first { $0.keys.isEmpty && $0.name == word }
      self = kind?.measure { _ in 0 } ?? .expectation
    } else if let kind = Self.kinds.first(where: { !$0.keys.isEmpty && node[$0.name].exists }) {
      self = kind.measure { node[kind.name][$0].number }
    } else if node["convex_combination"].exists {
      let parts = node["convex_combination"].elements
      // The checks let a sum pass that differs from 1 by rounding.
      let sum = parts.reduce(0) { $0 + $1["weight"].number }
      self = .combination(
        parts.map { Part(weight: sum > 0 ? $0["weight"].number / sum : 0, measure: RiskMeasure($0["measure"])) })
    } else {
      self = .expectation
    }
  }
}
