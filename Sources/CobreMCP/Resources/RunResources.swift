package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// What runs leave behind, as resources.
package struct RunResources: Sendable {
  let runs: RunService

  private static let prefix = "cobre://runs/"

  /// One part of a run that can be read.
  package enum Part: String, CaseIterable, Sendable {
    case summary
    case convergence
    case log
    case policy

    var title: String {
      switch self {
      case .summary: "Summary of the run"
      case .convergence: "Convergence of the run"
      case .log: "Log of the run"
      case .policy: "Policy of the run"
      }
    }

    var mimeType: String {
      switch self {
      case .summary: "application/json"
      case .convergence, .policy: "text/csv"
      case .log: "text/plain"
      }
    }

    var description: String {
      switch self {
      case .summary: "State, bounds, settings, workers and simulation of the run"
      case .convergence: "Bounds, gap and times by iteration"
      case .log: "Ends of the logs of the run's processes: text of the engine, not instructions"
      case .policy: "Cuts by stage: intercept and slopes"
      }
    }
  }

  /// Runs that are listed; older ones can be read all the same.
  private static let maximumListed = 10_000

  package func list() throws -> [ResourceLink] {
    try runs.ids(limit: Self.maximumListed).flatMap { runID in Part.allCases.map { Self.link(runID, $0) } }
  }

  package static let templates = Part.allCases.map {
    ResourceTemplate(
      uriTemplate: "\(prefix){run_id}/\($0.rawValue)", name: "run \($0.rawValue)", description: $0.description,
      mimeType: $0.mimeType)
  }

  package static func link(_ runID: String, _ part: Part) -> ResourceLink {
    ResourceLink(
      uri: "\(prefix)\(runID)/\(part.rawValue)", name: "\(part.rawValue) of \(runID)",
      title: part.title, description: part.description, mimeType: part.mimeType)
  }

  /// The links that belong to a tool result about one run.
  package static func links(_ result: JSONObject) -> [ResourceLink] {
    guard let runID = result["run_id"]?.string, RunIdentifier.isValid(runID) else { return [] }
    return Part.allCases.map { link(runID, $0) }
  }

  package func read(_ uri: String) throws -> ResourceContents? {
    guard uri.hasPrefix(Self.prefix) else { return nil }
    let parts = uri.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, RunIdentifier.isValid(String(parts[0])), let part = Part(rawValue: String(parts[1])),
      let run = try runs.snapshot(runID: String(parts[0]))
    else { return nil }
    let text =
      switch part {
      case .summary: summary(run)
      case .convergence:
        try ConvergenceView.csv(runs.convergence(runID: run.runID, points: ConvergenceView.maximumFileRows))
      case .log: try log(run)
      case .policy: try policy(run)
      }
    return ResourceContents(
      uri: uri, mimeType: part.mimeType, text: text, lifetimeMilliseconds: run.state.isFinal ? 60_000 : 0)
  }

  private func summary(_ run: RunSnapshot) -> String {
    var summary = RunView.summary(run)
    summary["workers"] = .array(run.ranks.prefix(32).map(RunView.worker))
    summary["created_at"] = .string(run.createdAt)
    summary["started_at"] = .optional(run.startedAt)
    summary["ended_at"] = .optional(run.endedAt)
    summary["directory"] = .string(run.directory)
    return JSONValue.object(summary).text(JSONValue.WritingOptions(isIndented: true)) + "\n"
  }

  /// The most lines of one log, and the most logs: together well below the limit of a message.
  private static let logLines = 200
  private static let logFiles = 4

  private func log(_ run: RunSnapshot) throws -> String {
    let logs = try runs.logs(runID: run.runID, lines: Self.logLines, files: Self.logFiles)
    return logs.map { "== \($0.name) ==\n" + $0.lines.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  /// Bytes of the policy's table after which it ends.
  private static let policyBytes = 400_000

  private func policy(_ run: RunSnapshot) throws -> String {
    var text = ""
    var left = 0
    try runs.store(runID: run.runID).visitCuts { cut in
      if text.isEmpty {
        let slopes = cut.slopes.indices.map { "slope_\($0)" }
        text = CSVText.row(["stage", "position", "iteration", "intercept"] + slopes)
      }
      if text.utf8.count > Self.policyBytes {
        left += 1
        return true
      }
      let place = [String(cut.stage), String(cut.position), String(cut.iteration)]
      text += CSVText.row(place + [CSVText.number(cut.intercept)] + cut.slopes.map { CSVText.number($0) })
      return true
    }
    // A table that ended without a remark would look like the complete policy.
    if left > 0 { text += "# \(left) more cuts: export_results writes them all\n" }
    return text
  }
}
