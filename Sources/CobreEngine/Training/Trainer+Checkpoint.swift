internal import CobreCase

extension Trainer {
  /// The checkpoint of the last iteration, on rank 0.
  package var checkpoint: TrainingCheckpoint? { encodedCheckpoint.flatMap { TrainingCheckpoint(decoding: $0) } }

  /// Collects what the next iteration starts from, as `TrainingCheckpoint` reads it.
  ///
  /// Complete on rank 0, `nil` elsewhere.
  ///
  /// Every rank must call it. Throws `CommunicationError`.
  func gatherCheckpoint() throws -> [UInt8]? {
    guard let parts = try starts.gather(on: runner) else { return nil }
    var sections = CheckpointSections()
    sections.stopping = stopping.section
    sections.upperBound = inner.last
    sections.inner = inner.state?.section
    sections.activities = cuts.activitySections
    sections.centre = centre
    return TrainingCheckpoint.encoded(
      iteration: iteration, stages: starts.steps, forwardPasses: trajectories.count, openings: bound.starts.count,
      sections: sections, byteCount: parts.reduce(0) { $0 + $1.count }
    ) { writer in
      for part in parts { writer.append(part) }
    }
  }

  /// By step, where a trajectory of the next iteration would start from, for a simulation.
  ///
  /// Every rank must call it.
  ///
  /// - Returns: the same on every rank, and what `TrainingCheckpoint.firstStarts` gives after this iteration.
  /// - Throws: `CommunicationError`.
  package func firstStarts() throws -> [WarmStart] { try starts.first(on: runner) }

  /// Resumes a training that ended after some iteration, as if it had never ended.
  ///
  /// Every rank must call it with the same arguments, before `train`.
  ///
  /// - Parameters:
  ///   - checkpoint: what the units start from.
  ///   - policy: the cuts of that iteration.
  ///   - states: the trial states up to that iteration by pool, if they are kept.
  ///   - elapsedSeconds: what the clock of the training showed then.
  /// - Throws: `PolicyMismatch` if they do not belong to this case and these options.
  package func restore(
    _ checkpoint: TrainingCheckpoint, policy: Policy, states: [[Double]] = [], elapsedSeconds: Double
  ) throws {
    guard checkpoint.stages == starts.steps, checkpoint.forwardPasses == options.forwardPasses,
      checkpoint.boundStarts.count == bound.starts.count, policy.stateDimension == stateDimension,
      policy.pools.count >= cuts.trainedPools.count,
      policy.pools.allSatisfy({ $0.slopes.count == $0.count * policy.stateDimension }), isConsistent(checkpoint, policy)
    else {
      throw PolicyMismatch(
        "The checkpoint of iteration \(checkpoint.iteration) does not belong to this case and these options. Start a "
          + "new run.")
    }
    for (index, stored) in policy.pools.enumerated() where cuts.trainedPools.contains(index) {
      guard cuts.pools[index].count == 0 else { throw PolicyMismatch("Training has begun already; restore it before.") }
      cuts.append(stored, to: index)
    }
    if cuts.keepsStates {
      for pool in cuts.pools.indices where pool < states.count { cuts.visitedStates[pool] = states[pool] }
    }
    let sections = checkpoint.sections
    let places = max(0, starts.steps - 1) * study.hydros.count
    guard sections.centre.isEmpty || sections.centre.count == places, sections.centre.allSatisfy(\.isFinite) else {
      throw PolicyMismatch(
        "The checkpoint of iteration \(checkpoint.iteration) has states of another case. Start a new run.")
    }
    stopping.restore(sections.stopping)
    guard try inner.restore(sections.inner, bound: sections.upperBound), cuts.restore(sections.activities) else {
      throw PolicyMismatch(
        "The checkpoint of iteration \(checkpoint.iteration) was written with other settings of the cuts. Start a new "
          + "run.")
    }
    starts.restore(checkpoint)
    centre = sections.centre
    iteration = checkpoint.iteration
    elapsedBefore = elapsedSeconds
  }

  /// Whether warm starts fit the LPs of their stages and name cuts that exist.
  private func isConsistent(_ checkpoint: TrainingCheckpoint, _ policy: Policy) -> Bool {
    checkpoint.starts.enumerated().allSatisfy { fits($1, step: $0 / max(1, options.forwardPasses), policy) }
      && checkpoint.boundStarts.allSatisfy { fits($0, step: nil, policy) }
  }

  /// Whether a warm start fits the LP of a step, or of the lower bound, and names cuts that a policy has.
  func fits(_ start: WarmStart, step: Int?, _ policy: Policy) -> Bool {
    let stage = step.map { problem.walk.stages[$0] } ?? 0
    let count =
      problem.walk.poolAfter[stage].map { pool in
        pool == cuts.boundaryPool
          ? cuts.pools[pool].count : pool < policy.pools.count ? policy.pools[pool].count : 0
      } ?? 0
    return start.fits(problem.templates[stage], cuts: count)
  }
}
