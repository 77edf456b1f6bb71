internal import CobreCommunication
internal import CobreEngine

/// What training continues from: read by rank 0, which alone accesses the database, and sent to the others.
struct TrainingStart {
  let checkpoint: TrainingCheckpoint
  let policy: Policy
  /// Trial states by pool, flat, empty if they are not kept.
  let states: [[Double]]
  let elapsedSeconds: Double

  /// The last completed iteration of the run, else what `load` gives on rank 0.
  ///
  /// `nil` on all ranks if training begins from nothing.
  ///
  /// Every rank must call it, rank 0 with the store.
  static func share(
    from store: RunStore?, pools: Int, dimension: Int, _ communicator: any Communicator,
    otherwise load: (RunStore) throws -> StoredCheckpoint?
  ) throws -> TrainingStart? {
    var stored = try store?.latestCheckpoint()
    var isOwn = stored != nil
    if stored == nil, let store {
      // What an attempt without a checkpoint left is of no use to anybody.
      try store.rewind(to: 0)
      stored = try load(store)
      isOwn = false
    }
    var counts = [Int64](repeating: 0, count: pools)
    var values: [Double] = []
    for batch in stored?.cuts ?? [] where counts.indices.contains(batch.stage) {
      counts[batch.stage] = Int64(batch.intercepts.count)
    }
    for batch in stored?.cuts ?? [] where counts.indices.contains(batch.stage) {
      values += batch.intercepts + batch.slopes
    }
    var contents = stored?.contents ?? []
    var stateCounts = (0..<pools).map { Int64(stored?.states[$0]?.count ?? 0) }
    var states = (0..<pools).flatMap { stored?.states[$0] ?? [] }
    var header = [
      stored == nil ? 0 : 1, Int64(contents.count), Int64(values.count),
      Int64(bitPattern: (stored?.elapsedSeconds ?? 0).bitPattern),
    ]
    try communicator.broadcast(&header, root: 0)
    guard header[0] == 1 else { return nil }
    if communicator.rank != 0 {
      contents = .init(repeating: 0, count: Int(header[1]))
      values = .init(repeating: 0, count: Int(header[2]))
    }
    try communicator.broadcast(&counts, root: 0)
    try communicator.broadcast(&stateCounts, root: 0)
    if communicator.rank != 0 { states = .init(repeating: 0, count: Int(stateCounts.reduce(0, +))) }
    try communicator.broadcast(&states, root: 0)
    try communicator.broadcast(&contents, root: 0)
    try communicator.broadcast(&values, root: 0)
    guard let checkpoint = TrainingCheckpoint(decoding: contents),
      let policy = policy(counts: counts.map { Int($0) }, values: values, dimension: dimension)
    else {
      throw RunError(
        .storage, "The run's checkpoint was written by another version of the engine. Use that one, or begin a new run."
      )
    }
    if isOwn { try store?.rewind(to: checkpoint.iteration) }
    var position = 0
    let visitedStates = stateCounts.map { count in
      defer { position += Int(count) }
      return Array(states[position..<(position + Int(count))])
    }
    return TrainingStart(
      checkpoint: checkpoint, policy: policy, states: visitedStates,
      elapsedSeconds: Double(bitPattern: UInt64(bitPattern: header[3])))
  }

  /// `nil` if the numbers do not fit each other.
  private static func policy(counts: [Int], values: [Double], dimension: Int) -> Policy? {
    guard counts.allSatisfy({ $0 >= 0 }), counts.reduce(0, +) * (1 + dimension) == values.count else { return nil }
    var position = 0
    var pools: [Policy.Pool] = []
    for count in counts {
      let slopes = position + count
      let end = slopes + count * dimension
      pools.append(Policy.Pool(intercepts: Array(values[position..<slopes]), slopes: Array(values[slopes..<end])))
      position = end
    }
    return Policy(stateDimension: dimension, pools: pools)
  }
}
