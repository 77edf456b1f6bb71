package import CobreEngine
internal import Foundation

/// Gathers the replies to a batch, which go out as one array when the last call has ended.
package final class BatchReply: @unchecked Sendable {
  // Everything mutable below is read and written under `lock`.
  private let lock = NSLock()
  private var replies: [JSONValue] = []
  private var openCount: Int

  private let send: @Sendable (JSONValue) -> Void

  /// - Parameters:
  ///   - count: calls to `finish` after which the batch is complete.
  ///   - send: gets the array; not called where there is nothing to reply.
  package init(count: Int, send: @escaping @Sendable (JSONValue) -> Void) {
    self.openCount = count
    self.send = send
  }

  package func add(_ reply: JSONValue) {
    lock.lock()
    replies.append(reply)
    lock.unlock()
  }

  /// One message of the batch needs nothing more.
  package func finish() {
    lock.lock()
    openCount -= 1
    let complete: JSONValue? = openCount == 0 && !replies.isEmpty ? .array(replies) : nil
    lock.unlock()
    if let complete { send(complete) }
  }
}
