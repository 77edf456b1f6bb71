extension RiskMeasure {
  /// A measure that one word and some numbers describe, as case formats and options of runs write it.
  package struct Kind: Sendable {
    /// Its word.
    package let name: String
    /// Keys of its numbers, in the order in which a word of a run has them.
    package let keys: [String]
    /// Makes the measure of as many numbers.
    fileprivate let make: @Sendable (_ numbers: [Double]) -> RiskMeasure

    /// The measure, with the number of each key.
    func measure(_ number: (_ key: String) -> Double) -> RiskMeasure { make(keys.map(number)) }
  }

  /// All measures but combinations, those without numbers first.
  package static let kinds = [
    Kind(name: "expectation", keys: []) { _ in .expectation },
    Kind(name: "worst_case", keys: []) { _ in .worstCase },
    Kind(name: "cvar", keys: ["alpha", "lambda"]) { .cvar(alpha: $0[0], lambda: $0[1]) },
    Kind(name: "entropic", keys: ["gamma"]) { .entropic(gamma: $0[0]) },
    Kind(name: "wasserstein", keys: ["radius"]) { .wasserstein(radius: $0[0]) },
    Kind(name: "modified_chi_squared", keys: ["radius"]) { .modifiedChiSquared(radius: $0[0]) },
  ]

  /// Word and numbers, the latter in the order of the keys of their kind; nil for a combination.
  private var described: (name: String, numbers: [Double])? {
    switch self {
    case .expectation: ("expectation", [])
    case .worstCase: ("worst_case", [])
    case .cvar(let alpha, let lambda): ("cvar", [alpha, lambda])
    case .entropic(let gamma): ("entropic", [gamma])
    case .wasserstein(let radius): ("wasserstein", [radius])
    case .modifiedChiSquared(let radius): ("modified_chi_squared", [radius])
    case .combination: nil
    }
  }

  /// The measure with its numbers, such as `cvar (alpha 0.2, lambda 0.5)`.
  package var summary: String {
    if case .combination(let parts) = self {
      return parts.map { "\($0.weight) \($0.measure.summary)" }.joined(separator: " + ")
    }
    guard let (name, numbers) = described else { return "" }
    let keys = Self.kinds.first { $0.name == name }?.keys ?? []
    let pairs = zip(keys, numbers).map { "\($0) \($1)" }
    return pairs.isEmpty ? name : "\(name) (\(pairs.joined(separator: ", ")))"
  }

  /// The names in the case formats of the measures in it that are not neutral.
  package var names: Set<String> {
    guard !isNeutral else { return [] }
    if case .combination(let parts) = self {
      return parts.reduce(into: []) { $0.formUnion($1.weight > 0 ? $1.measure.names : []) }
    }
    return Set([described?.name].compactMap { $0 })
  }
}
