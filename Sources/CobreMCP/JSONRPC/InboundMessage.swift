package import CobreBase
internal import CobreEngine

/// One message of the client, classified and checked against JSON-RPC.
package enum InboundMessage: Sendable {
  case request(id: RequestID, method: String, params: JSONObject)
  case notification(method: String, params: JSONObject)
  /// A reply to a request of ours; the result is nil for an error.
  case response(id: RequestID, result: JSONObject?)
  /// Not a message: the error to answer with, and the id where one could be read.
  case invalid(id: RequestID?, error: RPCError)

  package init(_ value: JSONValue) {
    guard let members = value.object else {
      self = .invalid(id: nil, error: RPCError(.invalidRequest, "Invalid request: a message is a JSON object."))
      return
    }
    let rawID = members["id"]
    let id = rawID.flatMap { RequestID($0) }
    func invalid(_ reason: String, _ code: RPCError.Code = .invalidRequest) -> InboundMessage {
      .invalid(id: id, error: RPCError(code, "Invalid request: \(reason)"))
    }

    guard members["jsonrpc"]?.string == "2.0" else {
      self = invalid("`jsonrpc` must be \"2.0\".")
      return
    }
    if members["method"] == nil, let id, members["result"] != nil || members["error"] != nil {
      self = .response(id: id, result: members["result"]?.object)
      return
    }
    guard let method = members["method"]?.string else {
      self = invalid("`method` must be a string.")
      return
    }
    if rawID != nil && id == nil {
      self = invalid("`id` must be a string of at most \(RequestID.maximumBytes) bytes or an integer.")
      return
    }
    let params: JSONObject
    switch members["params"] {
    case nil: params = [:]
    case let value?:
      guard let object = value.object else {
        // A notification is never answered, even if it is wrong.
        self =
          id == nil
          ? .notification(method: "", params: [:]) : invalid("`params` must be an object.", .invalidParams)
        return
      }
      params = object
    }
    if let id {
      self = .request(id: id, method: method, params: params)
    } else {
      self = .notification(method: method, params: params)
    }
  }
}
