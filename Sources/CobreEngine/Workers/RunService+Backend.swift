extension RunService {
  /// What a request for this backend and number of workers would come to.
  ///
  /// `auto` means the default of the runs directory first; `nil` workers mean the physical cores, at most the number of
  /// forward passes.
  package func select(backend: RequestedBackend, workers: Int?, forwardPasses: Int? = nil) throws -> BackendReport {
    let cores = PhysicalCores.count()
    let count = workers ?? min(cores, forwardPasses ?? cores)
    let asked = backend == .auto ? try defaultBackend() : backend
    let choice: Backend = asked == .local || count == 1 ? .local : asked.backend ?? .shm
    let reason =
      switch (choice, asked) {
      case (.local, .local): "`local` was asked for; it computes in one process."
      case (.local, _): "One worker needs no communication, so it computes alone."
      case (_, .auto): "Several workers on one host share memory."
      default: "`\(choice.rawValue)` was asked for."
      }
    return BackendReport(
      chosen: choice.rawValue, reason: reason, workers: choice == .local ? 1 : count,
      entries: Backend.allCases.map {
        BackendReport.Entry(
          backend: $0.rawValue, builtIn: true, usable: true, chosen: $0 == choice,
          reason: $0 == choice ? reason : "Not needed.")
      })
  }
}
