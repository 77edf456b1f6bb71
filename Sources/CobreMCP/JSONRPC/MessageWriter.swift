package import Foundation

/// The only code that writes protocol bytes.
///
/// Messages are queued, and a separate thread writes each with a single `write(2)`, so that a client may read when it
/// likes. Messages leave in the order in which they were sent. The queue is bounded on the sending side: a sender waits
/// while too much is unread, so the server stops reading from a client that does not read.
package final class MessageWriter: @unchecked Sendable {
  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var queue: [[UInt8]] = []
  private var queuedBytes = 0
  private var isWriting = false
  private var isClosed = false
  /// When the client last read something, or had nothing to read.
  private var readAt = Date.now

  private let descriptor: Int32
  private let maximumQueuedBytes: Int
  private let stallSeconds: Double
  private let hasHungUp: @Sendable () -> Bool
  private let onClientGone: @Sendable () -> Void

  /// Starts the writing thread.
  ///
  /// `onClientGone` is called once, from it, when the descriptor takes no more bytes.
  ///
  /// Once `maximumQueuedBytes` are unread nothing is added. A single message may be longer. A client that has hung up,
  /// so that it sends no more, and has read nothing for `stallSeconds` meanwhile counts as gone; a thread that waits
  /// for room notices it.
  package init(
    descriptor: Int32, maximumQueuedBytes: Int = 8 << 20, stallSeconds: Double = 10,
    hasHungUp: @escaping @Sendable () -> Bool = { false }, onClientGone: @escaping @Sendable () -> Void
  ) {
    self.descriptor = descriptor
    self.maximumQueuedBytes = maximumQueuedBytes
    self.stallSeconds = stallSeconds
    self.hasHungUp = hasHungUp
    self.onClientGone = onClientGone
    let thread = Thread { self.run() }
    thread.name = "cobre-mcp.writer"
    thread.start()
  }

  /// Queues one message, once there is room.
  ///
  /// The newline that frames it is added here.
  package func send(_ message: [UInt8]) {
    condition.lock()
    defer { condition.unlock() }
    while !isClosed && isFull { waitAWhile(until: .distantFuture) }
    append(message)
  }

  /// Queues one message that may be left out, and returns false if there is no room for it.
  @discardableResult
  package func offer(_ message: [UInt8]) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if isFull { return false }
    append(message)
    return true
  }

  /// Waits until something can be sent without waiting, at most until `deadline`.
  ///
  /// Says whether it can.
  package func waitForRoom(until deadline: Date) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while !isClosed && isFull {
      if Date.now >= deadline { return false }
      waitAWhile(until: deadline)
    }
    return true
  }

  /// How often a thread that waits for room looks whether the client is still there, in seconds.
  private static let lookSeconds = 0.25

  /// Waits until something has changed or it is time to look after the client, with the condition locked.
  private func waitAWhile(until deadline: Date) {
    _ = condition.wait(until: min(deadline, Date(timeIntervalSinceNow: Self.lookSeconds)))
    guard !isClosed, isFull, -readAt.timeIntervalSinceNow > stallSeconds, hasHungUp() else { return }
    isClosed = true
    queue = []
    condition.broadcast()
    condition.unlock()
    onClientGone()
    condition.lock()
  }

  private var isFull: Bool { queuedBytes >= maximumQueuedBytes }

  private func append(_ message: [UInt8]) {
    if isClosed { return }
    if queuedBytes == 0 { readAt = .now }
    queue.append(message + [0x0A])
    queuedBytes += message.count + 1
    condition.broadcast()
  }

  /// Waits until everything sent is written, at most until `deadline`.
  ///
  /// Returns whether it is.
  @discardableResult
  package func flush(until deadline: Date) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while !isClosed && (isWriting || !queue.isEmpty) {
      if !condition.wait(until: deadline) { return false }
    }
    return !isClosed
  }

  private func run() {
    while true {
      condition.lock()
      while queue.isEmpty { condition.wait() }
      let batch = queue
      queue = []
      isWriting = true
      condition.unlock()

      var failed = false
      for message in batch {
        failed = !write(message)
        if failed { break }
        condition.lock()
        queuedBytes -= message.count
        condition.broadcast()
        condition.unlock()
      }

      condition.lock()
      isWriting = false
      if failed {
        isClosed = true
        queue = []
      }
      condition.broadcast()
      condition.unlock()
      if failed {
        onClientGone()
        return
      }
    }
  }

  /// Writes all bytes.
  ///
  /// A pipe takes a message in one call. What is left after a signal follows.
  private func write(_ bytes: [UInt8]) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if count > 0 {
        offset += count
        condition.lock()
        readAt = .now
        condition.unlock()
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // The other end may have made the shared pipe non-blocking.
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&poller, 1, 1000)
      default: return false
      }
    }
    return true
  }
}
