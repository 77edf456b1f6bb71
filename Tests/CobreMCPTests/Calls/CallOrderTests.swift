import CobreMCP
import Foundation
import Testing

@Suite struct CallOrderTests {
  /// Whether the turn may begin at once.
  private static func isFree(_ turn: CallOrder.Turn) -> Bool {
    let started = ContinuousClock.now
    turn.waitForEarlier(until: Date(timeIntervalSinceNow: 0.3))
    return started.duration(to: .now) < .seconds(0.2)
  }

  @Test func callBeginsWhenEarlierChangesAreDone() {
    let order = CallOrder()
    let reading = order.enter(changesSomething: false)
    let change = order.enter(changesSomething: true)
    let after = order.enter(changesSomething: false)
    #expect(Self.isFree(reading))
    #expect(Self.isFree(change))
    #expect(!Self.isFree(after))
    change.settle()
    #expect(Self.isFree(after))
    change.settle()
    #expect(Self.isFree(order.enter(changesSomething: true)))
  }

  @Test func turnThatIsLetGoHoldsUpNobody() {
    let order = CallOrder()
    do { _ = order.enter(changesSomething: true) }
    #expect(Self.isFree(order.enter(changesSomething: false)))
  }

  @Test func waitingCallIsWokenByTheChange() {
    let order = CallOrder()
    let change = order.enter(changesSomething: true)
    let after = order.enter(changesSomething: false)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      after.waitForEarlier(until: Date(timeIntervalSinceNow: 20))
      done.signal()
    }
    #expect(done.wait(timeout: .now() + 0.05) == .timedOut)
    change.settle()
    #expect(done.wait(timeout: .now() + 10) == .success)
  }
}
