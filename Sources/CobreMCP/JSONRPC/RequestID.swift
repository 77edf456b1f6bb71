package import CobreBase
internal import CobreEngine

/// Identity of a request: echoed with the type and value in which it arrived.
package enum RequestID: Hashable, Sendable {
  case integer(Int64)
  case string(String)

  /// The most bytes of an id.
  ///
  /// It is stored as long as its request, and sent back with every message about it.
  package static let maximumBytes = 1024

  /// Returns `nil` for null, fractions and other types, which JSON-RPC does not allow as MCP uses it, and for ids that
  /// are too long.
  package init?(_ value: JSONValue) {
    if let integer = value.int {
      self = .integer(Int64(integer))
    } else if let string = value.string, string.utf8.count <= Self.maximumBytes {
      self = .string(string)
    } else {
      return nil
    }
  }

  package var json: JSONValue {
    switch self {
    case .integer(let value): .int(value)
    case .string(let value): .string(value)
    }
  }
}
