internal import CobreCase

/// Policies that training starts from or hands on.
extension Trainer {
  /// The cuts as they are now.
  package var policy: Policy {
    var pools = cuts.pools.map { Policy.Pool($0) }
    while pools.count < study.stages.count { pools.append(Policy.Pool()) }
    return Policy(stateDimension: stateDimension, pools: pools)
  }

  /// Pools that training extends, by the stage they follow.
  package var poolIndices: [Int] { cuts.trainedPools }

  /// Number of future costs in the LP of each stage.
  package var cutGroups: [Int] { templates.map(\.futureCount) }

  /// The checkpoint for a training that starts from a policy, given to `restore`.
  ///
  /// - Parameters:
  ///   - stored: a policy that fits the case.
  ///   - resumes: whether the iteration count, and with it the noise, continues. Otherwise it starts at 0.
  ///   - isSimulated: whether the policy is simulated as it is, beginning where its training has left off.
  /// - Returns: a checkpoint with the parts of the policy's checkpoint that are of use here.
  package func checkpoint(from stored: StoredPolicy, resumes: Bool, isSimulated: Bool = false) -> TrainingCheckpoint {
    let steps = problem.walk.stages.count
    let boundStarts = bound.starts
    var checkpoint = TrainingCheckpoint(
      iteration: resumes ? stored.iteration : 0, stages: steps, forwardPasses: options.forwardPasses,
      starts: .init(repeating: WarmStart(), count: steps * options.forwardPasses),
      boundStarts: .init(repeating: WarmStart(), count: boundStarts.count))
    if resumes, let own = stored.checkpoint, own.iteration == stored.iteration {
      checkpoint.sections = own.sections
      if own.stages == steps, own.forwardPasses == options.forwardPasses, own.starts.count == checkpoint.starts.count,
        own.boundStarts.count == boundStarts.count,
        // Without those of the lower bound it has none but for a simulation.
        own.boundStarts.contains(where: { !$0.status.isEmpty })
      {
        checkpoint.starts = own.starts
        checkpoint.boundStarts = own.boundStarts
      }
      // Whether to stop is decided again, by the rules of this case.
      checkpoint.sections.stopping.holds = []
      // Vertices need the states they were made at, which a policy may lack.
      if stored.states.allSatisfy(\.isEmpty) {
        checkpoint.sections.inner = nil
        checkpoint.sections.upperBound = nil
      }
    }
    if isSimulated, let own = stored.checkpoint?.firstStarts, own.count == steps {
      for (step, start) in own.enumerated() where fits(start, step: step, stored.policy) {
        checkpoint.starts[step * options.forwardPasses] = start
      }
    }
    guard cuts.countsActivity else { return checkpoint }
    for pool in poolIndices {
      let stored = stored.policy.pools[pool]
      guard checkpoint.sections.activities[pool]?.counts.count != stored.count else { continue }
      let none = [Int64](repeating: 0, count: stored.count)
      checkpoint.sections.activities[pool] = CheckpointSections.Activity(
        counts: none, lastActive: none, created: none, inactive: stored.inactive.map { Int64($0) })
    }
    return checkpoint
  }

  /// What a training that goes on from another run takes up, by `restore`.
  ///
  /// - Parameters:
  ///   - found: the checkpoint of the other run.
  ///   - keepsStarts: whether warm starts are of use: the other run had the same solver and number of trajectories.
  /// - Returns: the checkpoint for this training.
  package func checkpoint(continuing found: TrainingCheckpoint, keepsStarts: Bool) -> TrainingCheckpoint {
    var checkpoint = found
    // Whether to stop is decided again, by the rules of this run.
    checkpoint.sections.stopping.holds = []
    guard !keepsStarts else { return checkpoint }
    checkpoint.forwardPasses = options.forwardPasses
    checkpoint.starts = .init(repeating: WarmStart(), count: found.stages * options.forwardPasses)
    checkpoint.boundStarts = .init(repeating: WarmStart(), count: found.boundStarts.count)
    return checkpoint
  }

  /// The policy as it is now, with what resuming needs; complete on rank 0 of a trainer that keeps checkpoints.
  ///
  /// - Parameter withStarts: whether the bases that all units start from are kept.
  /// - Returns: the policy.
  package func storedPolicy(withStarts: Bool) -> StoredPolicy {
    var checkpoint = self.checkpoint
    if !withStarts, let whole = checkpoint {
      // A simulation begins where one trajectory of each step has ended.
      let first = whole.firstStarts
      checkpoint?.starts = whole.starts.indices.map {
        $0 % whole.forwardPasses == 0 ? first[$0 / whole.forwardPasses] : WarmStart()
      }
      checkpoint?.boundStarts = whole.boundStarts.map { _ in WarmStart() }
    }
    let policy = policy
    // Pools without trial states have empty lists. If there are none at all, there is no list.
    let states = (0..<policy.pools.count).map { $0 < visitedStates.count ? visitedStates[$0] : [] }
    var stored = StoredPolicy(
      policy: policy, stateNames: study.stateNames, blocks: study.stages.map(\.blocks.count), iteration: iteration,
      checkpoint: checkpoint, states: states.allSatisfy(\.isEmpty) ? [] : states,
      probabilities: futureProbabilities)
    stored.periods = study.stages.map { PolicyPeriod(start: $0.start, end: $0.end) }
    return stored
  }

  /// By stage, the probabilities of the next outcomes if each has its own future cost, otherwise empty.
  private var futureProbabilities: [[Double]] {
    let (templates, walk) = (problem.templates, problem.walk)
    let probabilities = templates.indices.map { stage -> [Double] in
      guard templates[stage].futureCount > 1 else { return [] }
      return walk.successors[stage].flatMap { arc in templates[arc.stage].probabilities.map { arc.probability * $0 } }
    }
    return probabilities.allSatisfy(\.isEmpty) ? [] : probabilities
  }

  /// Makes every unit start cold after an iteration whose policy is written without bases, so that resuming from there
  /// gives the same bits.
  func forgetStarts(after iteration: Int) {
    let checkpointing = study.configuration.policy.checkpointing
    guard !checkpointing.storeBasis, checkpointing.isDue(iteration) else { return }
    starts.forget()
  }
}
