internal import CobreBase

/// Rule 225 on the risk measure of a stage, the same in both formats.
struct RiskMeasureCheck {
  /// What is wrong, and where below the measure.
  struct Problem {
    var location: String
    var value: String
    var message: String
    var suggestion: String
  }

  private static let keys = RiskMeasure.kinds.filter { !$0.keys.isEmpty }.map(\.name) + ["convex_combination"]
  private static let mostParts = 16

  /// The problems of a measure whose shape may be wrong elsewhere.
  static func problems(_ measure: JSONValue?) -> [Problem] {
    guard let measure, measure.object != nil else { return [] }
    var problems = exactlyOne(measure, at: "")
    guard let parts = measure["convex_combination"]?.array, !parts.isEmpty else { return problems }
    if parts.count > mostParts {
      problems.append(
        Problem(
          location: ".convex_combination", value: "\(parts.count) measures",
          message: "A combination has at most \(mostParts) measures.", suggestion: "Leave the smallest weights out."))
    }
    let weights = parts.compactMap { $0["weight"]?.number }
    let sum = weights.reduce(0, +)
    if weights.count == parts.count, abs(sum - 1) > 1e-9 {
      problems.append(
        Problem(
          location: ".convex_combination", value: JSONValue.double(sum).text(),
          message: "The weights of the combination sum to \(JSONValue.double(sum).text()), not to 1.",
          suggestion: "Divide each weight by the sum."))
    }
    for (index, part) in parts.prefix(mostParts).enumerated() {
      guard let own = part["measure"], own.object != nil else { continue }
      problems += exactlyOne(own, at: ".convex_combination[\(index)].measure")
    }
    return problems
  }

  private static func exactlyOne(_ measure: JSONValue, at location: String) -> [Problem] {
    let given = keys.filter { measure[$0] != nil }
    guard given.count != 1 else { return [] }
    return [
      Problem(
        location: location, value: given.joined(separator: ", "),
        message: given.isEmpty ? "No risk measure is named." : "Several risk measures are named: a stage has one.",
        suggestion: given.isEmpty
          ? "Name one of \(keys.joined(separator: ", ")), or write \"expectation\" or \"worst_case\"."
          : "Keep one, or put them into a convex_combination with weights.")
    ]
  }
}
