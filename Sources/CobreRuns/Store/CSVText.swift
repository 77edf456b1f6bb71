/// Rows of comma-separated values (RFC 4180).
package enum CSVText {
  /// A row with its line feed, where nil is an empty field.
  package static func row(_ fields: [String?]) -> String {
    fields.map { field($0 ?? "") }.joined(separator: ",") + "\n"
  }

  /// A number in the shortest form that reads back to the same bits, empty if there is none.
  package static func number(_ value: Double?) -> String? {
    guard let value, value.isFinite else { return nil }
    return value.description
  }

  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
