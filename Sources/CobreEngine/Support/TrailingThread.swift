internal import CobreBase
internal import Foundation

/// Does jobs in order on its own thread, while its owner continues.
///
/// At most one job is pending.
///
/// Submitting a job waits for the previous one. A failed job is reported by the next call, and jobs submitted after it
/// are not begun. Used by one thread.
package final class TrailingThread {
  private let shared = TrailingJobs()
  private let thread: pthread_t?

  package init() {
    // Signals are handled by the owner's thread. A new thread inherits this mask.
    let mask = SignalMask.blockAll()
    defer { mask.restore() }
    var made = pthread_t()
    let jobs = Unmanaged.passRetained(shared)
    let status = pthread_create(
      &made, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<TrailingJobs>.fromOpaque(argument).takeRetainedValue().serve()
        return nil
      }, jobs.toOpaque())
    if status != 0 { jobs.release() }
    // Where the system grants no thread, jobs are done at once.
    thread = status == 0 ? made : nil
  }

  /// Waits for the last job.
  deinit {
    shared.end()
    if let thread { pthread_join(thread, nil) }
  }

  /// Waits for the previous job and starts this one on the thread.
  ///
  /// - Parameter job: the work.
  /// - Throws: what an earlier job threw.
  package func submit(_ job: @escaping @Sendable () throws -> Void) throws {
    try finish()
    if thread == nil { return try job() }
    shared.begin(job)
  }

  /// Waits until nothing is left to do.
  ///
  /// - Throws: what a job threw.
  package func finish() throws {
    if let failure = shared.wait() { throw failure }
  }
}

/// Hands jobs over to the thread.
///
/// Sendable, since all mutable state is accessed only under the condition.
private final class TrailingJobs: @unchecked Sendable {
  private let condition = NSCondition()
  private var job: (@Sendable () throws -> Void)?
  private var isWorking = false
  private var isOver = false
  private var failure: (any Error)?

  func begin(_ job: @escaping @Sendable () throws -> Void) {
    condition.lock()
    self.job = job
    condition.broadcast()
    condition.unlock()
  }

  func wait() -> (any Error)? {
    condition.lock()
    defer { condition.unlock() }
    while job != nil || isWorking { condition.wait() }
    return failure
  }

  func end() {
    condition.lock()
    isOver = true
    condition.broadcast()
    condition.unlock()
  }

  /// The thread's loop, which ends when there is nothing left to do.
  func serve() {
    condition.lock()
    defer { condition.unlock() }
    while true {
      while job == nil && !isOver { condition.wait() }
      guard let next = job else { return }
      job = nil
      isWorking = true
      condition.unlock()
      var thrown: (any Error)?
      do { try next() } catch { thrown = error }
      condition.lock()
      if let thrown { failure = thrown }
      isWorking = false
      condition.broadcast()
    }
  }
}
