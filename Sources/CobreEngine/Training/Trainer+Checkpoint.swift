extension Trainer {
  /// Collects where the units of all ranks start from, as `TrainingCheckpoint` reads it; complete on rank 0, `nil`
  /// elsewhere.
  ///
  /// Every rank must call it. Throws `CommunicationError`.
  func gatherCheckpoint() throws -> [UInt8]? {
    var writer = CheckpointWriter()
    let bounds = WorkPartition(units: boundStarts.count, rank: communicator.rank, size: communicator.size)
    for start in starts.all { writer.append(start) }
    for opening in bounds.range { writer.append(boundStarts.place(opening).pointee) }
    let size = communicator.size
    var lengths = [Int64](repeating: 0, count: size)
    try gather([Int64(writer.bytes.count)], counts: .init(repeating: 1, count: size), into: &lengths)
    let counts = lengths.map { Int($0) }
    var all = [UInt8](repeating: 0, count: counts.reduce(0, +))
    try gather(writer.bytes, counts: counts, into: &all)
    return communicator.rank == 0 ? arrange(all) : nil
  }

  /// Puts the parts of the ranks into the order of one rank; their bytes are moved as they are.
  private func arrange(_ all: [UInt8]) -> [UInt8]? {
    var reader = CheckpointReader(all)
    let passes = options.forwardPasses
    var parts = [ArraySlice<UInt8>](repeating: [], count: walk.stages.count * passes + boundStarts.count)
    for rank in 0..<communicator.size {
      let share = WorkPartition(units: passes, rank: rank, size: communicator.size)
      for step in walk.stages.indices {
        for trajectory in share.range {
          guard let start = reader.startBytes() else { return nil }
          parts[step * passes + trajectory] = start
        }
      }
      for opening in WorkPartition(units: boundStarts.count, rank: rank, size: communicator.size).range {
        guard let start = reader.startBytes() else { return nil }
        parts[walk.stages.count * passes + opening] = start
      }
    }
    return TrainingCheckpoint.encoded(
      iteration: iteration, stages: walk.stages.count, forwardPasses: passes, openings: boundStarts.count,
      notes: notes, integers: activityNotes, byteCount: all.count
    ) { writer in
      for part in parts { writer.append(part) }
    }
  }

  /// Takes up a training that ended after some iteration: it goes on as if it had never ended.
  ///
  /// Every rank must call it with the same arguments, before `train`.
  ///
  /// - Parameters:
  ///   - checkpoint: where the units start from.
  ///   - policy: the cuts of that iteration.
  ///   - states: the trial states up to that iteration by pool, where they are kept.
  ///   - elapsedSeconds: what the clock of the training showed then.
  /// - Throws: `PolicyMismatch` where they do not belong to this case and these options.
  package func restore(
    _ checkpoint: TrainingCheckpoint, policy: Policy, states: [[Double]] = [], elapsedSeconds: Double
  ) throws {
    guard checkpoint.stages == walk.stages.count, checkpoint.forwardPasses == options.forwardPasses,
      checkpoint.boundStarts.count == boundStarts.count, policy.stateDimension == stateDimension,
      policy.pools.count >= pools.count - (boundaryPool == nil ? 0 : 1),
      policy.pools.allSatisfy({ $0.slopes.count == $0.count * policy.stateDimension }), isConsistent(checkpoint, policy)
    else {
      throw PolicyMismatch(
        "The checkpoint of iteration \(checkpoint.iteration) does not belong to this case and these options. Start a "
          + "new run.")
    }
    for (index, stored) in policy.pools.enumerated() where index < pools.count && index != boundaryPool {
      guard pools[index].count == 0 else { throw PolicyMismatch("Training has begun already; restore it before.") }
      append(stored, to: index)
    }
    if keepsStates {
      for pool in visitedStates.indices where pool < states.count { visitedStates[pool] = states[pool] }
    }
    guard try takeUp(checkpoint.notes) else {
      throw PolicyMismatch(
        "The checkpoint of iteration \(checkpoint.iteration) was written with other settings of the cuts. Start a new "
          + "run.")
    }
    for step in walk.stages.indices {
      for (local, trajectory) in share.range.enumerated() {
        starts.place(step * share.count + local).pointee =
          checkpoint.starts[step * options.forwardPasses + trajectory]
      }
    }
    for (opening, start) in checkpoint.boundStarts.enumerated() { boundStarts.place(opening).pointee = start }
    iteration = checkpoint.iteration
    elapsedBefore = elapsedSeconds
  }

  /// Appends stored cuts to a pool, in their order.
  func append(_ stored: Policy.Pool, to index: Int) {
    let dimension = pools[index].dimension
    for slot in 0..<stored.count {
      let first = slot * dimension
      var slopes = Array(stored.slopes[first..<(first + dimension)])
      // A system without hydros has cuts without slopes; the pointer must still point somewhere.
      if slopes.isEmpty { slopes = [0] }
      pools[index].append(intercept: stored.intercepts[slot], slopes: slopes)
      if index == 0 { completeFirstPool?.append(intercept: stored.intercepts[slot], slopes: slopes) }
    }
  }

  /// What the next iteration needs to know of those before, beside cuts and warm starts.
  private var notes: [String: [Double]] {
    var notes = stopping.notes
    if let lastUpperBound { notes["upper_bound"] = [lastUpperBound] }
    if let inner { notes.merge(inner.notes) { $1 } }
    return notes
  }

  /// The same of the use of cuts.
  private var activityNotes: [String: [Int64]] {
    guard countsActivity else { return [:] }
    var notes: [String: [Int64]] = [:]
    for pool in pools.indices {
      notes["active_count.\(pool)"] = activities[pool].counts
      notes["last_active.\(pool)"] = activities[pool].lastActive
      notes["created.\(pool)"] = activities[pool].created
      notes["inactive.\(pool)"] = pools[pool].inactiveSlots.map { Int64($0) }
    }
    return notes
  }

  /// Takes up what `notes` gave; false where it does not fit the cuts.
  private func takeUp(_ notes: [String: [Double]]) throws -> Bool {
    stopping.restore(notes)
    lastUpperBound = notes["upper_bound"]?.first
    if notes["inner_slopes"] != nil, keepsStates {
      guard
        let restored = try InnerState(study: study, process: tree.inflow, visitedStates: visitedStates, notes: notes)
      else { return false }
      inner = restored
    }
    guard countsActivity else { return true }
    func integers(_ name: String, _ pool: Int) -> [Int64] {
      (notes["\(name).\(pool)"] ?? []).compactMap { Int64(exactly: $0) }
    }
    for pool in pools.indices where pool != boundaryPool {
      guard
        let activity = CutActivity(
          counts: integers("active_count", pool), lastActive: integers("last_active", pool),
          created: integers("created", pool)), activity.counts.count == pools[pool].count
      else { return false }
      activities[pool] = activity
      pools[pool].deactivate(integers("inactive", pool).map { Int($0) })
    }
    return true
  }

  /// Whether warm starts fit the programs of their stages and name cuts that exist.
  private func isConsistent(_ checkpoint: TrainingCheckpoint, _ policy: Policy) -> Bool {
    func fits(_ start: WarmStart, _ stage: Int) -> Bool {
      let pool = walk.poolAfter[stage]
      let count =
        pool.map { $0 == boundaryPool ? pools[$0].count : $0 < policy.pools.count ? policy.pools[$0].count : 0 } ?? 0
      let model = templates[stage].model
      guard start.status.isEmpty || start.status.count == model.columnCount + model.rowCount,
        start.release.isEmpty || start.release.count == templates[stage].stateDimension
      else { return false }
      return start.cutStatus.count == start.cuts.count && start.cuts.allSatisfy { $0 >= 0 && $0 < count }
    }
    return checkpoint.starts.enumerated().allSatisfy { fits($1, walk.stages[$0 / max(1, options.forwardPasses)]) }
      && checkpoint.boundStarts.allSatisfy { fits($0, 0) }
  }
}
