extension Trainer {
  /// Collects where the units of all ranks start from; complete on rank 0, `nil` elsewhere.
  ///
  /// Every rank must call it. Throws `CommunicationError`.
  func gatherCheckpoint() throws -> TrainingCheckpoint? {
    var writer = CheckpointWriter()
    let bounds = WorkShare(units: boundStarts.count, rank: communicator.rank, size: communicator.size)
    for start in starts { writer.append(start) }
    for opening in bounds.range { writer.append(boundStarts[opening]) }
    let size = communicator.size
    var lengths = [Int64](repeating: 0, count: size)
    try gather([Int64(writer.bytes.count)], counts: .init(repeating: 1, count: size), into: &lengths)
    let counts = lengths.map { Int($0) }
    var all = [UInt8](repeating: 0, count: counts.reduce(0, +))
    try gather(writer.bytes, counts: counts, into: &all)
    guard communicator.rank == 0 else { return nil }
    return arrange(all)
  }

  /// Puts the parts of the ranks into the order of one rank.
  private func arrange(_ parts: [UInt8]) -> TrainingCheckpoint? {
    var reader = CheckpointReader(parts)
    var checkpoint = TrainingCheckpoint(
      iteration: iteration, stages: templates.count, forwardPasses: options.forwardPasses,
      starts: .init(repeating: WarmStart(), count: templates.count * options.forwardPasses),
      boundStarts: .init(repeating: WarmStart(), count: boundStarts.count))
    for rank in 0..<communicator.size {
      let share = WorkShare(units: options.forwardPasses, rank: rank, size: communicator.size)
      for stage in templates.indices {
        for trajectory in share.range {
          guard let start = reader.start() else { return nil }
          checkpoint.starts[stage * options.forwardPasses + trajectory] = start
        }
      }
      for opening in WorkShare(units: boundStarts.count, rank: rank, size: communicator.size).range {
        guard let start = reader.start() else { return nil }
        checkpoint.boundStarts[opening] = start
      }
    }
    return checkpoint
  }

  /// Takes up a training that ended after some iteration: it goes on as if it had never ended.
  ///
  /// Every rank must call it with the same arguments, before `train`.
  ///
  /// - Parameters:
  ///   - checkpoint: where the units start from.
  ///   - policy: the cuts of that iteration.
  ///   - elapsedSeconds: what the clock of the training showed then.
  /// - Throws: `PolicyMismatch` where they do not belong to this case and these options.
  package func restore(_ checkpoint: TrainingCheckpoint, policy: Policy, elapsedSeconds: Double) throws {
    guard checkpoint.stages == templates.count, checkpoint.forwardPasses == options.forwardPasses,
      checkpoint.boundStarts.count == boundStarts.count, policy.stateDimension == study.hydros.count,
      policy.pools.count >= pools.count,
      policy.pools.allSatisfy({ $0.slopes.count == $0.count * policy.stateDimension }), isConsistent(checkpoint, policy)
    else {
      throw PolicyMismatch(
        "The checkpoint of iteration \(checkpoint.iteration) does not belong to this case and these options. Start a "
          + "new run.")
    }
    for (pool, stored) in zip(pools, policy.pools) {
      guard pool.count == 0 else { throw PolicyMismatch("Training has begun already; restore it before.") }
      for slot in 0..<stored.count {
        let first = slot * policy.stateDimension
        var slopes = Array(stored.slopes[first..<(first + policy.stateDimension)])
        // A system without hydros has cuts without slopes; the pointer must still point somewhere.
        if slopes.isEmpty { slopes = [0] }
        pool.append(intercept: stored.intercepts[slot], slopes: slopes)
      }
    }
    for stage in templates.indices {
      for (local, trajectory) in share.range.enumerated() {
        starts[stage * share.count + local] = checkpoint.starts[stage * options.forwardPasses + trajectory]
      }
    }
    boundStarts = checkpoint.boundStarts
    iteration = checkpoint.iteration
    elapsedBefore = elapsedSeconds
  }

  /// Whether warm starts fit the programs of their stages and name cuts that exist.
  private func isConsistent(_ checkpoint: TrainingCheckpoint, _ policy: Policy) -> Bool {
    func fits(_ start: WarmStart, _ stage: Int) -> Bool {
      let count = stage < pools.count ? policy.pools[stage].count : 0
      let model = templates[stage].model
      guard start.status.isEmpty || start.status.count == model.columnCount + model.rowCount,
        start.release.isEmpty || start.release.count == templates[stage].stateDimension
      else { return false }
      return start.cutStatus.count == start.cuts.count && start.cuts.allSatisfy { $0 >= 0 && $0 < count }
    }
    return checkpoint.starts.enumerated().allSatisfy { fits($1, $0 / max(1, options.forwardPasses)) }
      && checkpoint.boundStarts.allSatisfy { fits($0, 0) }
  }
}
