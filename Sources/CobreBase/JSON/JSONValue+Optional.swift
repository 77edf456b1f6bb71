extension JSONValue {
  /// The text, or null.
  package static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  /// The number, or null if there is none or it is not finite.
  package static func optional(_ number: Double?) -> JSONValue {
    guard let number, number.isFinite else { return .null }
    return .double(number)
  }

  /// A duration to the millisecond: more digits would only cost the reader tokens.
  package static func seconds(_ seconds: Double) -> JSONValue {
    let rounded = (seconds * 1000).rounded() / 1000
    return rounded.isFinite ? .double(rounded) : 0
  }
}
