internal import CobreCase
internal import CobreCommunication

/// The cuts of all pools, with their use and the states they were made at, the same on every rank.
///
/// Pool t holds the cuts on the cost after stage t. See `StageWalk` for the last stage. Cuts are only ever added, in
/// the order of trajectories. Selection marks some as inactive.
final class CutStore {
  let pools: [CutPool]
  /// The pool of fixed cuts after the last stage, if there is one.
  ///
  /// Nothing is added to it or dropped from it.
  let boundaryPool: Int?
  /// Every cut of the first pool, for the lower bound, where forward passes may use fewer.
  let completeFirstPool: CutPool?
  /// Whether the use of cuts is counted.
  let countsActivity: Bool
  /// Whether visited states are kept.
  let keepsStates: Bool
  /// Visited states by pool, flat, empty if they are not kept.
  var visitedStates: [[Double]]

  private let poolAfter: [Int?]
  private let selection: CutSelectionSettings
  private let dimension: Int
  /// Whether the first pool takes part in lower bounds and forward passes alone, so that nothing counts its use.
  private let isFirstPoolExempt: Bool
  /// By pool.
  ///
  /// Updated only if `countsActivity`: where cuts are selected, or the number in use is limited.
  private var activities: [CutActivity]
  /// By pool; used only where dominated cuts are dropped.
  private let dominations: [DominationCache]

  /// - Parameters:
  ///   - walk: the stages and their pools.
  ///   - groups: future costs of each stage's LP, by stage.
  ///   - dimension: state components.
  ///   - boundary: fixed cuts after the last stage.
  ///   - selection: which cuts stay active.
  ///   - keepsStates: whether visited states are kept even if selection does not need them.
  init(
    walk: StageWalk, groups: [Int], dimension: Int, boundary: CutPool? = nil, selection: CutSelectionSettings,
    keepsStates: Bool
  ) {
    poolAfter = walk.poolAfter
    self.dimension = dimension
    self.selection = selection
    countsActivity = selection.enabled || selection.maxActivePerStage != nil
    self.keepsStates = keepsStates || selection.enabled && selection.method == .domination
    let count = walk.poolCount
    boundaryPool = boundary == nil ? nil : count - 1
    pools = (0..<count).map { pool in
      if let boundary, pool == count - 1 { return boundary }
      return CutPool(dimension: dimension, groups: groups[pool])
    }
    isFirstPoolExempt = !walk.stages.dropFirst().contains(0)
    let isFirstCapped = selection.maxActivePerStage != nil && (selection.capsFirstStage || !isFirstPoolExempt)
    let mayLoseFirstCuts = isFirstCapped || selection.enabled && walk.cycleStart != nil
    completeFirstPool =
      mayLoseFirstCuts && count > 0 ? CutPool(dimension: dimension, groups: groups[0]) : nil
    activities = .init(repeating: CutActivity(), count: count)
    visitedStates = .init(repeating: [], count: count)
    dominations = pools.map { DominationCache(dimension: dimension, groups: $0.groups) }
  }

  /// Pools that training extends.
  var trainedPools: [Int] { pools.indices.filter { $0 != boundaryPool } }

  /// The cuts on the cost after a stage, or nil if nothing follows it.
  func pool(after stage: Int) -> CutPool? { poolAfter[stage].map { pools[$0] } }

  /// Appends the cuts that an iteration made for a pool, in the order of trajectories.
  ///
  /// - Parameters:
  ///   - cuts: `[trajectory * groups * (1 + dimension)]`, each cut as intercept and slopes.
  ///   - pool: the pool.
  ///   - iteration: the running one.
  ///   - trajectories: where the cuts were made.
  ///   - step: the step after which they were made.
  ///   - visits: whether a trajectory has made that step. Other trajectories have no cut.
  func take(
    _ cuts: [Double], into pool: Int, iteration: Int, from trajectories: Trajectories, step: Int,
    visits: (Int) -> Bool
  ) {
    let cutWidth = 1 + dimension
    let width = pools[pool].groups * cutWidth
    cuts.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for offset in stride(from: 0, to: values.count, by: cutWidth) where visits(offset / width) {
        append(intercept: base[offset], slopes: base + offset + 1, to: pool)
        if countsActivity { activities[pool].append(iteration: iteration) }
      }
    }
    guard keepsStates else { return }
    for trajectory in 0..<trajectories.count where visits(trajectory) {
      visitedStates[pool] += trajectories.state(of: trajectory, after: step)
    }
  }

  /// Appends stored cuts to a pool, in their order.
  ///
  /// Their use is restored apart.
  func append(_ stored: Policy.Pool, to index: Int) {
    for slot in 0..<stored.count {
      var slopes = Array(stored.slopes[(slot * dimension)..<((slot + 1) * dimension)])
      // A system without hydros has cuts without slopes. The pointer must still point somewhere.
      if slopes.isEmpty { slopes = [0] }
      append(intercept: stored.intercepts[slot], slopes: slopes, to: index)
    }
  }

  private func append(intercept: Double, slopes: UnsafePointer<Double>, to pool: Int) {
    pools[pool].append(intercept: intercept, slopes: slopes)
    if pool == 0 { completeFirstPool?.append(intercept: intercept, slopes: slopes) }
  }
}

/// Cut selection (de Matos, Philpott, Finardi 2015; Guigues 2017; Mathematics.md 4.4).
extension CutStore {
  /// Counts the tight cuts of a backward solve where the use of cuts matters.
  func countTightCuts(of solver: StageSolver, after stage: Int, on workspace: Workspace) {
    guard countsActivity, let pool = poolAfter[stage], pool != boundaryPool else { return }
    workspace.countTightCuts(
      of: solver, pool: pool, slots: pools[pool].count, above: selection.activityTolerance)
  }

  /// Sums the use of cuts over all threads and ranks, then drops cuts by the method and the budget of the case.
  ///
  /// Every rank must call it. Throws `CommunicationError`.
  func select(iteration: Int, on runner: WorkRunner) throws {
    guard countsActivity else { return }
    var increments = [Int64](repeating: 0, count: activities.reduce(0) { $0 + $1.counts.count })
    increments.withUnsafeMutableBufferPointer { increments in
      for (pool, range) in activityRanges {
        for workspace in runner.workspaces {
          workspace.handOverTightCounts(of: pool, into: UnsafeMutableBufferPointer(rebasing: increments[range]))
        }
      }
    }
    try runner.clocked { try runner.communicator.allreduce(&increments, .sum) }
    increments.withUnsafeBufferPointer { increments in
      for (pool, range) in activityRanges {
        activities[pool].settle(UnsafeBufferPointer(rebasing: increments[range]), iteration: iteration)
      }
    }
    if selection.enabled, iteration % selection.checkFrequency == 0 {
      for pool in trainedPools where !(pool == 0 && isFirstPoolExempt) { drop(from: pool, iteration: iteration) }
    }
    guard let cap = selection.maxActivePerStage else { return }
    for pool in trainedPools where selection.capsFirstStage || !(pool == 0 && isFirstPoolExempt) {
      trim(pool, to: cap, iteration: iteration)
    }
  }

  /// Where each pool's cuts are in a list of all cuts.
  private var activityRanges: [(pool: Int, range: Range<Int>)] {
    var first = 0
    return activities.enumerated().map { pool, activity in
      defer { first += activity.counts.count }
      return (pool, first..<(first + activity.counts.count))
    }
  }

  private func drop(from index: Int, iteration: Int) {
    let pool = pools[index]
    let activity = activities[index]
    let candidates = pool.activeSlots.filter { activity.created[$0] != Int64(iteration) }
    let drops: [Int]
    switch selection.method {
    case .level1: drops = candidates.filter { activity.counts[$0] <= Int64(selection.threshold) }
    case .lml1: drops = candidates.filter { Int64(iteration) - activity.lastActive[$0] > Int64(selection.memoryWindow) }
    case .domination:
      // With a single cut there is nothing to compare.
      guard pool.activeCount >= 2 else { return }
      drops = dominations[index].dominated(
        candidates, in: pool, states: visitedStates[index], epsilon: selection.dominationEpsilon)
    case nil: drops = []
    }
    pool.deactivate(drops)
  }

  /// Drops the cuts used longest ago, then the rarest used, then the oldest, until at most `cap` are active; those of the
  /// running iteration stay.
  private func trim(_ index: Int, to cap: Int, iteration: Int) {
    let pool = pools[index]
    guard pool.activeCount > cap else { return }
    let activity = activities[index]
    let order = pool.activeSlots
      .filter { activity.created[$0] != Int64(iteration) }
      .sorted {
        (activity.lastActive[$0], activity.counts[$0], $0) < (activity.lastActive[$1], activity.counts[$1], $1)
      }
    pool.deactivate(order.prefix(pool.activeCount - cap))
    dominations[index].forget()
  }
}

/// What checkpoints keep.
extension CutStore {
  /// The use of cuts by pool, empty if it is not counted.
  var activitySections: [Int: CheckpointSections.Activity] {
    guard countsActivity else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: pools.indices.map { pool in
        (
          pool,
          CheckpointSections.Activity(
            counts: activities[pool].counts, lastActive: activities[pool].lastActive,
            created: activities[pool].created, inactive: pools[pool].inactiveSlots.map { Int64($0) })
        )
      })
  }

  /// Takes up what `activitySections` gave, after the cuts, and returns false if it does not fit them.
  func restore(_ sections: [Int: CheckpointSections.Activity]) -> Bool {
    guard countsActivity else { return true }
    for pool in trainedPools {
      let section = sections[pool] ?? CheckpointSections.Activity()
      guard
        let activity = CutActivity(
          counts: section.counts, lastActive: section.lastActive, created: section.created),
        activity.counts.count == pools[pool].count
      else { return false }
      activities[pool] = activity
      pools[pool].deactivate(section.inactive.map { Int($0) })
    }
    return true
  }
}
