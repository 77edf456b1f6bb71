package import CobreCase

/// How fast the cost after each stage can change with the state, from the penalties of the case (Mathematics.md
/// 4.6).
package struct LipschitzBounds: Sendable, Equatable {
  /// $ per unit by stage and component, `[stage * dimension + component]`.
  package private(set) var slopes: [Double]
  private let dimension: Int

  /// - Parameters:
  ///   - study: the case.
  ///   - process: how lags in the state become inflows.
  /// - Throws: `PolicyMismatch` where the case gives no bound and no fallback.
  package init(study: StudyCase, process: InflowProcess) throws {
    let dimension = process.layout.dimension
    self.dimension = dimension
    let settings = study.configuration.upperBound
    let reason = study.slopeObstacle(process)
    let memory = LagWater(study: study, process: process)
    if let reason, settings.lipschitzFallback == nil {
      throw PolicyMismatch(UpperBoundSettings.missingFallback(reason))
    }
    let scale = settings.lipschitzScale
    let fallback = (settings.lipschitzFallback ?? 0) * scale
    slopes = .init(repeating: fallback, count: study.stages.count * dimension)
    guard reason == nil else { return }
    // Backward, so that each stage sees the largest bound of the stages that follow it. In a cycle every stage follows
    // every other.
    var largest = [Double](repeating: 0, count: study.hydros.count)
    fillBatteries(study, process.layout, scale: scale)
    let laps = study.graph.kind == .cyclic ? 2 : 1
    for stage in Array(repeating: Array(study.stages.indices.reversed()), count: laps).joined() {
      for hydro in study.hydros.indices {
        slopes[stage * dimension + hydro] = largest[hydro] * scale
        for component in process.layout.memory(hydro: hydro) {
          let volume = memory.volume(after: stage, hydro: hydro, component: component)
          slopes[stage * dimension + component] = volume * largest[hydro] * scale
        }
      }
      for hydro in study.hydros.indices {
        // Rain on a larger surface makes a missing hm³ miss more.
        let own = Self.slope(study, stage: stage, hydro: hydro, process: process)
        largest[hydro] = max(largest[hydro], own) * study.rainGrowth(stage: stage, hydro: hydro)
      }
    }
  }

  /// A missing MWh is charged, or kept from being discharged, with power whose lack costs a deficit at most, and may be
  /// missing to the target; one more can be left uncharged, which leaves a surplus at most.
  private mutating func fillBatteries(_ study: StudyCase, _ layout: StateLayout, scale: Double) {
    for (battery, component) in zip(study.batteries, layout.batteries) {
      let deficit = study.busDeficitSegments[battery.bus].map(\.cost).max() ?? 0
      for stage in study.stages.indices {
        let excess = study.stages.indices.map { study.excessCost(stage: $0, bus: battery.bus) }.max() ?? 0
        let slope =
          max(deficit, excess) / battery.chargeEfficiency + (battery.target?.cost ?? 0) + battery.degradationCost
        slopes[stage * dimension + component] = slope * scale
      }
    }
  }

  /// Takes up stored slopes, and returns false if they do not fit.
  mutating func restore(_ stored: [Double]) -> Bool {
    guard stored.count == slopes.count, stored.allSatisfy({ $0 >= 0 && $0 < .infinity }) else { return false }
    slopes = stored
    return true
  }

  /// Slopes of the cost after a stage.
  package func after(_ stage: Int) -> [Double] { Array(slopes[(stage * dimension)..<((stage + 1) * dimension)]) }

  /// Raises the slopes after a stage to the slopes that cuts have shown to occur.
  mutating func raise(after stage: Int, to pool: CutPool) {
    for slot in 0..<pool.count {
      for component in 0..<dimension {
        slopes[stage * dimension + component] =
          max(slopes[stage * dimension + component], abs(pool.slope(slot, component)))
      }
    }
  }

  /// The larger of what a missing and what an additional hm³ can cost in a stage.
  private static func slope(_ study: StudyCase, stage: Int, hydro: Int, process: InflowProcess) -> Double {
    let deficit = study.busDeficitSegments.flatMap { $0.map(\.cost) }.max() ?? 0
    let hours = study.stages[stage].hours
    func costs(_ plant: Int) -> HydroCosts { study.costs(stage: stage, hydro: plant) }
    var chain = [hydro]
    while let next = chain.last.flatMap({ study.hydros[$0].downstream }), !chain.contains(next) { chain.append(next) }
    // The direct effects of the volume on output and evaporation, in force whatever happens to the water.
    let planes = study.planes(stage: stage, hydro: hydro)
    let evaporation = max(costs(hydro).evaporationViolationAbove, costs(hydro).evaporationViolationBelow)
    let direct =
      hours * deficit * (planes.map { abs($0.gammaVolume) }.max() ?? 0) / 2
      + hours * evaporation * evaporationSlope(study, stage: stage, hydro: hydro) / 2
      + ruleSlope(study, stage: stage, hydro: hydro)
    var less = 0.0
    let canBuy =
      study.configuration.inflowMethod.hasSlack
      && !study.limitsVirtualInflow(stage: stage, hydro: hydro, process: process)
    if canBuy, study.stages[stage].blockMode == .parallel {
      less = costs(hydro).inflowNonnegativity / StageLPBuilder.volumePerFlowHour
    } else {
      for plant in chain {
        let productivity = max(
          study.production(stage: stage, hydro: plant).productivity,
          study.planes(stage: stage, hydro: plant).map(\.gammaTurbined).max() ?? 0)
        let own = costs(plant)
        less +=
          (productivity * deficit + own.outflowViolationBelow + own.turbinedViolationBelow
            + own.generationViolationBelow * productivity + own.withdrawalViolationBelow
            + flowRuleCost(study, stage: stage, hydro: plant))
          / StageLPBuilder.volumePerFlowHour
      }
    }
    var more = 0.0
    for plant in chain {
      let spill = study.planes(stage: stage, hydro: plant).map { abs($0.gammaSpilled) }.max() ?? 0
      more +=
        (costs(plant).spillage + costs(plant).outflowViolationAbove + spill * deficit
          + (study.rules(stage: stage, hydro: plant)?.spillageCost ?? 0))
        / StageLPBuilder.volumePerFlowHour
    }
    return max(less, more) + direct + costs(hydro).storageViolationBelow * (study.hydros[hydro].filling == nil ? 0 : 1)
  }

  /// $/hm³ that the storage adds by operating rules, in force whatever happens to the water.
  private static func ruleSlope(_ study: StudyCase, stage: Int, hydro: Int) -> Double {
    guard let rules = study.rules(stage: stage, hydro: hydro) else { return 0 }
    let hours = study.stages[stage].hours
    let outflow = rules.leastOutflow.map { abs($0.slope) }.max() ?? 0
    let spillage = rules.mostSpillage.map { abs($0.slope) }.max() ?? 0
    return rules.alertCost + rules.floodCost + hours * rules.spillageCost * spillage / 2
      + hours * study.costs(stage: stage, hydro: hydro).outflowViolationBelow * outflow
  }

  /// $/(m³/s·h) that less flow in one block costs by uses of water and by the changes to the blocks around it.
  private static func flowRuleCost(_ study: StudyCase, stage: Int, hydro: Int) -> Double {
    guard let rules = study.rules(stage: stage, hydro: hydro) else { return 0 }
    let hours = study.stages[stage].blocks.map(\.hours)
    let ratio = (hours.max() ?? 1) / (hours.min() ?? 1)
    return (rules.uses.map(\.cost).max() ?? 0) + rules.rampCost * (1 + ratio)
  }

  /// Largest change of the evaporated flow with the volume, in m³/s per hm³.
  private static func evaporationSlope(_ study: StudyCase, stage: Int, hydro: Int) -> Double {
    let plant = study.hydros[hydro]
    guard let evaporation = plant.evaporation, plant.geometry.count > 1 else { return 0 }
    let depth = evaporation.coefficients.map { abs($0) }.max() ?? 0
    let slope = zip(plant.geometry, plant.geometry.dropFirst()).map { ($1.area - $0.area) / ($1.volume - $0.volume) }
    return study.monthShare(stage: stage) * depth * (slope.max() ?? 0) / (3.6 * study.stages[stage].hours)
  }
}
