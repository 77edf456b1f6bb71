extension RunRequest {
  /// Throws for the first argument that is out of range, with the range and what was given.
  func check() throws {
    try check("num_workers", workers, 1...1024)
    try check("threads_per_worker", threadsPerWorker, 1...1024)
    try check("iterations", iterations, 1...1_000_000)
    try check("forward_passes", forwardPasses, 1...100_000)
    try check("simulate_scenarios", simulateScenarios, 0...10_000_000)
    try check("restarts", restarts, 0...100)
    if let problem = HostList.problem(self) { throw RunError(.invalidRequest, problem) }
    if let seconds = timeLimitSeconds, !(seconds > 0 && seconds <= 31_536_000) {
      throw RunError(
        .invalidRequest, "`time_limit_seconds` must be above 0 and at most 31536000 (a year); \(seconds) was given.")
    }
    for (name, gap) in [("target_gap", targetGap), ("statistical_gap", statisticalGap)] {
      guard let gap, !(gap > 0 && gap < 1) else { continue }
      throw RunError(.invalidRequest, "`\(name)` must be above 0 and below 1; \(gap) was given.")
    }
    do { _ = try library } catch { throw RunError(.invalidRequest, error.detail) }
    if let runName, !RunIdentifier.isValidName(runName) {
      throw RunError(
        .invalidRequest,
        "`run_name` must have 1 to 64 characters out of letters, digits, '.', '_' and '-'; "
          + "\"\(LogTail.sanitized(runName.utf8.prefix(80)))\" was given.")
    }
    guard !caseDirectory.utf8.contains(0) else {
      throw RunError(.invalidRequest, "`case_dir` must be a path; the text given contains a zero byte.")
    }
  }

  /// Who solves the stage problems; throws where this build lacks the library asked for.
  var library: SolverLibrary { get throws(LPError) { try (solver ?? .auto).library() } }

  private func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
    guard let value, !range.contains(value) else { return }
    throw RunError(
      .invalidRequest,
      "`\(name)` must be from \(range.lowerBound) to \(range.upperBound); \(value) was given.")
  }

  /// Names of the arguments in which two requests differ, as a caller writes them.
  func differences(from other: RunRequest) -> [String] {
    var names: [String] = []
    if caseDirectory != other.caseDirectory { names.append("case_dir") }
    if backend != other.backend { names.append("backend") }
    if workers != other.workers { names.append("num_workers") }
    if (threadsPerWorker ?? 1) != (other.threadsPerWorker ?? 1) { names.append("threads_per_worker") }
    if hosts != other.hosts { names.append("hosts") }
    if iterations != other.iterations { names.append("iterations") }
    if forwardPasses != other.forwardPasses { names.append("forward_passes") }
    if seed != other.seed { names.append("seed") }
    if policyRun != other.policyRun { names.append("run_id") }
    if scenarioScheme != other.scenarioScheme { names.append("scheme") }
    if scenarioSeed != other.scenarioSeed { names.append("seed of the scenarios") }
    if solver ?? .auto != other.solver ?? .auto { names.append("solver") }
    if statisticalGap != other.statisticalGap { names.append("statistical_gap") }
    if targetGap != other.targetGap { names.append("target_gap") }
    if simulationDetail != other.simulationDetail { names.append("simulation_detail") }
    if timeLimitSeconds != other.timeLimitSeconds { names.append("time_limit_seconds") }
    if simulateScenarios != other.simulateScenarios { names.append("simulate_scenarios") }
    if restarts != other.restarts { names.append("restarts") }
    return names
  }
}
