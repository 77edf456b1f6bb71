internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreCommunication
internal import CobreEngine
internal import CobreRuns
internal import Foundation

/// How a command tells of its work.
enum LogForm: String, ExpressibleByArgument, CaseIterable {
  case text
  case csv
  case json
}

/// The option of the commands that tell of their work.
struct LogFlag: ParsableArguments {
  @Option(
    name: .customLong("log"),
    help: "text, csv (a row for each iteration) or json (an object for each line: start, iteration, end).")
  var form = LogForm.text
}

/// What a run says on its way: a line at its beginning, its iterations, a line at its end.
///
/// On a terminal iterations are one line that changes, in files and pipes a line each. With `csv` stdout has the table
/// alone and the first and last line go to stderr.
final class RunLog {
  private let form: LogForm
  private let verb: String
  /// Open MPI gives its ranks a terminal of their own, whatever its output goes to.
  private let isTerminal = isatty(1) == 1 && !StandaloneRun.hasLauncher
  private var beginning: DirectRun.Beginning?
  private var began = ContinuousClock.now
  private var hasRows = false

  /// - Parameters:
  ///   - form: as the option says.
  ///   - verb: what the run does, such as "training".
  init(_ form: LogForm, verb: String) {
    self.form = form
    self.verb = verb
  }

  func begin(_ beginning: DirectRun.Beginning) {
    self.beginning = beginning
    began = .now
    let settings = beginning.settings
    let solver = (settings.solver ?? .clp).rawValue
    if form == .json {
      write([
        "event": "start", "engine_version": .string(engineVersion), "run_id": .string(beginning.runID),
        "directory": .string(beginning.directory), "case_dir": .string(beginning.caseDirectory),
        "backend": .string(beginning.backend.rawValue), "ranks": .int(Int64(beginning.size)),
        "threads_per_rank": .int(Int64(settings.threads)), "solver": .string(solver),
        "iteration": .int(Int64(beginning.iteration)), "iteration_limit": .int(Int64(settings.iterations)),
        "forward_passes": .int(Int64(settings.forwardPasses)),
        "simulate_scenarios": .int(Int64(settings.simulateScenarios)),
        "warnings": .array(beginning.warnings.map { .string($0) }),
      ])
      return
    }
    var parts = [
      "cobre-worker \(engineVersion) \(verb) \(beginning.caseDirectory) in \(beginning.directory)",
      "\(beginning.backend.rawValue), \(beginning.size) rank\(beginning.size == 1 ? "" : "s") of \(settings.threads) "
        + "thread\(settings.threads == 1 ? "" : "s")", "solver \(solver)",
    ]
    if settings.policy == nil {
      parts.append("at most \(settings.iterations) iterations of \(settings.forwardPasses) trajectories")
    }
    if beginning.iteration > 0 { parts.append("going on after iteration \(beginning.iteration)") }
    if settings.simulateScenarios > 0 { parts.append("\(settings.simulateScenarios) scenarios to simulate") }
    if let limit = settings.timeLimitSeconds { parts.append("time limit \(limit) s") }
    let warnings = beginning.warnings.count
    if warnings > 0 {
      parts.append("\(warnings) warning\(warnings == 1 ? "" : "s") of the case (cobre-worker validate lists them)")
    }
    remark(parts.joined(separator: "; "))
  }

  func show(_ report: IterationReport) {
    switch form {
    case .json:
      write([
        "event": "iteration", "iteration": .int(Int64(report.iteration)), "lower_bound": number(report.lowerBound),
        "upper_bound": number(report.upperBound), "upper_bound_half_width": number(report.upperBoundHalfWidth),
        "deterministic_upper_bound": number(report.deterministicUpperBound ?? .nan), "gap": number(report.gap),
        "elapsed_seconds": number(report.elapsedSeconds),
      ])
    case .csv:
      if !hasRows {
        write(
          "iteration,lower_bound,upper_bound,upper_bound_half_width,deterministic_upper_bound,gap,elapsed_seconds")
      }
      let figures = [
        report.lowerBound, report.upperBound, report.upperBoundHalfWidth, report.deterministicUpperBound ?? .nan,
        report.gap, report.elapsedSeconds,
      ]
      write("\(report.iteration)," + figures.map { $0.isFinite ? "\($0)" : "" }.joined(separator: ","))
    case .text:
      // Without a meaning where the lower bound may be none.
      let gap = report.gap.isFinite ? String(format: "%9.2f%%", report.gap * 100) : "         -"
      // A single trajectory has no interval.
      let half = report.upperBoundHalfWidth
      let interval = half.isFinite ? String(format: "%9.2g ", half) : "        - "
      let row =
        String(format: "%9d %18.11g %18.11g ", report.iteration, report.lowerBound, report.upperBound) + interval + gap
        + String(format: " %9.2f", report.elapsedSeconds)
      if !hasRows { write("iteration        lower bound        upper bound        +-        gap   seconds") }
      if isTerminal {
        ProgramOutput.write("\r\u{1B}[K\(row)\(rest(report))")
      } else {
        write(row)
      }
    }
    hasRows = true
  }

  /// Says how the run has ended, and returns its exit code.
  func end(_ ending: StandaloneRun.Ending) -> Int32 {
    if form == .text, isTerminal, hasRows { write("") }
    let code = ending.exitCode
    switch ending {
    case .failed(let error): fail(error, code)
    case .ended(let outcome) where outcome.rank == 0: close(outcome, code)
    case .ended: break
    }
    return code
  }

  /// The interval of a mean, or that a single value has none.
  private func interval(_ half: Double?, _ unit: String) -> String {
    half.map { " ± \($0)" } ?? " of a single \(unit)"
  }

  private func close(_ outcome: DirectRun.Outcome, _ code: Int32) {
    let run = outcome.snapshot
    if form == .json {
      write([
        "event": "end", "exit_code": .int(Int64(code)), "state": .string(run?.state.rawValue ?? ""),
        "stop_reason": .string(outcome.stopReason.rawValue), "iteration": .int(Int64(run?.iteration ?? 0)),
        "lower_bound": number(run?.lowerBound ?? .nan), "upper_bound": number(run?.upperBound ?? .nan),
        "upper_bound_half_width": number(run?.upperBoundHalfWidth ?? .nan),
        "simulated_cost": number(run?.simulation?.meanCost ?? .nan),
        "simulated_half_width": number(run?.simulation?.halfWidth ?? .nan),
        "elapsed_seconds": number(run?.elapsedSeconds ?? .nan), "directory": .string(outcome.directory),
        "warnings": .array((run?.warnings ?? []).map { .string($0) }),
      ])
      return
    }
    let isStopped = code == StandaloneRun.Ending.stoppedCode
    var parts = ["\(isStopped ? "stopped" : "done") (\(outcome.stopReason.rawValue))"]
    if let run {
      if run.policyRun == nil { parts.append("\(run.iteration) of \(run.iterationLimit) iterations") }
      if let lower = run.lowerBound { parts.append("lower bound \(lower)") }
      if let upper = run.upperBound, run.bounds != .riskAdjusted {
        parts.append("sampled cost \(upper)\(interval(run.upperBoundHalfWidth, "trajectory"))")
      }
      if let simulation = run.simulation, let mean = simulation.meanCost {
        let count = simulation.scenarios == 1 ? "" : " over \(simulation.scenarios) scenarios"
        parts.append("simulated cost \(mean)\(interval(simulation.halfWidth, "scenario"))\(count)")
      }
      parts.append(String(format: "%.2f s", run.elapsedSeconds))
      let warnings = run.warnings.count
      if warnings > 0 {
        parts.append("\(warnings) warning\(warnings == 1 ? "" : "s") (cobre-worker status lists them)")
      }
    }
    if isStopped { parts.append("cobre-worker resume \(outcome.directory) goes on") }
    remark(parts.joined(separator: "; "))
  }

  /// A failure of the ranks is in the log of each already; what is wrong with a case is not.
  private func fail(_ error: any Error, _ code: Int32) {
    if let error = error as? InvalidCaseError, StandaloneRun.isFirstRank {
      for finding in error.findings.prefix(100) { ProgramOutput.complain(finding.description) }
    }
    guard form == .json else { return }
    write(["event": "end", "exit_code": .int(Int64(code)), "state": "failed", "error": .string("\(error)")])
  }

  /// Time that is left at the pace so far.
  private func rest(_ report: IterationReport) -> String {
    guard let beginning, report.iteration > beginning.iteration else { return "" }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let pace = seconds / Double(report.iteration - beginning.iteration)
    let left = pace * Double(beginning.settings.iterations - report.iteration)
    return String(format: "  at most %.0f s left", left.rounded(.up))
  }

  private func number(_ value: Double) -> JSONValue { value.isFinite ? .double(value) : .null }

  private func remark(_ line: String) {
    if form == .csv { ProgramOutput.complain(line) } else { ProgramOutput.print(line) }
  }

  private func write(_ members: JSONObject) { write(JSONValue.object(members).text()) }

  private func write(_ line: String) { ProgramOutput.print(line) }
}
