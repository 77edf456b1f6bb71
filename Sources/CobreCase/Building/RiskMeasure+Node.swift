extension RiskMeasure {
  /// The measure that a stage of either format describes; expectations where it describes none.
  init(_ node: Node) {
    if node.optionalText?.lowercased() == "worst_case" {
      self = .worstCase
    } else if node["cvar"].exists {
      self = .cvar(alpha: node["cvar"]["alpha"].number, lambda: node["cvar"]["lambda"].number)
    } else if node["entropic"].exists {
      self = .entropic(gamma: node["entropic"]["gamma"].number)
    } else if node["wasserstein"].exists {
      self = .wasserstein(radius: node["wasserstein"]["radius"].number)
    } else if node["modified_chi_squared"].exists {
      self = .modifiedChiSquared(radius: node["modified_chi_squared"]["radius"].number)
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
