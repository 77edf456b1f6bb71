package import Foundation

/// The tool calls in flight, by request id.
package final class CallTable: @unchecked Sendable {
  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var calls: [RequestID: CallHandle] = [:]
  private var openCount = 0
  private var isClosing = false

  package init() {}

  /// Enters a call.
  ///
  /// `nil` if a call of that id is in flight.
  package func open(_ id: RequestID, path: ReplyPath) -> CallHandle? {
    condition.lock()
    defer { condition.unlock() }
    if calls[id] != nil { return nil }
    let handle = CallHandle(
      path: path, onRelease: { [weak self] in self?.release(id) }, onEnd: { [weak self] in self?.end() })
    calls[id] = handle
    openCount += 1
    if isClosing { handle.close() }
    return handle
  }

  package func contains(_ id: RequestID) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    return calls[id] != nil
  }

  /// Cancels the call with that id.
  ///
  /// An unknown or finished one is ignored, as the specification requires.
  package func cancel(_ id: RequestID) {
    condition.lock()
    let handle = calls[id]
    condition.unlock()
    handle?.cancel()
  }

  /// Ends all waiting and waits until the calls have replied, at most until the deadline.
  package func drain(until deadline: Date) {
    condition.lock()
    isClosing = true
    let handles = Array(calls.values)
    condition.unlock()
    for handle in handles { handle.close() }
    condition.lock()
    while openCount > 0 && condition.wait(until: deadline) {}
    condition.unlock()
  }

  /// Counts work that goes on after its call has been answered, so that the end waits for it too.
  ///
  /// - Returns: ends it; to be called once.
  package func enter() -> @Sendable () -> Void {
    condition.lock()
    openCount += 1
    condition.unlock()
    return { self.end() }
  }

  private func release(_ id: RequestID) {
    condition.lock()
    calls[id] = nil
    condition.unlock()
  }

  private func end() {
    condition.lock()
    openCount -= 1
    if openCount == 0 { condition.broadcast() }
    condition.unlock()
  }
}
