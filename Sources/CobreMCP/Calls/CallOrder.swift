package import Foundation

/// Lets calls that were sent without waiting for replies see what the earlier ones have done.
///
/// Calls run concurrently, but a script that sends `train` and then `status` means the run that it has just started. So
/// a call begins when all earlier calls that change something have made their change, not when they have been answered:
/// a `train` that waits for its run does not delay other calls.
package final class CallOrder: @unchecked Sendable {
  /// The position of one call in the order.
  ///
  /// It is settled when the change is done, at the latest when it is released.
  package final class Turn: Sendable {
    private let order: CallOrder
    private let number: Int

    fileprivate init(order: CallOrder, number: Int) {
      self.order = order
      self.number = number
    }

    deinit { settle() }

    /// Waits for the changes of earlier calls, at most until the deadline.
    package func waitForEarlier(until deadline: Date) {
      order.waitForChanges(before: number, until: deadline)
    }

    /// Says that what this call changes can be seen by others.
    package func settle() {
      order.settle(number)
    }
  }

  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var nextNumber = 0
  private var unsettled: Set<Int> = []

  package init() {}

  /// Returns the next position.
  ///
  /// Called in the order in which the calls arrived.
  package func enter(changesSomething: Bool) -> Turn {
    condition.lock()
    defer { condition.unlock() }
    let number = nextNumber
    nextNumber += 1
    if changesSomething { unsettled.insert(number) }
    return Turn(order: self, number: number)
  }

  private func waitForChanges(before number: Int, until deadline: Date) {
    condition.lock()
    defer { condition.unlock() }
    while unsettled.contains(where: { $0 < number }) && condition.wait(until: deadline) {}
  }

  private func settle(_ number: Int) {
    condition.lock()
    if unsettled.remove(number) != nil { condition.broadcast() }
    condition.unlock()
  }
}
