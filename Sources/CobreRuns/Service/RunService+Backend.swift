package import CobreCommunication
internal import CobreEngine

extension RunService {
  /// What a request for this backend and number of workers would select.
  ///
  /// `auto` means the default of the runs directory first. `nil` workers mean the physical cores over the threads of
  /// each, and at most one worker per forward pass. With `thorough` every backend is tried, otherwise only the backends
  /// that the choice depends on. With `ignoringDefault` the default is not used.
  package func select(
    backend: RequestedBackend, workers: Int?, threads: Int = 1, forwardPasses: Int? = nil, thorough: Bool = true,
    ignoringDefault: Bool = false
  ) throws -> BackendReport {
    // At most one thread for each core and for each trajectory.
    let threads = max(1, threads)
    let cores = max(1, PhysicalCores.count() / threads)
    let count = workers ?? min(cores, forwardPasses.map { max(1, ($0 + threads - 1) / threads) } ?? cores)
    let selection = prober.select(
      argument: backend, standing: ignoringDefault ? .auto : try defaultBackend(),
      environment: ChildProcess.currentEnvironment(), workers: count, thorough: thorough)
    return BackendReport(
      chosen: selection.choice.rawValue,
      reason: selection.reason + (selection.refusal.map { " It cannot be used: \($0)" } ?? ""),
      workers: selection.choice == .local ? 1 : count,
      entries: selection.entries.map { entry in
        BackendReport.Entry(
          backend: entry.backend.rawValue, builtIn: entry.isBuiltIn,
          usable: entry.isUsable && !(entry.isChosen && selection.refusal != nil), chosen: entry.isChosen,
          reason: entry.reason, probeSeconds: entry.probeSeconds)
      })
  }
}
