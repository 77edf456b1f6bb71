package import CobreBase
internal import CobreCase

/// A risk measure in one word, as options of runs take it: its name, then its parameters after colons.
package enum RiskWord {
  /// What is allowed, as the end of a sentence.
  package static var allowed: String {
    RiskMeasure.kinds.map { ([$0.name] + $0.keys.map { $0.uppercased() }).joined(separator: ":") }
      .joined(separator: ", ") + ", such as cvar:0.1:0.5"
  }

  /// The measure as `stages.json` has it; nil for a word that names none.
  ///
  /// Ranges are those of the case, which checks them.
  package static func measure(_ word: String) -> JSONValue? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let known = RiskMeasure.kinds.first(where: { $0.name == parts.first }),
      parts.count == known.keys.count + 1
    else { return nil }
    if known.keys.isEmpty { return .string(known.name) }
    var values: JSONObject = [:]
    for (key, part) in zip(known.keys, parts.dropFirst()) {
      guard let number = Double(part), number.isFinite else { return nil }
      values[key] = .double(number)
    }
    return .object(JSONObject([(known.name, .object(values))]))
  }
}
