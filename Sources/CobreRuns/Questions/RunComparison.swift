package import CobreBase
package import CobreCase
internal import CobreEngine

/// Runs side by side: what they were asked, what their cases say, and what came out.
package struct RunComparison: Sendable {
  package let runs: [RunEvidence]
  /// Differences of each run's case from the first one's, or nil if the contents are the same or no longer available.
  package private(set) var cases: [CaseDifferences?]
  /// Differences of each simulation from the first one's, or nil if one of them has none.
  package private(set) var results: [ResultDifferences?]

  /// - Parameters:
  ///   - runs: two or more; the first is what the others are held against.
  ///   - bounds: where their cases may be.
  /// - Throws: `RunError` where a database cannot be read.
  package init(_ runs: [RunEvidence], bounds: CaseBounds = .anywhere) throws {
    self.runs = runs
    guard let first = runs.first else {
      (cases, results) = ([], [])
      return
    }
    let base = Self.files(first, bounds)
    cases = runs.dropFirst().map { run in
      guard run.manifest.caseHash != first.manifest.caseHash, let base, let other = Self.files(run, bounds) else {
        return nil
      }
      return CaseDifferences(base, other)
    }
    results = try runs.dropFirst().map { try ResultDifferences(first, $0) }
  }

  /// The files of a run's case; nil where they are others by now.
  private static func files(_ run: RunEvidence, _ bounds: CaseBounds) -> [String: [UInt8]]? {
    let files = run.manifest.caseFiles(bounds: bounds)
    return CaseInput.hash(of: files).text == run.manifest.caseHash ? files.contents : nil
  }

  /// The options in which the runs differ, each with its value by run, in the order of the runs.
  package var optionDifferences: JSONObject {
    let options = runs.map { Self.options($0) }
    var differences: JSONObject = [:]
    for name in options.first?.keys ?? [] {
      let values = options.map { $0[name] ?? .null }
      if Set(values).count > 1 { differences[name] = .array(values) }
    }
    return differences
  }

  private static func options(_ run: RunEvidence) -> JSONObject {
    var options: JSONObject = [
      // The end of the path distinguishes the runs. Ten long paths would fill the answer.
      "case_dir": .string(String(run.snapshot.caseDirectory.suffix(200)))
    ]
    for option in RunOption.all { options[option.name] = option.used?(run.manifest) }
    options["policy_of"] = .optional(run.manifest.settings.policy?.run)
    options["engine_version"] = .string(run.manifest.engineVersion)
    return options
  }

  /// Whether all runs computed on the same contents of a case.
  package var isSameCase: Bool { Set(runs.map(\.manifest.caseHash)).count <= 1 }
}

extension RunComparison {
  /// The comparison as tools and commands report it.
  package var json: JSONObject {
    var result: JSONObject = [
      "same_case": .bool(isSameCase), "summary": .array(sentences.map { .string($0) }),
      "differences": .object(optionDifferences), "runs": .array(runs.map(Self.figures)),
    ]
    let differing = zip(runs.dropFirst(), cases).compactMap { run, differences in
      differences.map {
        JSONObject([("run_id", .string(run.snapshot.runID))] + $0.json.members.map { ($0.key, $0.value) })
      }
    }
    if !differing.isEmpty { result["case_differences"] = .array(differing.map { .object($0) }) }
    let compared = results.compactMap { $0 }
    if !compared.isEmpty { result["results"] = .array(compared.map { .object($0.json) }) }
    result["next"] = .string(next)
    return result
  }

  private static func figures(_ evidence: RunEvidence) -> JSONValue {
    let run = evidence.snapshot
    return [
      "run_id": .string(run.runID), "run_name": .optional(run.runName), "state": .string(run.state.rawValue),
      "iteration": .int(Int64(run.iteration)), "lower_bound": .optional(run.lowerBound),
      "upper_bound": .optional(run.upperBound), "upper_bound_ci95": .optional(run.upperBoundHalfWidth),
      "gap": .optional(run.gap), "elapsed_seconds": .seconds(run.elapsedSeconds),
      "stop_reason": .optional(run.stopReason), "bounds": .optional(run.bounds?.rawValue),
      "scenarios": run.simulation.map { .int(Int64($0.scenarios)) } ?? .null,
      "mean_cost": .optional(run.simulation?.meanCost), "mean_cost_ci95": .optional(run.simulation?.halfWidth),
      "case_hash": .string(String(evidence.manifest.caseHash.prefix(16))),
    ]
  }

  private func name(_ run: RunEvidence) -> String { run.snapshot.runName ?? run.snapshot.runID }

  private var sentences: [String] {
    guard let first = runs.first else { return [] }
    var sentences: [String] = []
    for (index, run) in runs.dropFirst().enumerated() {
      if run.manifest.caseHash != first.manifest.caseHash {
        if let counts = cases[index]?.counts {
          let files = counts.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
          sentences.append(
            files.isEmpty
              ? "The case of \(name(run)) says the same as that of \(name(first)) in other bytes."
              : "The case of \(name(run)) differs in \(files.joined(separator: ", ")).")
        } else {
          sentences.append(
            "The cases of \(name(first)) and \(name(run)) differ, but the files of one of them have changed since, so that "
              + "it is unknown in what.")
        }
      }
      if let sentence = discounts(first, run) { sentences.append(sentence) }
      sentences += results[index]?.sentences(name(first), name(run)) ?? []
    }
    return sentences
  }

  /// That two runs discount otherwise, which no difference of their costs should be read without.
  private func discounts(_ first: RunEvidence, _ second: RunEvidence) -> String? {
    guard let one = first.study, let other = second.study, !Self.discountAlike(one, other) else { return nil }
    let (rate, otherRate) = (one.graph.annualDiscountRate, other.graph.annualDiscountRate)
    let rates =
      rate == otherRate
      ? "Some of their stages have rates of their own that differ"
      : "\(name(first)) has \(Figures.percent(rate)) a year, \(name(second)) \(Figures.percent(otherRate))"
    return
      "The two discount otherwise: \(rates). Bounds, costs and water values are in money of different weights, so that a part "
      + "of what differs is the discounting itself."
  }

  /// Whether two cases give the same factor to every stage that both have.
  private static func discountAlike(_ first: StudyCase, _ second: StudyCase) -> Bool {
    first.graph.annualDiscountRate == second.graph.annualDiscountRate
      && (0..<min(first.stages.count, second.stages.count)).allSatisfy {
        first.discountFactor(stage: $0) == second.discountFactor(stage: $0)
          || first.stages[$0].days != second.stages[$0].days
      }
  }

  private var next: String {
    let isEnded = runs.allSatisfy { $0.snapshot.state.isFinal }
    return
      (Set(runs.map(\.snapshot.bounds)).count > 1
      ? "The bounds are bounds of different costs (see bounds of each run), so only simulated costs can be compared. "
      : "")
      + (isSameCase
        ? "The runs share the contents of their case, so their bounds can be compared."
        : "The cases differ in their contents: their bounds bound different costs.")
      + (isEnded ? " Call convergence or plot for one of them." : " Some run is still on its way.")
  }
}
