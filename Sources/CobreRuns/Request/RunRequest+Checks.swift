internal import CobreBase
internal import CobreCase
internal import CobreEngine

extension RunRequest {
  /// Throws for the first argument that is out of range, with the range and what was given.
  package func check() throws {
    if let caseEdits, let list = try? JSONParser.parse(Array(caseEdits.utf8)).array {
      do throws(CaseEditFailure) {
        _ = try CaseEdit.list(list)
      } catch {
        throw RunError(.invalidRequest, "`case_edits`: " + error.problems.joined(separator: " "))
      }
    }
    for option in RunOption.all {
      guard let value = option.get(self), !option.kind.allows(value), option.name != RunOption.hosts.name else {
        continue
      }
      throw RunError(
        .invalidRequest, "`\(option.name)` must be \(option.kind.allowed); \(value.text()) was given.")
    }
    if let problem = HostList.problem(self) { throw RunError(.invalidRequest, problem) }
    do { _ = try library } catch { throw RunError(.invalidRequest, error.detail) }
    if let runName, !RunIdentifier.isValidName(runName) {
      throw RunError(
        .invalidRequest,
        "`run_name` must have 1 to 64 characters out of letters, digits, '.', '_' and '-'; "
          + "\"\(LogTail.sanitized(runName.utf8.prefix(80)))\" was given.")
    }
    if let runName, RunIdentifier.isValid(runName) {
      throw RunError(
        .invalidRequest, "`run_name` cannot be \"\(runName)\": it reads like the id of a run. Choose another name.")
    }
    guard !caseDirectory.isEmpty || continuedRun != nil || policyRun != nil else {
      throw RunError(
        .invalidRequest, "`case_dir` is needed: the directory of the case. Only `continue_from` makes up for it.")
    }
    guard !caseDirectory.utf8.contains(0) else {
      throw RunError(.invalidRequest, "`case_dir` must be a path; the text given contains a zero byte.")
    }
  }

  /// Throws for options that the case cannot satisfy, and names options that it can.
  func check(against study: StudyCase) throws {
    try checkVertices(study)
    guard let stage = study.stages.first(where: { !$0.riskMeasure.isNeutral }) else { return }
    let reason =
      "stage \(stage.id) has a risk measure, so the lower bound is one of the risk-adjusted cost, which no mean cost of "
      + "trajectories can be held against"
    let hasUpperBound = study.conventions.penaltiesBoundSlopes
    let deterministic =
      hasUpperBound
      ? "or `target_gap` with upper_bound_evaluation in config.json"
      : "as cases in Novomodelo's format have no deterministic upper bound"
    if statisticalGap != nil {
      throw RunError(
        .invalidRequest,
        "`statistical_gap` cannot be met here: \(reason). Use `iterations` or a bound_stalling rule, "
          + "\(deterministic).")
    }
    if targetGap != nil, !study.configuration.upperBound.enabled {
      throw RunError(
        .invalidRequest,
        "`target_gap` needs a deterministic upper bound here: \(reason). "
          + (hasUpperBound
            ? "Set upper_bound_evaluation.enabled in config.json, or use `iterations` or a bound_stalling rule."
            : "Cases in Novomodelo's format have none: use `iterations` or a bound_stalling rule."))
    }
  }

  /// Refuses simulations with vertices that no evaluation could make, before the training that they would come after.
  private func checkVertices(_ study: StudyCase) throws {
    let settings = study.configuration
    guard (simulateScenarios ?? 0) > 0, settings.simulation.policyType == .inner,
      settings.upperBound.lipschitzFallback == nil,
      let obstacle = study.slopeObstacle(InflowProcess(study: study))
    else { return }
    throw RunError(
      .invalidRequest,
      "`simulate_scenarios` cannot be met with simulation.policy_type \"inner\". "
        + UpperBoundSettings.missingFallback(obstacle)
        + " Give it in config.json, or set simulation.policy_type to \"outer\".")
  }

  /// Who solves the stage LPs.
  ///
  /// Throws where this build lacks the library asked for.
  var library: SolverLibrary { get throws(LPError) { try (solver ?? .auto).library() } }

  /// Names of the arguments in which two requests differ, as a caller writes them.
  package func differences(from other: RunRequest) -> [String] {
    var names = caseDirectory == other.caseDirectory ? [] : ["case_dir"]
    if policyRun != other.policyRun { names.append("run_id") }
    for option in RunOption.all
    where option.get(self) ?? option.defaultValue != option.get(other) ?? option.defaultValue {
      names.append(option.name)
    }
    return names
  }
}
