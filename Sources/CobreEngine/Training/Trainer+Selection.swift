/// Cut selection (de Matos, Philpott, Finardi 2015; Guigues 2017; mathematical reference 4.6).
extension Trainer {
  /// Whether the activity of cuts is counted.
  var countsActivity: Bool { options.cutSelection.enabled || options.cutSelection.maxActivePerStage != nil }

  /// Whether trial states are kept.
  var keepsStates: Bool {
    options.keepsStates || study.configuration.upperBound.enabled
      || options.cutSelection.enabled && options.cutSelection.method == .domination
  }

  /// Whether the first pool takes part in lower bounds and forward passes alone.
  var isFirstPoolExempt: Bool { !walk.stages.dropFirst().contains(0) }

  /// Sums the activity of all threads and ranks, then drops cuts by the method and the budget of the case.
  func selectCuts(iteration: Int) throws {
    guard countsActivity else { return }
    var increments = [Int64](repeating: 0, count: activities.reduce(0) { $0 + $1.counts.count })
    increments.withUnsafeMutableBufferPointer { increments in
      var first = 0
      for pool in pools.indices {
        let range = first..<(first + activities[pool].counts.count)
        for workspace in workspaces {
          workspace.handOverTightCounts(of: pool, into: UnsafeMutableBufferPointer(rebasing: increments[range]))
        }
        first = range.upperBound
      }
    }
    try clocked { try communicator.allreduce(&increments, .sum) }
    increments.withUnsafeBufferPointer { increments in
      var first = 0
      for pool in pools.indices {
        let range = first..<(first + activities[pool].counts.count)
        activities[pool].settle(UnsafeBufferPointer(rebasing: increments[range]), iteration: iteration)
        first = range.upperBound
      }
    }
    let selection = options.cutSelection
    if selection.enabled, iteration % selection.checkFrequency == 0 {
      for pool in pools.indices where !(pool == 0 && isFirstPoolExempt) && pool != boundaryPool {
        dropCuts(of: pool, by: selection, iteration: iteration)
      }
    }
    guard let cap = selection.maxActivePerStage else { return }
    for pool in pools.indices where pool != boundaryPool { trim(pool, to: cap, iteration: iteration) }
  }

  private func dropCuts(of index: Int, by selection: CutSelectionSettings, iteration: Int) {
    let pool = pools[index]
    let activity = activities[index]
    let candidates = pool.activeSlots.filter { activity.created[$0] != Int64(iteration) }
    let drops: [Int]
    switch selection.method {
    case .level1: drops = candidates.filter { activity.counts[$0] <= Int64(selection.threshold) }
    case .lml1: drops = candidates.filter { Int64(iteration) - activity.lastActive[$0] > Int64(selection.memoryWindow) }
    case .domination:
      // Of two cuts at least one is the best somewhere, of one it is always that one.
      guard pool.activeCount >= 2 else { return }
      drops = dominations[index].dominated(
        candidates, in: pool, states: visitedStates[index], epsilon: selection.dominationEpsilon)
    case nil: drops = []
    }
    pool.deactivate(drops)
  }

  /// Drops the cuts whose use is longest ago, then rarest, then oldest, until no more than `cap` are active.
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
