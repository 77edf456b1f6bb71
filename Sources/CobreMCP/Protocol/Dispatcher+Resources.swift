internal import CobreBase
internal import CobreEngine

extension Dispatcher {
  /// The answer to a request that reads resources or prompts, to be made on a thread that may block, or nil for others.
  func readingRequest(
    _ id: RequestID, _ method: String, _ params: JSONObject, _ envelope: RequestEnvelope
  ) throws(RPCError) -> (@Sendable () -> JSONValue)? {
    let resources = resources
    let prompts = prompts
    switch method {
    case "resources/list":
      let sent = params["cursor"] ?? .null
      guard sent.isNull || sent.string != nil else {
        throw RPCError(.invalidParams, "Invalid params: `cursor` must be a string.")
      }
      return Self.answering(id) {
        let page = try ResourcePage(resources.list(), after: sent.string)
        var result: JSONObject = ["resources": .array(page.links.map(\.listing))]
        if let next = page.next { result["nextCursor"] = .string(next) }
        // Runs come and go, so the list is good for this moment alone.
        return Replies.cacheable(result, envelope, milliseconds: 0, isPublic: false)
      }
    case "resources/read":
      guard let uri = params["uri"]?.string else {
        throw RPCError(.invalidParams, "Invalid params: `uri` must be a string.")
      }
      return Self.answering(id) {
        guard let contents = try resources.read(uri) else { throw Self.notFound(uri, envelope) }
        return Replies.cacheable(
          ["contents": [contents.json]], envelope, milliseconds: contents.lifetimeMilliseconds, isPublic: false)
      }
    case "completion/complete":
      let completions = completions
      return Self.answering(id) { Replies.complete(try completions?.complete(params) ?? Self.noCompletion, envelope) }
    case "prompts/get":
      return Self.answering(id) { Replies.complete(try prompts.get(params), envelope) }
    default:
      return nil
    }
  }

  private static let noCompletion: JSONObject = ["completion": ["values": [], "total": 0, "hasMore": false]]

  private static func notFound(_ uri: String, _ envelope: RequestEnvelope) -> RPCError {
    let shown = String(uri.prefix(200))
    return RPCError(
      envelope.isModern ? .invalidParams : .legacyResourceNotFound, "Resource not found: \(shown)",
      data: ["uri": .string(shown)])
  }

  private static func answering(
    _ id: RequestID, _ body: @escaping @Sendable () throws -> JSONObject
  ) -> @Sendable () -> JSONValue {
    {
      do {
        return OutboundMessage.result(try body(), to: id)
      } catch let error as RPCError {
        return OutboundMessage.error(error, to: id)
      } catch let error as RunError {
        return OutboundMessage.error(RPCError(.internal, error.message), to: id)
      } catch {
        return OutboundMessage.error(RPCError(.internal, "It cannot be read: \(error)"), to: id)
      }
    }
  }
}
