/// Starts runs and tells about them; everything it says is read from the runs directory.
///
/// Any number of services, in any number of processes, may work on one runs directory. All methods may be called from
/// any thread; they block for file and process work, `wait` up to its deadline.
package final class RunService: Sendable {
  package let runsDirectory: String
  package let workerExecutable: String

  /// - Parameters:
  ///   - runsDirectory: created on first use, with mode 0700.
  ///   - workerExecutable: path of `cobre-worker`.
  package init(runsDirectory: String, workerExecutable: String) {
    self.runsDirectory = runsDirectory
    self.workerExecutable = workerExecutable
  }

  /// Starts a run in processes of its own, or finds the one that an equal request of the same name started.
  ///
  /// Throws `RunError`; a case that cannot be read throws `InvalidCaseError` (with all findings), before anything is
  /// written and any process is started.
  package func start(_ request: RunRequest) throws -> (snapshot: RunSnapshot, created: Bool) {
    throw RunError(.launch, "Runs cannot be started yet.")
  }

  /// The run of that id, or the newest run; `nil` where there is none.
  package func snapshot(runID: String?) throws -> RunSnapshot? {
    throw RunError(.storage, "Runs cannot be read yet.")
  }

  /// Waits until the run has ended, the deadline has passed or `isCancelled` says so, whichever comes first.
  ///
  /// `observe` is called with a fresh snapshot whenever the run has made progress.
  package func wait(
    runID: String, until deadline: ContinuousClock.Instant, isCancelled: () -> Bool = { false },
    observe: (RunSnapshot) -> Void = { _ in }
  ) throws -> RunSnapshot {
    throw RunError(.storage, "Runs cannot be read yet.")
  }

  /// The iterations after `iteration`, in order.
  package func convergence(runID: String, since iteration: Int = 0) throws -> [ConvergenceRow] {
    throw RunError(.storage, "Runs cannot be read yet.")
  }

  /// All runs, newest first.
  package func list(limit: Int = 100) throws -> [RunSnapshot] {
    throw RunError(.storage, "Runs cannot be read yet.")
  }

  /// Asks a run to stop at the end of its iteration; what it has learnt is kept. Returns at once.
  package func cancel(runID: String) throws -> RunSnapshot {
    throw RunError(.storage, "Runs cannot be cancelled yet.")
  }

  /// Backend for requests that say `auto`; kept in the runs directory.
  package func defaultBackend() throws -> RequestedBackend { .auto }

  package func setDefaultBackend(_ backend: RequestedBackend) throws {
    throw RunError(.storage, "The default backend cannot be set yet.")
  }

  /// What a request for this backend and number of workers would come to; `nil` workers mean the physical cores.
  package func select(backend: RequestedBackend, workers: Int?) throws -> BackendReport {
    throw RunError(.backend, "Backends cannot be selected yet.")
  }
}
