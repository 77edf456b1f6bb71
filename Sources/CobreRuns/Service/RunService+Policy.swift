internal import CobreBase
package import CobreCase
package import CobreEngine

/// The policy of a run in its current state, with the case that gives its state components their meaning.
package struct RunPolicy: Sendable {
  /// The case as it is now, with an estimated inflow model filled in.
  package var study: StudyCase
  /// Whether the files of the case are unchanged since the run.
  package var isCaseUnchanged: Bool
  /// Iterations that made it.
  package var iteration: Int
  package var policy: Policy
  /// By step, where a simulation of the run starts from.
  package var starts: [WarmStart] = []
  /// State at the start of the study.
  package var initialState: [Double]
  /// Names of its components.
  package var stateNames: [String]
  /// By stage, the state after it with the past inflows that the model expects there and the storages of the start.
  fileprivate var expectedStates: [[Double]]
  /// Probabilities of the outcomes after each stage, empty if cuts do not distinguish them.
  fileprivate var probabilities: [[Double]]
  fileprivate var floors: LeastFutureCosts

  /// The least that the future after a stage can cost, whatever the state.
  package func leastFutureCost(after stage: Int) -> Double { floors.after(stage) }

  /// The state after a stage with the past inflows that the model expects there, and the storages of the start.
  package func expectedState(after stage: Int) -> [Double] {
    expectedStates.indices.contains(stage) ? expectedStates[stage] : initialState
  }

  /// MW that 1 m³/s brings on its way down the cascade, at the productivities of the stage after a given one, or nil if
  /// a plant on the way has no constant productivity.
  package func cascadeProductivity(after stage: Int, hydro: Int) -> Double? {
    let next = min(stage + 1, study.stages.count - 1)
    guard study.hydros.indices.contains(hydro), study.stages.indices.contains(next) else { return nil }
    var sum = 0.0
    var seen: Set<Int> = []
    var current: Int? = hydro
    while let plant = current, seen.insert(plant).inserted {
      let model = study.production(stage: next, hydro: plant)
      guard model.kind != .fpha else { return nil }
      sum += model.productivity
      current = study.hydros[plant].downstream
    }
    return sum > 0 ? sum : nil
  }

  /// The future cost that the cuts after a stage give at a state, or nil if there are none, or several prices follow
  /// processes.
  package func value(after stage: Int, at state: [Double]) -> Policy.Pool.Value? {
    guard policy.pools.indices.contains(stage), study.stages.indices.contains(stage) else { return nil }
    return study.futureValue(
      of: policy.pools[stage], after: stage, at: state, probabilities: weighting(after: stage).probabilities,
      floors: floors)
  }

  /// How the future costs after a stage are combined into one if cuts distinguish them.
  package struct Weighting: Sendable {
    /// One for each future cost.
    package var probabilities: [Double]
    package var measure: RiskMeasure

    /// The weights of future costs of this size.
    package func weights(_ costs: [Double]) -> [Double] {
      costs.count == 1 ? [1] : measure.weights(costs: costs, probabilities: probabilities)
    }
  }

  /// The weighting after a stage of the case.
  package func weighting(after stage: Int) -> Weighting {
    Weighting(
      probabilities: stage < probabilities.count ? probabilities[stage] : [1],
      measure: study.stages[stage].riskMeasure)
  }
}

extension RunPolicy {
  /// The policy of a run after its last completed iteration, also while it computes.
  ///
  /// - Parameters:
  ///   - manifest: of the run.
  ///   - store: its database.
  ///   - bounds: where its case may lie.
  /// - Throws: `RunError`, also where the case cannot be read any more or has other state components by now.
  package init(manifest: RunManifest, store: RunStore, bounds: CaseBounds) throws {
    let place = manifest.request.caseDirectory
    let files = manifest.caseFiles(bounds: bounds)
    guard let study = CaseReader.read(files).study else {
      throw RunError(
        .invalidCase,
        "The case \(place) cannot be read any more, so the state of the policy has no meaning. Put its files back; "
          + "validate_case says what is wrong.")
    }
    let checkpoint = try store.latestCheckpoint()
    let process = InflowProcess(study: study)
    let seed = manifest.settings.seed ?? Int64(bitPattern: study.configuration.training.seed)
    self.init(
      study: study, isCaseUnchanged: CaseInput.hash(of: files).text == manifest.caseHash,
      iteration: checkpoint?.iteration ?? 0, policy: Policy(stateDimension: process.layout.dimension, pools: []),
      initialState: process.initialState, stateNames: study.stateNames,
      expectedStates: Self.expectedStates(study, process),
      probabilities: Self.probabilities(study, seed: seed), floors: LeastFutureCosts(study: study, treeSeed: seed))
    policy.pools = study.stages.indices.map { Policy.Pool(groups: max(1, probabilityCount(after: $0))) }
    for batch in try checkpoint?.cuts ?? store.cuts() {
      guard policy.pools.indices.contains(batch.stage),
        batch.slopes.count == batch.intercepts.count * process.layout.dimension
      else {
        throw RunError(
          .invalidCase,
          "The case \(place) has other stages or state components than when run \(manifest.runID) was trained. Put its "
            + "files back.")
      }
      policy.pools[batch.stage].intercepts = batch.intercepts
      policy.pools[batch.stage].slopes = batch.slopes
    }
    if study.configuration.policy.boundary != nil {
      floors = LeastFutureCosts(study: study, treeSeed: seed, boundary: policy.pools.last)
    }
    let decoded = checkpoint.flatMap { TrainingCheckpoint(decoding: $0.contents) }
    starts = try decoded?.firstStarts ?? store.recordedStarts()
    for (pool, activity) in decoded?.sections.activities ?? [:] where policy.pools.indices.contains(pool) {
      policy.pools[pool].inactive = activity.inactive.map { Int($0) }
    }
  }

  /// The expected state after each stage, along a way that leads to it.
  private static func expectedStates(_ study: StudyCase, _ process: InflowProcess) -> [[Double]] {
    var before: [Int: Int] = [:]
    for stage in study.stages.indices {
      for arc in study.graph.successors(of: stage) where arc.stage > stage && before[arc.stage] == nil {
        before[arc.stage] = stage
      }
    }
    return study.stages.indices.map { stage in
      var path = [stage]
      while let first = path.first, let earlier = before[first] { path.insert(earlier, at: 0) }
      return process.expectedStates(along: path).last ?? process.initialState
    }
  }

  /// Probabilities of the outcomes after each stage, for policies whose cuts distinguish them.
  private static func probabilities(_ study: StudyCase, seed: Int64) -> [[Double]] {
    guard study.configuration.training.cutFormulation == .multi else { return [] }
    let tree = OpeningTree(study: study, seed: seed)
    return study.stages.indices.map { stage in
      // Stages whose measure is no small program have one aggregated future cost.
      guard study.hasFutureByOutcome(.multi, stage: stage) else { return [] }
      return study.graph.successors(of: stage).flatMap { arc in
        tree.stages[arc.stage].probabilities.map { arc.probability * $0 }
      }
    }
  }
}

extension RunService {
  /// The policy of a run after its last completed iteration, also while it computes.
  ///
  /// - Throws: `RunError`, also where the case cannot be read any more or has other state components by now.
  package func policy(runID: String) throws -> RunPolicy {
    try RunPolicy(manifest: manifest(runID: runID), store: store(runID: runID), bounds: caseBounds)
  }

  /// Names of the components of a run's state; nil where its case cannot be read any more.
  package func stateNames(runID: String) throws -> [String]? {
    CaseReader.read(try manifest(runID: runID).caseFiles(bounds: caseBounds)).study?.stateNames
  }
}

extension RunPolicy {
  fileprivate func probabilityCount(after stage: Int) -> Int {
    stage < probabilities.count ? probabilities[stage].count : 1
  }
}
