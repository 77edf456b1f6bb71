package import CobreBase
internal import CobreEngine

/// The messages that the server sends.
package enum OutboundMessage {
  package static func result(_ result: JSONObject, to id: RequestID) -> JSONValue {
    ["jsonrpc": "2.0", "id": id.json, "result": .object(result)]
  }

  /// An error.
  ///
  /// Where the id could not be read, JSON-RPC asks for null.
  package static func error(_ error: RPCError, to id: RequestID?) -> JSONValue {
    ["jsonrpc": "2.0", "id": id?.json ?? .null, "error": error.json]
  }

  package static func notification(_ method: String, _ params: JSONObject) -> JSONValue {
    ["jsonrpc": "2.0", "method": .string(method), "params": .object(params)]
  }
}
