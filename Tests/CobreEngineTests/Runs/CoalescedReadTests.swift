import Foundation
import Synchronization
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

struct CoalescedReadTests {
  private struct Trouble: Error {}

  @Test func `whoever asks alone looks himself`() throws {
    let looks = CoalescedRead<Int>()
    var count = 0
    let look = {
      count += 1
      return count
    }
    #expect(try [looks("a", look), looks("a", look), looks("b", look)] == [1, 2, 3])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a crowd shares looks, and nobody is told of one that began before he asked`() throws {
    let looks = CoalescedRead<Int>()
    let begun = Mutex(0)
    let stale = Mutex(0)
    let callers = 24
    let group = DispatchGroup()
    for number in 0..<callers {
      let thread = Thread {
        for _ in 0..<20 {
          let before = begun.withLock { $0 }
          let seen = try? looks("run") {
            let mine = begun.withLock { count in
              count += 1
              return count
            }
            usleep(2000)
            return mine
          }
          if let seen, seen > before { continue }
          stale.withLock { $0 += 1 }
        }
        group.leave()
      }
      group.enter()
      thread.name = "caller \(number)"
      thread.start()
    }
    group.wait()
    #expect(stale.withLock { $0 } == 0)
    // Each caller alone would need 20. All together need not many more than that.
    #expect(begun.withLock { $0 } < 20 * callers / 2)
  }

  @Test func `a failure is told to those who share the look, and is gone with it`() throws {
    let looks = CoalescedRead<Int>()
    #expect(throws: Trouble.self) { try looks("run") { throw Trouble() } }
    #expect(try looks("run") { 7 } == 7)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a look that hangs is not waited for without end`() throws {
    let looks = CoalescedRead<Int>(patience: 0.05)
    let gate = DispatchSemaphore(value: 0)
    let hangs = DispatchSemaphore(value: 0)
    let hanging = Thread {
      _ = try? looks("run") {
        hangs.signal()
        gate.wait()
        return 1
      }
    }
    hanging.start()
    hangs.wait()
    #expect(try looks("run") { 2 } == 2)
    gate.signal()
  }
}
