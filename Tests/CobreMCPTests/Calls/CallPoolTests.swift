import CobreMCP
import Foundation
import Synchronization
import Testing

@Suite struct CallPoolTests {
  @Test func blockedCallsDoNotHoldUpOthersUntilTheThreadsAreUsedUp() {
    let pool = CallPool(maximumThreads: 3, maximumQueued: 2)
    let gate = DispatchSemaphore(value: 0)
    let entered = DispatchSemaphore(value: 0)
    for _ in 0..<2 {
      #expect(
        pool.submit {
          entered.signal()
          _ = gate.wait(timeout: .now() + 10)
        })
    }
    for _ in 0..<2 { #expect(entered.wait(timeout: .now() + 10) == .success) }
    let done = DispatchSemaphore(value: 0)
    for _ in 0..<5 {
      #expect(pool.submit { done.signal() })
      #expect(done.wait(timeout: .now() + 10) == .success)
    }
    // A third blocks the last thread. Then two may queue, no more.
    #expect(
      pool.submit {
        entered.signal()
        _ = gate.wait(timeout: .now() + 10)
      })
    #expect(entered.wait(timeout: .now() + 10) == .success)
    #expect(pool.submit { done.signal() })
    #expect(pool.submit { done.signal() })
    #expect(!pool.submit { done.signal() })
    for _ in 0..<3 { gate.signal() }
    for _ in 0..<2 { #expect(done.wait(timeout: .now() + 10) == .success) }
  }

  @Test func threadsThatHaveGoneAreReplaced() {
    let pool = CallPool(maximumThreads: 2, maximumQueued: 100, idleSeconds: 0.01)
    let count = Mutex(0)
    for _ in 0..<20 {
      let done = DispatchSemaphore(value: 0)
      #expect(
        pool.submit {
          count.withLock { $0 += 1 }
          done.signal()
        })
      #expect(done.wait(timeout: .now() + 10) == .success)
      Thread.sleep(forTimeInterval: 0.01)
    }
    #expect(count.withLock { $0 } == 20)
  }
}
