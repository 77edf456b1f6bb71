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

  @Test func clientThatNeverReadsDoesNotFillTheMemory() throws {
    let ends = try Self.makePipe()
    let gone = DispatchSemaphore(value: 0)
    let writer = MessageWriter(descriptor: ends.write, maximumQueuedBytes: 1 << 20) { gone.signal() }
    // The first fills the pipe and blocks the writing thread; what follows queues up.
    writer.send([UInt8](repeating: 1, count: 100_000))
    Thread.sleep(forTimeInterval: 0.05)
    for _ in 0..<20 { writer.send([UInt8](repeating: 2, count: 100_000)) }
    // Reading a little lets the thread go on to the queue, which it finds too long.
    var buffer = [UInt8](repeating: 0, count: 100_001)
    var total = 0
    while total < buffer.count {
      let count = read(ends.read, &buffer, buffer.count - total)
      try #require(count > 0)
      total += count
    }
    #expect(gone.wait(timeout: .now() + 10) == .success)
    close(ends.read)
    close(ends.write)
  }
}
