internal import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import CobrePlatformShim
internal import CobreRuns
internal import Foundation

/// A computation of this process on its own thread.
///
/// Callers follow it by polling.
///
/// Sendable, since all mutable state is read and written under `condition`.
final class Job: @unchecked Sendable {
  /// What is known of it at one moment.
  struct News {
    var rows: [ConvergenceRow]
    var outcome: DirectRun.Outcome?
    /// Estimated seconds to the limit of iterations or of time, or nil if unknown.
    var remainingSeconds: Double?
  }

  private let run: DirectRun
  private let connect: @Sendable (UInt64) throws -> any Communicator
  /// Whether each iteration waits until the caller has seen the previous one.
  private let isInLockstep: Bool

  private let condition = NSCondition()
  /// In order of iteration.
  private var rows: [ConvergenceRow] = []
  private var settings: RunSettings?
  private var result: Result<DirectRun.Outcome, any Error>?
  /// The last iteration that the caller has seen.
  private var seen = 0
  private var isStopping = false

  /// Enough for solving.
  ///
  /// A foreign process may have set a small default.
  private static let stackBytes = 32 << 20

  /// Starts the computation.
  init(
    run: DirectRun, isInLockstep: Bool, connect: @escaping @Sendable (UInt64) throws -> any Communicator
  ) throws {
    self.run = run
    self.connect = connect
    self.isInLockstep = isInLockstep
    ForkGuard.noteThreads()
    // The host program handles signals. A closed connection must not end it either.
    let mask = SignalMask.blockAll()
    defer { mask.restore() }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackBytes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let job = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().compute()
        return nil
      }, job.toOpaque())
    guard status == 0 else {
      job.release()
      throw Failure(.other, "The system grants no thread: \(String(cString: strerror(status))).")
    }
  }

  private func compute() {
    let result = Result {
      try run.run(connect: connect, begun: { [self] in begin($0.settings) }, observe: { [self] in observe($0) })
    }
    condition.lock()
    self.result = result
    condition.broadcast()
    condition.unlock()
  }

  private func begin(_ settings: RunSettings) {
    condition.lock()
    self.settings = settings
    condition.unlock()
  }

  private func observe(_ report: IterationReport) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    rows.append(ConvergenceRow(report))
    condition.broadcast()
    while isInLockstep && seen < report.iteration && !isStopping { condition.wait() }
    return !isStopping
  }

  /// Asks for the end of the computation after its iteration.
  func stop() {
    condition.lock()
    isStopping = true
    condition.broadcast()
    condition.unlock()
    run.requestStop()
  }

  /// What is known when the computation has ended, when an iteration after `iteration` is known, or when the time is
  /// over.
  ///
  /// - Throws: what the computation threw.
  func wait(after iteration: Int, seconds: Double) throws -> News {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    if iteration > seen {
      seen = iteration
      condition.broadcast()
    }
    while result == nil && (rows.last?.iteration ?? 0) <= iteration && condition.wait(until: deadline) {}
    // A failure is reported after all iterations before it.
    // Callers ask for the rows after the last one that they have seen.
    let news = Array(rows.reversed().prefix { $0.iteration > iteration }.reversed())
    if case .failure(let error) = result, news.isEmpty { throw error }
    return News(rows: news, outcome: try? result?.get(), remainingSeconds: news.isEmpty ? nil : remainingSeconds())
  }

  private func remainingSeconds() -> Double? {
    guard let settings, let last = rows.last else { return nil }
    let marks = IterationPace.marks(from: 0, through: rows.count - 1).map {
      IterationPace.Mark(iteration: rows[$0].iteration, elapsedSeconds: rows[$0].elapsedSeconds)
    }
    return settings.remainingSeconds(
      after: last.iteration, elapsed: last.elapsedSeconds, pace: IterationPace(marks))
  }
}
