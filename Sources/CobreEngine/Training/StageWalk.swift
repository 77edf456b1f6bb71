/// The order in which trajectories walk through the stages, and the pool of cuts that each stage looks to.
///
/// A finite horizon is walked once, from the first stage to the last. A cyclic one goes on from the target of its
/// back-arc until the future counts for less than a millionth, or for 240 steps. Pools are named by the stage they
/// follow; the last stage of a cycle shares the pool of the other stage that leads to the same one, where both weigh
/// outcomes alike.
package struct StageWalk: Sendable, Equatable {
  /// The longest walk, in steps.
  package static let longest = 240
  /// Discount below which the rest of an infinite horizon is left to the cuts.
  package static let negligible = 1e-6

  /// Stage of every step; at least one.
  package let stages: [Int]
  /// Pool by stage; nil where nothing follows.
  package let poolAfter: [Int?]
  /// Number of pools.
  package let poolCount: Int
  /// Stage that the last one leads back to; nil with a finite horizon.
  package let cycleStart: Int?

  /// - Parameters:
  ///   - study: the case; its transitions are a chain, with one back-arc from the last stage when cyclic.
  ///   - hasBoundary: whether fixed cuts stand after the last stage.
  package init(study: StudyCase, hasBoundary: Bool = false) {
    let count = study.stages.count
    let last = count - 1
    var pools: [Int?] = (0..<count).map { $0 < last ? $0 : nil }
    let start = study.graph.cycleStart(stages: count)
    cycleStart = start
    if let start {
      let isAlike = start > 0 && study.stages[start - 1].riskMeasure == study.stages[last].riskMeasure
      pools[last] = isAlike ? start - 1 : last
    } else if hasBoundary {
      pools[last] = last
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
  }

  /// Stage that follows a stage; nil where nothing follows.
  package func successor(of stage: Int) -> Int? {
    stage < poolAfter.count - 1 ? stage + 1 : cycleStart
  }
}
