/// Planes that differ by stage, stored once for all stages that share them.
package struct StagePlanes: Sendable {
  private let hydros: Int
  private var sets: [[FPHAPlane]] = []
  /// Set of each stage and plant, −1 without: `[stage * hydros + hydro]`.
  private var indices: [Int32]

  package init(stages: Int, hydros: Int) {
    self.hydros = hydros
    indices = .init(repeating: -1, count: stages * hydros)
  }

  /// Planes of a plant in a stage, or nil if it has none of its own.
  package func planes(stage: Int, hydro: Int) -> ArraySlice<FPHAPlane>? {
    let index = stage * hydros + hydro
    guard indices.indices.contains(index), indices[index] >= 0 else { return nil }
    return sets[Int(indices[index])][...]
  }

  /// Stores planes and returns the number of their set.
  mutating func add(_ planes: [FPHAPlane]) -> Int32 {
    sets.append(planes)
    return Int32(truncatingIfNeeded: sets.count - 1)
  }

  /// Gives a stage and plant the planes of a set.
  mutating func use(_ set: Int32, stage: Int, hydro: Int) { indices[stage * hydros + hydro] = set }

  /// The planes of the stages named, in their order.
  func copyingStages(_ origins: [Int]) -> StagePlanes {
    var result = self
    result.indices = origins.flatMap { indices[($0 * hydros)..<(($0 + 1) * hydros)] }
    return result
  }
}

extension StudyCase {
  /// Everything that a fit depends on.
  private struct FitKey: Hashable {
    var hydro: Int
    var settings: HullFit.Settings
    var levelBelow: Double?
  }

  /// Fits the planes of every stage and plant that asks for computed planes.
  ///
  /// Equal fits are made once.
  ///
  /// Fills `stagePlanes` and, for the first failed fit of a plant, `planeFitFailures`. A plant that cannot turbine has
  /// no planes: its stages become constant with productivity 0.
  package mutating func fitHullPlanes() {
    var result = StagePlanes(stages: stages.count, hydros: hydros.count)
    if meanHistoricalInflows.isEmpty { meanHistoricalInflows = meansOfHistory() }
    var known: [FitKey: Int32] = [:]
    var work = 0.0
    for hydro in hydros.indices {
      for stage in stages.indices {
        guard let settings = production(stage: stage, hydro: hydro).fpha, settings.source == .computed else { continue }
        guard hydros[hydro].limits.maxTurbined > 0 else {
          let index = stage * hydros.count + hydro
          productionModels[index].kind = .constantProductivity
          productionModels[index].productivity = 0
          productionModels[index].fpha = nil
          continue
        }
        let key = FitKey(
          hydro: hydro, settings: hullSettings(settings, hydro),
          levelBelow: hydros[hydro].tailraceFamilies.count > 1 ? levelBelow(stage: stage, hydro: hydro) : nil)
        if let set = known[key] {
          if set >= 0 { result.use(set, stage: stage, hydro: hydro) }
          continue
        }
        known[key] = -1
        let points = Double(settings.volumePoints) * Double(settings.turbinePoints)
        work += points * points
        do throws(PlaneFitFailure) {
          guard work <= Double(Self.fittingBudget) else {
            throw PlaneFitFailure(
              rule: 415, message: "The grids of all fits together are too large.",
              suggestion: "Lower the discretization points; 5 in each direction is usual.")
          }
          let set = result.add(try fit(key))
          known[key] = set
          result.use(set, stage: stage, hydro: hydro)
        } catch {
          planeFitFailures[hydro] = planeFitFailures[hydro] ?? error
        }
      }
    }
    stagePlanes = result
  }

  /// Mean of the observations of each plant, each counted once whatever its length, or nil without any.
  func meansOfHistory() -> [Double?] {
    var sums = [(value: Double, count: Int)](repeating: (0, 0), count: hydros.count)
    for row in inflowHistory where sums.indices.contains(row.hydro) {
      sums[row.hydro].value += row.value
      sums[row.hydro].count += 1
    }
    return sums.map { $0.count > 0 ? $0.value / Double($0.count) : nil }
  }

  private func fit(_ key: FitKey) throws(PlaneFitFailure) -> [FPHAPlane] {
    let function = try exactProduction(hydro: key.hydro, levelBelow: key.levelBelow)
    return try HullFit(function, key.settings).fit(reduction: planeReduction).enumerated().map { index, plane in
      FPHAPlane(
        hydro: key.hydro, stage: nil, id: index, gamma0: plane.constant, gammaVolume: plane.volume,
        gammaTurbined: plane.turbined, gammaSpilled: plane.spilled, kappa: 1)
    }
  }

  private func hullSettings(_ settings: FPHASettings, _ hydro: Int) -> HullFit.Settings {
    let limits = hydros[hydro].limits
    func end(_ end: FPHASettings.WindowEnd) -> Double? {
      switch end {
      case .table: nil
      case .volume(let volume): volume
      case .share(let share): limits.minStorage + share * (limits.maxStorage - limits.minStorage)
      }
    }
    return HullFit.Settings(
      minStorage: limits.minStorage, maxStorage: limits.maxStorage, maxTurbined: limits.maxTurbined,
      maxGeneration: limits.maxGeneration, windowStart: end(settings.windowStart), windowEnd: end(settings.windowEnd),
      volumePoints: settings.volumePoints, turbinePoints: settings.turbinePoints,
      turbinedFitMax: settings.turbinedFitMax, spillageFitMax: settings.spillageFitMax,
      meanInflow: meanHistoricalInflows.indices.contains(hydro) ? meanHistoricalInflows[hydro] : nil)
  }
}
