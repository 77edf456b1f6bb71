package import CobreBase
internal import CobreEngine
internal import Foundation

/// One tool call in flight: what may stop its waiting, and the only way in which it may still send.
///
/// A cancelled call sends nothing more, whatever its thread is doing. A call that has replied sends no progress.
package final class CallHandle: @unchecked Sendable {
  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var isCancelled = false
  private var isClosing = false
  private var isDone = false

  private let path: ReplyPath
  private let onRelease: @Sendable () -> Void
  private let onEnd: @Sendable () -> Void

  /// Opens a call.
  ///
  /// - Parameters:
  ///   - path: receives the reply.
  ///   - onRelease: called once, before the reply is sent: a client may use the id again as soon as it sees the reply.
  ///   - onEnd: called once, when the call has replied or is cancelled.
  package init(
    path: ReplyPath, onRelease: @escaping @Sendable () -> Void, onEnd: @escaping @Sendable () -> Void
  ) {
    self.path = path
    self.onRelease = onRelease
    self.onEnd = onEnd
  }

  /// Whether waiting makes no sense any more: cancelled, or the client is about to go.
  package var shouldStopWaiting: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isCancelled || isClosing
  }

  /// Whether the client no longer wants an answer; one that is about to go may still read it.
  package var isUnwanted: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isCancelled
  }

  /// Sends the reply, unless the call was cancelled, and ends the call.
  package func reply(_ message: JSONValue) {
    condition.lock()
    let isFirst = !isDone && !isCancelled
    isDone = true
    condition.unlock()
    if isFirst { end { path.reply(message) } }
  }

  /// Sends a notification that belongs to the call, while it is open.
  package func notify(_ message: JSONValue) {
    condition.lock()
    defer { condition.unlock() }
    if !isDone && !isCancelled { path.notify(message) }
  }

  /// The client no longer wants an answer.
  ///
  /// What the call has started continues.
  package func cancel() {
    condition.lock()
    let isFirst = !isDone && !isCancelled
    isCancelled = true
    condition.broadcast()
    condition.unlock()
    if isFirst { end {} }
  }

  /// No more requests will come: a wait ends now, the reply is still sent.
  package func close() {
    condition.lock()
    isClosing = true
    condition.broadcast()
    condition.unlock()
  }

  private func end(_ reply: () -> Void) {
    onRelease()
    reply()
    path.finish()
    onEnd()
  }
}
