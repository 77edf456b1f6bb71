package import CobreEngine

/// Identity of a request: echoed with the type and value with which it came.
package enum RequestID: Hashable, Sendable {
  case integer(Int64)
  case string(String)

  /// `nil` for what JSON-RPC as MCP uses it does not allow: null, fractions, other types.
  package init?(_ value: JSONValue) {
    if let integer = value.int {
      self = .integer(Int64(integer))
    } else if let string = value.string {
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
