package import CobreEngine

/// Identity of a request: echoed with the type and value with which it came.
package enum RequestID: Hashable, Sendable {
  case integer(Int64)
  case string(String)

  /// Bytes of an id at most: it is kept as long as its request is, and sent back with every message about it.
  package static let maximumBytes = 1024

  /// `nil` for what JSON-RPC as MCP uses it does not allow: null, fractions, other types; and for what is too long.
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
