internal import CobreCommunication

/// Puts the warm starts of all ranks into the order of one rank, so that a training may continue with another number of
/// ranks.
struct WarmStartExchange {
  let trajectories: Trajectories
  /// Steps of a trajectory.
  let steps: Int
  /// By opening of the first stage.
  let boundStarts: WarmStarts

  /// Collects all warm starts.
  ///
  /// Every rank must call it.
  ///
  /// - Parameter runner: the ranks.
  /// - Returns: on rank 0 the bytes of each start, `[step * trajectories + trajectory]`, then by opening of the first
  ///   stage, or nil on the others.
  /// - Throws: `CommunicationError`.
  func gather(on runner: WorkRunner) throws -> [ArraySlice<UInt8>]? {
    var writer = CheckpointWriter()
    for start in trajectories.starts.all { writer.append(start) }
    for opening in runner.share(of: boundStarts.count).range { writer.append(boundStarts.place(opening).pointee) }
    let size = runner.communicator.size
    var lengths = [Int64](repeating: 0, count: size)
    try runner.exchange([Int64(writer.bytes.count)], counts: .init(repeating: 1, count: size), into: &lengths)
    let counts = lengths.map { Int($0) }
    var all = [UInt8](repeating: 0, count: counts.reduce(0, +))
    try runner.exchange(writer.bytes, counts: counts, into: &all)
    return runner.communicator.rank == 0 ? arrange(all, ranks: size) : nil
  }

  /// Puts the parts of the ranks into the order of one rank.
  ///
  /// Their bytes are moved unchanged.
  private func arrange(_ all: [UInt8], ranks: Int) -> [ArraySlice<UInt8>]? {
    var reader = CheckpointReader(all)
    let count = trajectories.count
    var parts = [ArraySlice<UInt8>](repeating: [], count: steps * count + boundStarts.count)
    for rank in 0..<ranks {
      let share = WorkPartition(units: count, rank: rank, size: ranks)
      for step in 0..<steps {
        for trajectory in share.range {
          guard let start = reader.startBytes() else { return nil }
          parts[step * count + trajectory] = start
        }
      }
      for opening in WorkPartition(units: boundStarts.count, rank: rank, size: ranks).range {
        guard let start = reader.startBytes() else { return nil }
        parts[steps * count + opening] = start
      }
    }
    return parts
  }

  /// By step, where the first trajectory that has made it would start from next: the same on every rank.
  ///
  /// Every rank must call it.
  ///
  /// - Parameter runner: the ranks.
  /// - Returns: cold starts for steps that no trajectory has made.
  /// - Throws: `CommunicationError`.
  func first(on runner: WorkRunner) throws -> [WarmStart] {
    let parts = try gather(on: runner)
    var writer = CheckpointWriter()
    for step in 0..<steps {
      let own = (0..<trajectories.count).lazy.compactMap { trajectory -> WarmStart? in
        guard let parts else { return nil }
        var reader = CheckpointReader(Array(parts[step * trajectories.count + trajectory]))
        return reader.start()
      }
      writer.append(own.first { !$0.status.isEmpty } ?? WarmStart())
    }
    var bytes = writer.bytes
    var count = Int64(bytes.count)
    try runner.communicator.broadcast(&count, root: 0)
    if runner.communicator.rank != 0 { bytes = .init(repeating: 0, count: Int(count)) }
    try runner.communicator.broadcast(&bytes, root: 0)
    var reader = CheckpointReader(bytes)
    return (0..<steps).map { _ in reader.start() ?? WarmStart() }
  }

  /// Restores the content of a checkpoint whose sizes have been checked.
  func restore(_ checkpoint: TrainingCheckpoint) {
    for step in 0..<steps {
      for (local, trajectory) in trajectories.share.range.enumerated() {
        trajectories.start(step: step, local: local).pointee = checkpoint.starts[step * trajectories.count + trajectory]
      }
    }
    for (opening, start) in checkpoint.boundStarts.enumerated() { boundStarts.place(opening).pointee = start }
  }

  /// Makes every unit start cold from now on.
  func forget() {
    trajectories.starts.forget()
    boundStarts.forget()
  }
}
