/// Reads numbers and names from environment variables.
///
/// An empty value counts as unset. A malformed one is an error with an explanation.
package struct EnvironmentReader: Sendable {
  package var values: [String: String]

  package init(_ values: [String: String]) { self.values = values }

  /// The text of a variable, nil if it is unset or empty.
  package func text(_ name: String) -> String? {
    guard let value = values[name], !value.isEmpty else { return nil }
    return value
  }

  /// The text of a variable that must be there.
  package func required(_ name: String) throws -> String {
    guard let value = text(name) else {
      throw CommunicationError(.configuration, .connect, "\(name) is not set; set it for every rank.")
    }
    return value
  }

  /// A whole number within a range, nil if the variable is unset.
  package func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(name) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw CommunicationError(
        .configuration, .connect,
        "\(name) is \"\(text.prefix(40))\"; a whole number from \(range.lowerBound) to \(range.upperBound) is wanted.")
    }
    return value
  }

  /// A whole number within a range that must be there.
  package func requiredInteger(_ name: String, in range: ClosedRange<Int>) throws -> Int {
    _ = try required(name)
    return try integer(name, in: range) ?? range.lowerBound
  }

  /// A duration given in milliseconds, in seconds: 1 ms to 30 days.
  package func milliseconds(_ name: String) throws -> Double? {
    try integer(name, in: 1...2_592_000_000).map { Double($0) / 1000 }
  }
}
