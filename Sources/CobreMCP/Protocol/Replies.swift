package import CobreBase
internal import CobreEngine

/// Shapes results as the version of the request asks for.
package enum Replies {
  /// How long a client may keep a list that does not change while the server lives.
  package static let listLifetimeMilliseconds: Int64 = 3_600_000

  /// Adds what every modern result carries.
  package static func complete(_ result: JSONObject, _ envelope: RequestEnvelope) -> JSONObject {
    guard envelope.isModern else { return result }
    var result = result
    if result["resultType"] == nil { result["resultType"] = "complete" }
    result["_meta"] = [RequestEnvelope.Key.serverInfo: ServerIdentity.info]
    return result
  }

  /// A result that clients may keep for so many milliseconds: by default as long as lists and discovery hold.
  package static func cacheable(
    _ result: JSONObject, _ envelope: RequestEnvelope, milliseconds: Int64 = listLifetimeMilliseconds,
    isPublic: Bool = true
  ) -> JSONObject {
    guard envelope.isModern else { return result }
    var result = result
    result["ttlMs"] = .int(milliseconds)
    result["cacheScope"] = isPublic ? "public" : "private"
    return complete(result, envelope)
  }

  /// Answer to `initialize`.
  package static func initialize(version: ProtocolVersion, instructions: String) -> JSONObject {
    [
      "protocolVersion": .string(version.rawValue),
      "capabilities": ServerIdentity.capabilities,
      "serverInfo": ServerIdentity.info,
      "instructions": .string(instructions),
    ]
  }

  /// Answer to `server/discover`.
  package static func discover(_ envelope: RequestEnvelope, instructions: String) -> JSONObject {
    cacheable(
      [
        "supportedVersions": ProtocolVersion.supportedList,
        "capabilities": ServerIdentity.modernCapabilities,
        "instructions": .string(instructions),
      ], envelope)
  }
}
