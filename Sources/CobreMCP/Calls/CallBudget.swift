internal import Foundation

/// Bounds the bytes of the requests that wait or are being answered.
///
/// Requests count by the length of their lines, which is more than what is stored of them.
package final class CallBudget: @unchecked Sendable {
  private let lock = NSLock()
  private var used = 0
  /// The most bytes of all requests.
  ///
  /// A single one may be longer.
  package let maximumBytes: Int

  package init(maximumBytes: Int = 4 << 20) { self.maximumBytes = maximumBytes }

  /// Counts a request, and returns false if there is no room for it besides the others.
  package func take(_ bytes: Int) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    guard used == 0 || used + bytes <= maximumBytes else { return false }
    used += bytes
    return true
  }

  package func giveBack(_ bytes: Int) {
    lock.lock()
    used -= bytes
    lock.unlock()
  }
}
