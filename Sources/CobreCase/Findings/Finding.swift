/// One mistake in a case, or a remark that its author should know.
package struct Finding: Sendable, Codable, Equatable {
  package enum Severity: String, Sendable, Codable {
    /// The case is refused.
    case error
    /// Something that is probably not meant.
    case warning
    /// A default or a rule in use that its author may want to know.
    case note

    /// Errors come first.
    var rank: Int {
      switch self {
      case .error: 0
      case .warning: 1
      case .note: 2
      }
    }
  }

  /// The element a finding is about.
  package struct Entity: Sendable, Codable, Equatable {
    /// Registry, such as `hydro`, `bus` or `stage`.
    package var kind: String
    package var id: Int?
    package var name: String?
  }

  package var severity: Severity
  /// Rule number of the format's validation layers (101…699).
  package var code: Int
  /// Path relative to the case directory.
  ///
  /// Empty = the case as a whole.
  package var file: String
  /// JSON path (`hydros[2].reservoir`), `line 3, column 7`, or `row 7, column x`.
  ///
  /// Empty = the whole file.
  package var location: String
  package var entity: Entity?
  /// The value found, as text, shortened.
  package var value: String?
  /// What is wrong, as a sentence.
  package var message: String
  /// The rule, as a sentence, empty for the file-level problems that no rule describes.
  package var rule: String = ""
  /// What to do about it, as a sentence.
  package var suggestion: String?
}

extension Finding: CustomStringConvertible {
  /// One line: severity, code, position, message, suggestion.
  package var description: String {
    var text = "\(severity.rawValue) \(code)"
    if !file.isEmpty { text += " \(file)" }
    if !location.isEmpty { text += " \(location)" }
    // Messages name elements by their id.
    if let name = entity?.name, !name.isEmpty, !message.contains(name) { text += " (\(name))" }
    text += ": \(message)"
    if let suggestion { text += " \(suggestion)" }
    return text
  }
}
