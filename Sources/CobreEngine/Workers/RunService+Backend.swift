extension RunService {
  /// What a request for this backend and number of workers would come to.
  ///
  /// `auto` means the default of the runs directory first; `nil` workers mean the physical cores, at most the number of
  /// forward passes. With `thorough` every backend is tried, otherwise only those that the choice depends on. With
  /// `ignoringDefault` the default plays no part.
  package func select(
    backend: RequestedBackend, workers: Int?, forwardPasses: Int? = nil, thorough: Bool = true,
    ignoringDefault: Bool = false
  ) throws -> BackendReport {
    let cores = PhysicalCores.count()
    let count = workers ?? min(cores, forwardPasses ?? cores)
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
