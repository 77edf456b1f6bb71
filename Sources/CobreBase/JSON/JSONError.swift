/// Why a text is not JSON, and where.
package struct JSONError: Error, Sendable, Equatable {
  package enum Kind: String, Sendable {
    /// Not UTF-8.
    case encoding
    case syntax
    case truncated
    case duplicateKey
    case depth
    /// A number beyond the range of doubles.
    case overflow
  }

  package var kind: Kind
  /// From 1.
  package var line: Int
  /// In characters, from 1.
  package var column: Int
  /// A sentence, without the position.
  package var message: String
}

extension JSONError: CustomStringConvertible {
  package var description: String { "line \(line), column \(column): \(message)" }
}
