package import CobreEngine

/// Where the answer to one message goes: straight to the client, or into the answer to a batch.
package struct ReplyPath: Sendable {
  /// Sends the reply, at most once.
  package let reply: @Sendable (JSONValue) -> Void
  /// Sends what belongs to the message but is not its reply.
  package let notify: @Sendable (JSONValue) -> Void
  /// Called once when the message needs nothing more, with or without a reply.
  package let finish: @Sendable () -> Void

  package static func direct(_ send: @escaping @Sendable (JSONValue) -> Void) -> ReplyPath {
    ReplyPath(reply: send, notify: send, finish: {})
  }

  package static func batched(_ batch: BatchReply, _ send: @escaping @Sendable (JSONValue) -> Void) -> ReplyPath {
    ReplyPath(reply: { batch.add($0) }, notify: send, finish: { batch.finish() })
  }
}
