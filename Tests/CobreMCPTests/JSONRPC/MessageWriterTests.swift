import CobreMCP
import Foundation
import Synchronization
import Testing

@Suite struct MessageWriterTests {
  /// Reads until the writing end is closed.
  private static func readAll(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    return (ends[0], ends[1])
  }

  @Test func messagesOfManyThreadsStayWhole() throws {
    let ends = try Self.makePipe()
    let writer = MessageWriter(descriptor: ends.write) {}
    let reader = Mutex<[UInt8]>([])
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let bytes = Self.readAll(ends.read)
      reader.withLock { $0 = bytes }
      done.signal()
    }
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for _ in 0..<50 { writer.send([UInt8](repeating: UInt8(ascii: "a") + UInt8(worker), count: 5000 + worker)) }
    }
    #expect(writer.flush(until: Date(timeIntervalSinceNow: 20)))
    close(ends.write)
    try #require(done.wait(timeout: .now() + 20) == .success)
    let lines = reader.withLock { $0 }.split(separator: 0x0A)
    #expect(lines.count == 400)
    #expect(
      lines.allSatisfy { line in
        let first = line.first ?? 0
        return line.count == 5000 + Int(first - UInt8(ascii: "a")) && line.allSatisfy { $0 == first }
      })
    close(ends.read)
  }

  @Test func clientThatIsGoneIsToldOnce() throws {
    signal(SIGPIPE, SIG_IGN)
    let ends = try Self.makePipe()
    let gone = DispatchSemaphore(value: 0)
    let count = Mutex(0)
    let writer = MessageWriter(descriptor: ends.write) {
      count.withLock { $0 += 1 }
      gone.signal()
    }
    close(ends.read)
    writer.send([1])
    writer.send([2])
    #expect(gone.wait(timeout: .now() + 10) == .success)
    writer.send([3])
    #expect(!writer.flush(until: Date(timeIntervalSinceNow: 1)))
    #expect(count.withLock { $0 } == 1)
    close(ends.write)
  }

  /// A pipe that is never read: senders wait, what may be left out is, and both go on once it is read.
  @Test func clientThatNeverReadsDoesNotFillTheMemory() throws {
    let ends = try Self.makePipe()
    let writer = MessageWriter(descriptor: ends.write, maximumQueuedBytes: 1 << 20) {}
    let sent = Mutex(0)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      for _ in 0..<100 {
        writer.send([UInt8](repeating: 2, count: 99_999))
        sent.withLock { $0 += 1 }
      }
      done.signal()
    }
    #expect(done.wait(timeout: .now() + 0.5) == .timedOut)
    // The queue, the one message that may exceed it, and what the system has taken.
    #expect(sent.withLock { $0 } <= 13)
    #expect(!writer.waitForRoom(until: Date(timeIntervalSinceNow: 0.01)))
    #expect(!writer.offer([1]))
    let bytes = Mutex(0)
    Thread.detachNewThread {
      var buffer = [UInt8](repeating: 0, count: 65536)
      while case let count = read(ends.read, &buffer, buffer.count), count > 0 { bytes.withLock { $0 += count } }
      done.signal()
    }
    #expect(done.wait(timeout: .now() + 10) == .success)
    #expect(writer.flush(until: Date(timeIntervalSinceNow: 10)))
    #expect(writer.offer([1]) && writer.flush(until: Date(timeIntervalSinceNow: 10)))
    close(ends.write)
    #expect(done.wait(timeout: .now() + 10) == .success)
    #expect(bytes.withLock { $0 } == 100 * 100_000 + 2)
    close(ends.read)
  }

  /// Replies to what was read at once may fill the queue while the reading thread itself waits to send.
  @Test func aClientThatHasHungUpAndReadsNothingIsGone() throws {
    let ends = try Self.makePipe()
    let hasHungUp = Mutex(false)
    let gone = DispatchSemaphore(value: 0)
    let done = DispatchSemaphore(value: 0)
    let writer = MessageWriter(
      descriptor: ends.write, maximumQueuedBytes: 1 << 20, stallSeconds: 0.3,
      hasHungUp: { hasHungUp.withLock { $0 } }, onClientGone: { gone.signal() })
    Thread.detachNewThread {
      for _ in 0..<100 { writer.send([UInt8](repeating: 2, count: 99_999)) }
      done.signal()
    }
    // It may still read while it can send more.
    #expect(gone.wait(timeout: .now() + 1.5) == .timedOut)
    hasHungUp.withLock { $0 = true }
    #expect(gone.wait(timeout: .now() + 10) == .success)
    #expect(done.wait(timeout: .now() + 10) == .success)
    #expect(writer.waitForRoom(until: .now))
    close(ends.read)
  }
}
