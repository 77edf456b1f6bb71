package import CobreBase
package import CobreCase
internal import CobreCommunication
package import CobreEngine

/// Why a run failed at a stage LP without a feasible point: the smallest set of limits that contradict each other
/// there.
///
/// The training is repeated until it fails at the same place, which it does since it is deterministic, or the
/// simulation where the training has ended.
package struct InfeasibilityExplanation: Sendable {
  /// A limit of the set.
  package struct Limit: Sendable, Equatable {
    package var text: String
    /// As a sentence shows it: "at least 5", "at most 5", "5".
    package var bound: String
    /// Position in the program, as in the MPS file that the run has written.
    package var place: String
  }

  let study: StudyCase
  let runID: String
  package let failure: TrainingError
  package let limits: [Limit]

  /// Whether a run failed at a stage LP without a feasible point.
  static func concerns(_ run: RunEvidence) -> Bool {
    run.snapshot.state == .failed && run.snapshot.error?.contains(TrainingError.infeasibility) == true
  }

  /// - Parameters:
  ///   - evidence: a run that has failed.
  ///   - seconds: time at most.
  ///   - bounds: where the case may lie.
  /// - Throws: `RunError` where it does not fail at such an LP within the time.
  package init(_ evidence: RunEvidence, seconds: Double, bounds: CaseBounds = .anywhere) throws {
    let study = try evidence.requiredStudy()
    self.study = study
    runID = evidence.snapshot.runID
    let end = ContinuousClock.now + .seconds(seconds)
    let (failure, program) = try Self.repeated(evidence, study, seconds: seconds, bounds: bounds)
    self.failure = failure
    guard let set = try IrreducibleSet(of: program.model, isLate: { ContinuousClock.now > end }) else {
      throw RunError(.limit, "The stage LP that failed has a feasible point when it is solved alone. \(failure)")
    }
    let rows = program.rowNames(ElementNames(study))
    limits = set.limits.map { limit in
      switch limit {
      case .row(let row):
        Limit(
          text: rows.text(row), bound: Self.bound(program.model.rowLower[row], program.model.rowUpper[row]),
          place: "row \(row)")
      case .columnLower(let column):
        Limit(
          text: "least " + rows.text(column: column), bound: Self.bound(program.model.columnLower[column], .infinity),
          place: "lower bound of column \(column)")
      case .columnUpper(let column):
        Limit(
          text: "largest " + rows.text(column: column),
          bound: Self.bound(-.infinity, program.model.columnUpper[column]), place: "upper bound of column \(column)")
      }
    }
  }

  private static func bound(_ lower: Double, _ upper: Double) -> String {
    if lower == upper { return Figures.text(lower) }
    let sides = [
      lower.isFinite ? "at least \(Figures.text(lower))" : nil, upper.isFinite ? "at most \(Figures.text(upper))" : nil,
    ]
    return sides.compactMap { $0 }.joined(separator: ", ")
  }

  /// Computes what the run has computed until it fails.
  private static func repeated(
    _ evidence: RunEvidence, _ study: StudyCase, seconds: Double, bounds: CaseBounds
  ) throws -> (TrainingError, NamedProgram) {
    let end = ContinuousClock.now + .seconds(seconds)
    var program: NamedProgram?
    let states = InflowProcess(study: study).layout
    let note = { (solver: StageSolver) in
      program = NamedProgram(solver, StageLPNames(solver.template, study: study, states: states))
    }
    do {
      if try evidence.store.totals().iterations < evidence.manifest.settings.iterations
        && evidence.manifest.settings.policy == nil
      {
        try train(evidence, study, until: end, note)
      } else {
        let replay = try PolicyReplay(
          evidence, scenarios: max(1, evidence.manifest.settings.simulateScenarios), bounds: bounds)
        try replay.walk(through: nil, seconds: seconds, unsolved: note) { _, _, _ in }
      }
    } catch let error as TrainingError where error.cause.code == .infeasible {
      if let program { return (error, program) }
      throw RunError(.limit, "\(error)")
    }
    throw RunError(
      .limit,
      "The run does not fail at a stage LP without a feasible point within \(Figures.duration(seconds)) of computing again. Call "
        + "status for how it failed; cobre-worker explain-violation takes as long as it needs.")
  }

  private static func train(
    _ evidence: RunEvidence, _ study: StudyCase, until end: ContinuousClock.Instant,
    _ note: @escaping (StageSolver) -> Void
  ) throws {
    let trainer = try Trainer(
      study: study, options: evidence.manifest.settings.options(for: study), communicator: LocalCommunicator())
    trainer.watchUnsolved(note)
    _ = try trainer.train { _ in ContinuousClock.now < end }
  }
}

extension InfeasibilityExplanation {
  /// The explanation as tools and commands tell it.
  package var json: JSONObject {
    let stage = failure.stage
    let list = limits.map { "\($0.text) (\($0.bound))" }.joined(separator: "; ")
    let trajectory = failure.trajectory.map { ", trajectory \($0)" } ?? ""
    return [
      "run_id": .string(runID),
      "summary": [
        .string(
          "Stage \(stage) (\(study.stages[stage].start.description)) has no feasible point: opening \(failure.opening)\(trajectory), "
            + "iteration \(failure.iteration) (\(failure.phase.rawValue))."),
        .string(
          "\(limits.count) limits contradict each other there: \(list). Without any one of them the others can be met."),
      ],
      "infeasible": [
        "stage": .int(Int64(stage)), "begins": .string(study.stages[stage].start.description),
        "opening": .int(Int64(failure.opening)), "iteration": .int(Int64(failure.iteration)),
      ],
      "limits": [
        "columns": ["limit", "bound", "place_in_lp"],
        "rows": .array(limits.map { [.string($0.text), .string($0.bound), .string($0.place)] }),
      ],
      "next": "Relax one of the limits in the case, then train again.",
    ]
  }
}
