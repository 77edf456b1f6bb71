package import CobreCase

/// The order in which trajectories walk through the stages, and the pool of cuts that each stage uses.
///
/// A finite horizon is walked once, from the first stage to the last. A cyclic one continues from the target of its
/// back-arc until the future counts for less than a millionth, or for 240 steps. Pools are named by the stage they
/// follow. The last stage of a cycle shares the pool of the other stage that leads to the same one, if both weigh
/// outcomes in the same way. If stages have several successors, each trajectory draws its own path, and step s is stage
/// s.
package struct StageWalk: Sendable, Equatable {
  /// The longest walk, in steps.
  package static let longest = 240
  /// Discount below which the rest of an infinite horizon is left to the cuts.
  package static let negligible = 1e-6

  /// Stage of every step, at least one.
  package let stages: [Int]
  /// Pool by stage, or nil if nothing follows.
  package let poolAfter: [Int?]
  /// Number of pools.
  package let poolCount: Int
  /// Stage that the last one leads back to, or nil with a finite horizon.
  package let cycleStart: Int?
  /// By stage.
  package let successors: [[Successor]]
  /// Whether trajectories have paths of their own.
  package let isBranching: Bool
  /// Of every step the first one with the same first and last day: states of a Markov chain lie side by side in time.
  ///
  /// Steps of a chain or a cycle are their own.
  package let periods: [Int]
  /// Time position of each node whose successor is drawn from the streams of Novomodelo, or nil if counters draw it.
  private let streamPlaces: [Int]?

  /// - Parameters:
  ///   - study: the case. Its transitions are a chain, with one back-arc from the last stage when cyclic.
  ///   - hasBoundary: whether there are fixed cuts after the last stage.
  package init(study: StudyCase, hasBoundary: Bool = false) {
    let count = study.stages.count
    let last = count - 1
    let graph = study.graph
    successors = (0..<count).map { graph.successors(of: $0) }
    isBranching = graph.isBranching(stages: count)
    let successors = successors
    var pools: [Int?] = (0..<count).map { successors[$0].isEmpty ? nil : $0 }
    let start = study.graph.cycleStart(stages: count)
    cycleStart = start
    if let start {
      let isAlike = start > 0 && study.stages[start - 1].riskMeasure == study.stages[last].riskMeasure
      pools[last] = isAlike ? start - 1 : last
    } else if hasBoundary {
      let end = study.position(of: last)
      for stage in 0..<count where successors[stage].isEmpty && study.position(of: stage) == end {
        pools[stage] = last
      }
    }
    poolAfter = pools
    poolCount = (pools.compactMap { $0 }.max() ?? -1) + 1
    var stages = Array(0..<count)
    if let start {
      let factors = (0..<count).map { study.discountFactor(stage: $0) }
      var discount = factors.reduce(1, *)
      var stage = start
      while discount >= Self.negligible, stages.count < Self.longest {
        stages.append(stage)
        discount *= factors[stage]
        stage = stage == last ? start : stage + 1
      }
    }
    self.stages = stages
    var firsts: [[CalendarDate]: Int] = [:]
    periods = stages.enumerated().map { [isBranching] step, stage in
      guard isBranching else { return step }
      let dates = [study.stages[stage].start, study.stages[stage].end]
      let first = firsts[dates] ?? step
      firsts[dates] = first
      return first
    }
    let drawsFromStreams = study.noiseGenerator == .streams && !study.nodePositions.isEmpty
    streamPlaces = drawsFromStreams ? study.nodePositions : nil
  }

  /// A way from the first stage to an end.
  package struct Path: Sendable, Equatable {
    package var stages: [Int]
    package var probability: Double
  }

  /// Every path of a finite horizon, in the order of successors.
  package var paths: [Path] {
    guard isBranching else { return [Path(stages: stages, probability: 1)] }
    var paths: [Path] = []
    var open = [Path(stages: [0], probability: 1)]
    while let path = open.popLast(), let end = path.stages.last {
      let next = successors[end]
      if next.isEmpty { paths.append(path) }
      for arc in next.reversed() {
        open.append(Path(stages: path.stages + [arc.stage], probability: path.probability * arc.probability))
      }
    }
    return paths
  }

  /// The stages of one trajectory, in order.
  ///
  /// - Parameter uniform: returns a number in (0, 1) for the stage before the transition.
  /// - Returns: the path.
  package func path(_ uniform: (Int) -> Double) -> [Int] {
    guard isBranching else { return stages }
    var path = [0]
    while let stage = path.last, let fallback = successors[stage].last {
      let number = uniform(stage)
      var sum = 0.0
      let next = successors[stage].first {
        sum += $0.probability
        return sum > number
      }
      path.append((next ?? fallback).stage)
    }
    return path
  }

  /// The path of a trajectory by the counters of the random numbers: entity 1, where openings have 0.
  package func path(_ generator: Philox, trajectory: Int, iteration: UInt32) -> [Int] {
    if let streamPlaces {
      return path {
        StreamKey.transition(
          iteration: iteration == Philox.simulationIteration ? 0 : iteration,
          path: UInt32(truncatingIfNeeded: trajectory), stage: UInt32(truncatingIfNeeded: streamPlaces[$0]))
      }
    }
    return path {
      generator.uniform(
        entity: 1, sample: UInt32(truncatingIfNeeded: trajectory), stage: UInt32(truncatingIfNeeded: $0),
        iteration: iteration)
    }
  }
}
