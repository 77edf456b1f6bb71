package import CobreEngine

/// Runs side by side, as far as they can be compared.
package enum RunComparison {
  /// One run with what it was asked for.
  package struct Entry: Sendable {
    package var run: RunSnapshot
    package var manifest: RunManifest

    package init(run: RunSnapshot, manifest: RunManifest) {
      self.run = run
      self.manifest = manifest
    }
  }

  /// The options in which the runs differ, each with its value by run, in the order of the runs.
  package static func differences(_ entries: [Entry]) -> JSONObject {
    let options = entries.map { Self.options($0) }
    var differences: JSONObject = [:]
    for name in options.first?.keys ?? [] {
      let values = options.map { $0[name] ?? .null }
      if Set(values).count > 1 { differences[name] = .array(values) }
    }
    return differences
  }

  private static func options(_ entry: Entry) -> JSONObject {
    var options: JSONObject = [
      // Its end tells the runs apart; ten long paths would fill the answer.
      "case_dir": .string(String(entry.run.caseDirectory.suffix(200)))
    ]
    for option in RunOption.all { options[option.name] = option.used?(entry.manifest) }
    options["policy_of"] = .optional(entry.manifest.settings.policy?.run)
    options["engine_version"] = .string(entry.manifest.engineVersion)
    return options
  }

  /// The figures of one run.
  package static func figures(_ entry: Entry) -> JSONValue {
    let run = entry.run
    return [
      "run_id": .string(run.runID), "run_name": .optional(run.runName), "state": .string(run.state.rawValue),
      "iteration": .int(Int64(run.iteration)), "lower_bound": .optional(run.lowerBound),
      "upper_bound": .optional(run.upperBound), "upper_bound_ci95": .optional(run.upperBoundHalfWidth),
      "gap": .optional(run.gap), "elapsed_seconds": .seconds(run.elapsedSeconds),
      "stop_reason": .optional(run.stopReason), "bounds": .optional(run.bounds?.rawValue),
      "scenarios": run.simulation.map { .int(Int64($0.scenarios)) } ?? .null,
      "mean_cost": .optional(run.simulation?.meanCost), "mean_cost_ci95": .optional(run.simulation?.halfWidth),
      "case_hash": .string(String(entry.manifest.caseHash.prefix(16))),
    ]
  }

  /// Whether all runs computed on the same contents of a case.
  package static func isSameCase(_ entries: [Entry]) -> Bool { Set(entries.map(\.manifest.caseHash)).count <= 1 }
}
