package import Foundation

/// A bounded set of own threads on which tool calls run.
///
/// Calls block (they wait for runs, read files and databases), which must not happen on Swift's cooperative pool: its
/// width is the number of cores. Threads start on demand and end after some idle seconds.
package final class CallPool: @unchecked Sendable {
  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var queue: [@Sendable () -> Void] = []
  private var threadCount = 0
  private var idleCount = 0

  private let maximumThreads: Int
  /// Calls that may wait for a thread.
  package let maximumQueued: Int
  private let idleSeconds: TimeInterval

  package init(maximumThreads: Int = 96, maximumQueued: Int = 1024, idleSeconds: TimeInterval = 5) {
    self.maximumThreads = maximumThreads
    self.maximumQueued = maximumQueued
    self.idleSeconds = idleSeconds
  }

  /// Runs the work on one of the threads, in order of submission, and returns false if too much is queued already.
  package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if queue.count >= maximumQueued { return false }
    queue.append(work)
    if idleCount >= queue.count {
      condition.signal()
    } else if threadCount < maximumThreads {
      threadCount += 1
      let thread = Thread { self.run() }
      thread.name = "cobre-mcp.call"
      // Reading a case recurses over JSON of bounded depth. The default of secondary threads would do, barely.
      thread.stackSize = 4 << 20
      thread.start()
    }
    return true
  }

  private func run() {
    condition.lock()
    while true {
      if !queue.isEmpty {
        let work = queue.removeFirst()
        condition.unlock()
        work()
        condition.lock()
        continue
      }
      idleCount += 1
      let isWoken = condition.wait(until: Date(timeIntervalSinceNow: idleSeconds))
      idleCount -= 1
      if !isWoken && queue.isEmpty {
        threadCount -= 1
        condition.unlock()
        return
      }
    }
  }
}
