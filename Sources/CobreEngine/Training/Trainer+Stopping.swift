/// Stopping rules (mathematical reference 4.7).
extension Trainer {
  /// Looks at every rule beside iteration and time limits; every rank must call it after each iteration.
  func checkRules(after report: IterationReport) throws {
    memory.lowerBounds.append(report.lowerBound)
    let target = options.otherRules.lazy.compactMap { rule -> Double? in
      if case .targetGap(let tolerance, _) = rule { tolerance } else { nil }
    }.first
    // A sampled cost far below the bound is chance and no sign of convergence.
    let gap = report.deterministicGap ?? abs(report.gap)
    if let target { memory.hits = gap <= target ? memory.hits + 1 : 0 }
    memory.holds = try options.otherRules.map { try holds($0, after: report) }
  }

  private func holds(_ rule: StoppingRule, after report: IterationReport) throws -> Bool {
    switch rule {
    case .iterationLimit, .timeLimit: return false
    case .boundStalling(let iterations, let tolerance):
      return memory.movement(over: iterations - 1).map { $0 < tolerance } ?? false
    case .simulation(let replications, let period, let window, let distanceTolerance, let boundTolerance):
      guard report.iteration % period == 0, let movement = memory.movement(over: window), movement < boundTolerance
      else { return false }
      return try simulatedDistance(replications: replications).map { $0 < distanceTolerance } ?? false
    case .statistical(let replications, let period, let deviations, let tolerance):
      guard report.iteration % period == 0, isRiskNeutral else { return false }
      let costs = try totals(replications: replications, iteration: report.iteration)
      let sample = BoundStatistics(costs: costs)
      let upper = sample.mean + deviations * sample.standardDeviation / Double(costs.count).squareRoot()
      return (upper - report.lowerBound) / max(1, abs(sample.mean)) <= tolerance
    case .targetGap(_, let iterations):
      return memory.hits >= iterations
    case .exactGap(let absolute, let relative):
      guard let upper = report.deterministicUpperBound else { return false }
      let distance = upper - report.lowerBound
      return distance <= absolute ?? -.infinity
        || distance <= relative.map { $0 * max(1, abs(report.lowerBound)) } ?? -.infinity
    }
  }

  /// Normalised distance of the mean step costs from those of the check before; nil at the first check.
  private func simulatedDistance(replications: Int) throws -> Double? {
    let before = memory.stepCosts
    let costs = try replay(count: replications, iteration: Philox.simulationIteration)
    let steps = walk.stages.count
    memory.stepCosts = (0..<steps).map { step in
      var sum = 0.0
      for replication in 0..<replications { sum += costs[replication * steps + step] }
      return sum / Double(replications)
    }
    guard before.count == steps else { return nil }
    var squares = 0.0
    for step in 0..<steps {
      let change = (memory.stepCosts[step] - before[step]) / max(1, abs(before[step]))
      squares += change * change
    }
    return squares.squareRoot()
  }

  /// Total costs of fresh trajectories, or of the iteration's own where none are asked for.
  private func totals(replications: Int, iteration: Int) throws -> [Double] {
    guard replications > 0 else { return (0..<options.forwardPasses).map { records[$0 * recordWidth] } }
    let costs = try replay(count: replications, iteration: UInt32(truncatingIfNeeded: iteration))
    let steps = walk.stages.count
    return (0..<replications).map { replication in
      var sum = 0.0
      for step in 0..<steps { sum += costs[replication * steps + step] }
      return sum
    }
  }

  /// Discounted step costs of in-sample trajectories with the cuts at hand, `[trajectory * steps + step]`.
  ///
  /// What the cuts say of the time behind the last step counts as cost of that step. Every solve of a step starts from
  /// the same place, found by a pilot walk that each rank repeats.
  private func replay(count: Int, iteration: UInt32) throws -> [Double] {
    let steps = walk.stages.count
    let starts = WarmStarts(count: steps)
    let share = WorkPartition(units: count, rank: communicator.rank, size: communicator.size)
    var local = [Double](repeating: 0, count: max(1, share.count) * steps)
    local.withUnsafeMutableBufferPointer { local in
      guard let base = local.baseAddress else { return }
      // Also for steps that the pilot does not make: those start cold.
      shareUnits(1) { workspace, _ in
        try replay(0, on: workspace, iteration: iteration, starts: starts, isPilot: true, into: base)
      }
      for position in local.indices { local[position] = 0 }
      shareUnits(share.count, order: 1) { workspace, position in
        try replay(
          share.start + position, on: workspace, iteration: iteration, starts: starts, isPilot: false,
          into: base + position * steps)
      }
    }
    var all = [Double](repeating: 0, count: count * steps)
    try gatherUnits(Array(local.prefix(share.count * steps)), units: count, width: steps, into: &all)
    return all
  }

  private func replay(
    _ trajectory: Int, on workspace: Workspace, iteration: UInt32, starts: WarmStarts, isPilot: Bool,
    into costs: UnsafeMutablePointer<Double>
  ) throws {
    let generator = Philox(seed: options.treeSeed, purpose: .simulationStoppingRule)
    var state = initialState
    var discount = 1.0
    let path = walk.path(generator, trajectory: trajectory, iteration: iteration)
    for (position, stage) in path.enumerated() {
      let step = walk.isBranching ? stage : position
      let uniform = generator.uniform(
        entity: 0, sample: UInt32(truncatingIfNeeded: trajectory), stage: UInt32(truncatingIfNeeded: step),
        iteration: iteration)
      var opening = tree.stages[stage].index(for: uniform)
      let pool = pool(after: stage)
      let start = starts.place(step)
      let solver = try located(.simulation, stage, self.iteration, trajectory, &opening) { opening throws(LPError) in
        let solver = try workspace.solver(stage)
        try solver.begin(state: state, pool: pool, start: start.pointee, openings: opening..<(opening + 1))
        try solver.solve(opening: opening, pool: pool)
        return solver
      }
      if isPilot { solver.store(into: &start.pointee, onlyMarked: false) }
      costs[step] = discount * solver.stageCost
      discount *= templates[stage].discountFactor
      for component in 0..<templates[stage].stateDimension { state[component] = solver.outgoingState[component] }
      if position == path.count - 1 { costs[step] += discount * solver.futureCost }
    }
  }

  /// Why training ends by its rules after the iteration at hand, judged by the clock of this rank; nil where it goes on.
  package func reasonToStop(elapsedSeconds: Double) -> StopReason? {
    var rules: [(reason: StopReason, holds: Bool)] = [(.iterationLimit, iteration >= options.iterationLimit)]
    if let limit = options.timeLimitSeconds { rules.append((.timeLimit, elapsedSeconds >= limit)) }
    for (position, rule) in options.otherRules.enumerated() {
      rules.append((rule.stopReason, memory.holds.indices.contains(position) && memory.holds[position]))
    }
    guard options.needsAllRules else { return rules.first { $0.holds }?.reason }
    guard rules.allSatisfy(\.holds) else { return nil }
    return rules.count == 1 ? rules[0].reason : .allRules
  }
}

extension StoppingRule {
  var stopReason: StopReason {
    switch self {
    case .iterationLimit: .iterationLimit
    case .timeLimit: .timeLimit
    case .boundStalling: .boundStalling
    case .simulation: .simulation
    case .statistical: .statistical
    case .targetGap, .exactGap: .targetGap
    }
  }
}
