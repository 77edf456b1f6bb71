package import CobreBase
internal import CobreEngine

/// What a request says about itself besides its own parameters.
///
/// The protocol era is decided here, separately for each message.
///
/// Some clients send `server/discover` and then `initialize` on one connection, so the era is never fixed for a
/// connection.
package struct RequestEnvelope: Sendable {
  package let version: ProtocolVersion
  /// String or integer to name in progress notifications, where the client wants them.
  package let progressToken: JSONValue?
  /// Capabilities of the client: in the modern era, the capabilities in this request.
  package let clientCapabilities: JSONObject

  package var isModern: Bool { !version.isLegacy }

  package enum Key {
    package static let version = "io.modelcontextprotocol/protocolVersion"
    package static let capabilities = "io.modelcontextprotocol/clientCapabilities"
    package static let clientInfo = "io.modelcontextprotocol/clientInfo"
    package static let serverInfo = "io.modelcontextprotocol/serverInfo"
  }

  /// Reads `params._meta`.
  ///
  /// `negotiated` is the version that a legacy handshake agreed on, if there was one.
  package init(method: String, params: JSONObject, negotiated: ProtocolVersion?) throws(RPCError) {
    let meta: JSONObject
    switch params["_meta"] {
    case nil: meta = [:]
    case let value?:
      guard let members = value.object else {
        throw RPCError(.invalidParams, "Invalid params: `_meta` must be an object.")
      }
      meta = members
    }

    switch meta["progressToken"] {
    case nil, .some(.null): progressToken = nil
    case let token?:
      guard RequestID(token) != nil else {
        throw RPCError(
          .invalidParams,
          "Invalid params: `_meta.progressToken` must be a string of at most \(RequestID.maximumBytes) bytes or an integer."
        )
      }
      progressToken = token
    }

    guard let rawVersion = meta[Key.version] else {
      if meta[Key.capabilities] != nil || meta[Key.clientInfo] != nil || method == "server/discover" {
        throw RPCError(.invalidParams, "Invalid params: `_meta` lacks \"\(Key.version)\".")
      }
      version = negotiated ?? .newestLegacy
      clientCapabilities = [:]
      return
    }
    guard let requested = rawVersion.string else {
      throw RPCError(.invalidParams, "Invalid params: \"\(Key.version)\" must be a string.")
    }
    guard ProtocolVersion(rawValue: requested) == .modern else {
      throw RPCError(
        .unsupportedVersion, "Unsupported protocol version",
        data: ["supported": ProtocolVersion.supportedList, "requested": .string(String(requested.prefix(100)))])
    }
    guard let capabilities = meta[Key.capabilities]?.object else {
      throw RPCError(.invalidParams, "Invalid params: `_meta` lacks the object \"\(Key.capabilities)\".")
    }
    version = .modern
    clientCapabilities = capabilities
  }
}
