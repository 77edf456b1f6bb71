internal import Foundation

/// Bounds how many calls wait at once, so that there is always a thread left for other calls.
package final class WaitSlots: @unchecked Sendable {
  private let lock = NSLock()
  private var free: Int
  /// Calls that may wait at once.
  package let count: Int

  package init(count: Int) {
    self.count = count
    self.free = count
  }

  /// Takes a slot, and returns false if all are taken.
  package func take() -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if free == 0 { return false }
    free -= 1
    return true
  }

  package func giveBack() {
    lock.lock()
    free += 1
    lock.unlock()
  }
}
