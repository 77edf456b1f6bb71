extension StudyCase {
  /// Place of a stage in time; entries, exits and deliveries count by it.
  package func position(of stage: Int) -> Int { nodePositions.isEmpty ? stage : nodePositions[stage] }

  /// A stage for each time position: the first of the stages that share it.
  package var timeline: [Int] {
    guard !nodePositions.isEmpty else { return Array(stages.indices) }
    return stages.indices.filter(opensPlace)
  }

  /// Whether a stage is the first at its time position.
  package func opensPlace(_ stage: Int) -> Bool { stage == 0 || position(of: stage) != position(of: stage - 1) }

  package func limits(stage: Int, hydro: Int) -> HydroLimits { hydroLimits[stage * hydros.count + hydro] }
  package func costs(stage: Int, hydro: Int) -> HydroCosts { hydroCosts[stage * hydros.count + hydro] }

  /// Limits in a block: the block's own, else the stage's.
  package func limits(stage: Int, hydro: Int, block: Int) -> HydroLimits {
    hydroBlockLimits[stage, hydro, block] ?? limits(stage: stage, hydro: hydro)
  }
  /// Limits of a unit group in a block.
  package func limits(stage: Int, hydro: Int, group: Int, block: Int) -> UnitGroupLimits {
    let declared = hydros[hydro].groups[group].limits
    guard !groupLimits.isEmpty else { return declared }
    return groupLimits[stage, groupIndex(hydro: hydro, group: group), block] ?? declared
  }

  /// Index of a unit group among the groups of all plants.
  package func groupIndex(hydro: Int, group: Int) -> Int {
    hydros[..<hydro].reduce(group) { $0 + $1.groups.count }
  }

  /// Production model in force, by stage range or season, else the plant's own.
  package func production(stage: Int, hydro: Int) -> ProductionModel {
    productionModels[stage * hydros.count + hydro]
  }

  /// $/MWh.
  package func excessCost(stage: Int, bus: Int) -> Double { busExcessCosts[stage * buses.count + bus] }

  package func inflowStatistics(stage: Int, hydro: Int) -> SeriesStatistics {
    inflowStatistics[stage * hydros.count + hydro]
  }
  package func loadStatistics(stage: Int, bus: Int) -> SeriesStatistics { loadStatistics[stage * buses.count + bus] }
  package func sourceStatistics(stage: Int, source: Int) -> SeriesStatistics? {
    sourceStatistics[stage * sources.count + source]
  }

  package func loadFactor(stage: Int, bus: Int, block: Int) -> Double { loadFactors[stage, bus, block] }
  package func sourceFactor(stage: Int, source: Int, block: Int) -> Double { sourceFactors[stage, source, block] }

  package func exists(stage: Int, hydro: Int) -> Bool { hydros[hydro].service.contains(position(of: stage)) }

  /// Whether the plant is being filled in the stage: from its filling start to its entry.
  package func isFilling(stage: Int, hydro: Int) -> Bool {
    guard let filling = hydros[hydro].filling, let entry = hydros[hydro].service.entry else { return false }
    let position = position(of: stage)
    return filling.startStage <= position && position < entry
  }

  /// Whether the plant has water to balance in the stage: in service, or being filled before that.
  package func isPresent(stage: Int, hydro: Int) -> Bool {
    exists(stage: stage, hydro: hydro) || isFilling(stage: stage, hydro: hydro)
  }

  /// Right-hand sides of the generic constraints in a stage.
  package func genericBounds(stage: Int) -> ArraySlice<GenericBound> {
    func first(_ isBeyond: (Int) -> Bool) -> Int {
      var (low, high) = (0, genericBounds.count)
      while low < high {
        let middle = (low + high) / 2
        if isBeyond(genericBounds[middle].stage) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    return genericBounds[first { $0 >= stage }..<first { $0 > stage }]
  }

  /// Index of the plant with the id.
  package func hydroIndex(id: Int) -> Int? { hydros.firstIndex { $0.id == id } }
}

extension StudyCase {
  /// Discount factor d_t from a stage to what follows, by the rate of its transition or, at the end, of the stage.
  package func discountFactor(stage: Int) -> Double {
    let rate =
      graph.transitions.first { $0.source == stage }?.annualDiscountRate ?? graph.lastRates[stage]
      ?? graph.annualDiscountRate
    return PolicyGraph.discountFactor(annualRate: rate, days: stages[stage].days)
  }

  /// Buses with load noise: deviation > 0 in some stage.
  ///
  /// Ascending in id.
  package var noiseBuses: [Int] {
    // With the generator `streams`, every bus with external loads in training draws noise, even if its load is
    // constant.
    let drawsAll =
      noiseGenerator == .streams && externalLoads != nil && configuration.training.scenarioSource.load == .external
    return buses.indices.filter { bus in
      drawsAll || stages.indices.contains { loadStatistics(stage: $0, bus: bus).deviation > 0 }
    }
    .sorted { buses[$0].id < buses[$1].id }
  }

  /// Sources with availability noise (deviation > 0 in some stage), ascending in id.
  package var noiseSources: [Int] {
    let drawsWithoutDeviation = noiseGenerator == .streams
    return sources.indices.filter { source in
      stages.indices.contains { stage in
        guard let statistics = sourceStatistics(stage: stage, source: source) else { return false }
        return drawsWithoutDeviation || statistics.deviation > 0
      }
    }
    .sorted { sources[$0].id < sources[$1].id }
  }

  /// Length of the noise vector: all hydros, then `noiseBuses`, then `noiseSources`.
  package var noiseDimension: Int { hydros.count + noiseBuses.count + noiseSources.count }

  /// Planes of a plant in a stage: the fitted ones, or the given rows for that stage, or else the rows for every stage.
  package func planes(stage: Int, hydro: Int) -> ArraySlice<FPHAPlane> {
    if production(stage: stage, hydro: hydro).fpha?.source == .computed {
      if let stagePlanes { return stagePlanes.planes(stage: stage, hydro: hydro) ?? [] }
      return fittedPlanes[hydro]?.planes[...] ?? []
    }
    let own = planes(hydro, stage)
    return own.isEmpty ? planes(hydro, -1) : own
  }

  /// The run of equal plant and stage (−1 = every stage) in the sorted planes.
  private func planes(_ hydro: Int, _ stage: Int) -> ArraySlice<FPHAPlane> {
    func first(_ isBeyond: (FPHAPlane) -> Bool) -> Int {
      var (low, high) = (0, fphaPlanes.count)
      while low < high {
        let middle = (low + high) / 2
        if isBeyond(fphaPlanes[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let key = (hydro, stage)
    return fphaPlanes[first { ($0.hydro, $0.stage ?? -1) >= key }..<first { ($0.hydro, $0.stage ?? -1) > key }]
  }
}
