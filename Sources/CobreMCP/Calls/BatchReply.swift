package import CobreBase
internal import CobreEngine
internal import Foundation

/// Gathers the replies to a batch, which are sent as one array when the last call has ended.
///
/// What is gathered is bounded: replies beyond the limit become errors that say so.
package final class BatchReply: @unchecked Sendable {
  // Everything mutable below is read and written under `lock`.
  private let lock = NSLock()
  private var replies: [JSONValue] = []
  private var bytes = 0
  private var openCount: Int

  private let maximumBytes: Int
  private let send: @Sendable (JSONValue) -> Void

  /// - Parameters:
  ///   - count: calls to `finish` after which the batch is complete.
  ///   - maximumBytes: the most bytes of all replies, not counting errors about this limit.
  ///   - send: receives the array. Not called if there is nothing to reply.
  package init(count: Int, maximumBytes: Int = 2 << 20, send: @escaping @Sendable (JSONValue) -> Void) {
    self.openCount = count
    self.maximumBytes = maximumBytes
    self.send = send
  }

  package func add(_ reply: JSONValue) {
    let size = reply.serialized().count
    lock.lock()
    defer { lock.unlock() }
    guard bytes + size <= maximumBytes else {
      let words = "The replies to this batch have more than \(maximumBytes) bytes. Send the request by itself."
      replies.append(
        OutboundMessage.error(RPCError(.internal, words), to: reply["id"].flatMap { RequestID($0) }))
      return
    }
    bytes += size
    replies.append(reply)
  }

  /// One message of the batch is complete.
  package func finish() {
    lock.lock()
    openCount -= 1
    let complete: JSONValue? = openCount == 0 && !replies.isEmpty ? .array(replies) : nil
    if complete != nil { replies = [] }
    lock.unlock()
    if let complete { send(complete) }
  }
}
