package import CobreBase
internal import CobreEngine

/// The two ways on which messages leave.
package struct Outlet: Sendable {
  /// Sends a message, and waits while the client has too much unread.
  package let send: @Sendable (JSONValue) -> Void
  /// Sends a message, or drops it if it would have to wait.
  package let offer: @Sendable (JSONValue) -> Void

  package init(
    send: @escaping @Sendable (JSONValue) -> Void, offer: @escaping @Sendable (JSONValue) -> Void
  ) {
    self.send = send
    self.offer = offer
  }
}

/// Where the answer to one message goes: straight to the client, or into the answer to a batch.
package struct ReplyPath: Sendable {
  /// Sends the reply, at most once.
  package let reply: @Sendable (JSONValue) -> Void
  /// Sends what belongs to the message but is not its reply.
  ///
  /// Left out where the client has too much unread.
  package let notify: @Sendable (JSONValue) -> Void
  /// Called once when the message is complete, with or without a reply.
  package let finish: @Sendable () -> Void

  package static func direct(_ outlet: Outlet) -> ReplyPath {
    ReplyPath(reply: outlet.send, notify: outlet.offer, finish: {})
  }

  /// For a call whose answer goes elsewhere.
  package static let nowhere = ReplyPath(reply: { _ in }, notify: { _ in }, finish: {})

  package static func batched(_ batch: BatchReply, _ outlet: Outlet) -> ReplyPath {
    ReplyPath(reply: { batch.add($0) }, notify: outlet.offer, finish: { batch.finish() })
  }
}
