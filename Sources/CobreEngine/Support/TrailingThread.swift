internal import Foundation

/// Does jobs in their order on a thread of its own, while its owner goes on: at most one is behind.
///
/// Handing in a job waits for the one before. A job that fails is reported by the next call, and those that are handed in
/// after it are not begun. Used by one thread.
package final class TrailingThread {
  private let shared = TrailingJobs()
  private let thread: pthread_t?

  package init() {
    // Signals are the owner's affair; a new thread inherits the mask.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
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

  /// Waits for the job before and lets the thread do this one.
  ///
  /// - Parameter job: what is to be done.
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

/// The place where a job is handed over.
///
/// Sendable, since everything mutable is touched under the condition alone.
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

  /// The life of the thread: it ends when there is nothing left to do.
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
