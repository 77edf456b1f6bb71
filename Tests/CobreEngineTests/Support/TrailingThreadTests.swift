import Foundation
import Synchronization
import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct TrailingThreadTests {
  private struct Refusal: Error, Equatable { let number: Int }

  @Test func jobsAreDoneInOrderAndOneAtATime() throws {
    let order = Mutex<[Int]>([])
    let working = Atomic<Int>(0)
    do {
      let thread = TrailingThread()
      for number in 0..<50 {
        try thread.submit {
          #expect(working.wrappingAdd(1, ordering: .relaxed).oldValue == 0)
          if number % 10 == 0 { usleep(2000) }
          order.withLock { $0.append(number) }
          working.wrappingSubtract(1, ordering: .relaxed)
        }
      }
      // The end waits for the last one.
    }
    #expect(order.withLock { $0 } == Array(0..<50))
  }

  @Test func theOwnerGoesOnMeanwhileAndNeverMoreThanOneAhead() throws {
    let gate = DispatchSemaphore(value: 0)
    let begun = Atomic<Int>(0)
    let thread = TrailingThread()
    try thread.submit {
      begun.wrappingAdd(1, ordering: .relaxed)
      _ = gate.wait(timeout: .now() + 10)
    }
    // This line is reached although the job cannot end. The next one waits for it.
    let opener = Thread {
      usleep(30_000)
      gate.signal()
    }
    opener.start()
    let start = ContinuousClock.now
    try thread.submit { begun.wrappingAdd(1, ordering: .relaxed) }
    #expect(ContinuousClock.now - start > .milliseconds(10))
    try thread.finish()
    #expect(begun.load(ordering: .relaxed) == 2)
  }

  @Test func aFailureIsToldAndNothingFollowsIt() throws {
    let done = Atomic<Int>(0)
    let thread = TrailingThread()
    try thread.submit { throw Refusal(number: 7) }
    #expect(throws: Refusal(number: 7)) { try thread.submit { done.wrappingAdd(1, ordering: .relaxed) } }
    #expect(throws: Refusal(number: 7)) { try thread.finish() }
    #expect(done.load(ordering: .relaxed) == 0)
  }

  @Test func bytesAreLittleEndian() {
    var bytes: [UInt8] = [9]
    LittleEndianBytes.append([Int32(0x0102_0304)], to: &bytes)
    #expect(bytes == [9, 4, 3, 2, 1])
    // 1.5 is 0x3FF8000000000000 (IEEE 754). The sign of zero is a bit of its own.
    bytes = []
    LittleEndianBytes.append([1.5, -0.0], to: &bytes)
    #expect(bytes == [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x80])
    let lazy = [1.5].lazy.map { $0 }
    var others: [UInt8] = []
    LittleEndianBytes.append(lazy, to: &others)
    #expect(others == Array(bytes.prefix(8)))
  }
}
