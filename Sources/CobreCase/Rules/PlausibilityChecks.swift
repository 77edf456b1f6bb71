/// Doubts about numbers that are allowed and hardly meant, on the resolved form of a case of any format (rules 801 to
/// 817).
struct PlausibilityChecks {
  /// Where a case has its numbers: paths of files, nil for those that it lacks.
  struct Places {
    var registry: (EntityKind) -> Registry
    var loadStatistics: String?
    var inflowStatistics: String?
    var loadFactors: String?
    /// Where the productivity of a hydro plant is.
    var productivity: (Int) -> (file: String, location: String)
    /// Penalties of each hydro plant, without rows of single stages.
    var penalties: [HydroCosts]
  }

  let study: StudyCase
  let places: Places
  var collector: FindingCollector

  static func check(_ study: StudyCase, _ places: Places, _ collector: inout FindingCollector) {
    var checks = PlausibilityChecks(study: study, places: places, collector: collector)
    checks.checkPlausibility()
    collector = checks.collector
  }

  /// Ratio of neighbours, or of two sizes of one plant, above which the unit is doubtful.
  static let doubtfulRatio = 20.0
  /// Years of inflow beyond which a reservoir is doubted.
  private static let doubtfulYears = 100.0

  private mutating func checkPlausibility() {
    checkSheddingCost()
    checkLoadJumps()
    checkProductivities()
    checkMustRun()
    checkReservoirs()
    checkInflowNumbers()
    checkDiscountRates()
    checkLeastOutflows()
    checkLoadFactors()
    checkHorizon()
    checkScales()
  }

  /// Compares the highest cost of each thermal plant with the lowest deficit cost at its bus.
  private mutating func checkSheddingCost() {
    let registry = places.registry(.thermal)
    for (index, thermal) in study.thermals.enumerated() {
      guard study.busDeficitSegments.indices.contains(thermal.bus),
        let deficit = study.busDeficitSegments[thermal.bus].map(\.cost).min()
      else { continue }
      let dear = study.stages.indices.filter {
        let limits = study.limits(stage: $0, thermal: index)
        return study.exists(stage: $0, thermal: index) && limits.maxGeneration > 0 && limits.cost >= deficit
      }
      guard let stage = dear.first else { continue }
      let cost = study.limits(stage: stage, thermal: index).cost
      collector.report(
        801, file: registry.file, at: registry.path(index, "cost_per_mwh"), entity: registry.entity(index),
        value: "\(cost) ≥ \(deficit)",
        "Thermal \(thermal.id) costs \(cost) $/MWh in stage \(study.stages[stage].id), and shedding load at its bus "
          + "\(deficit) $/MWh: the load is shed and the plant stays idle.",
        suggestion: "Check cost_per_mwh, and the cost of deficit_segments.")
    }
  }

  private mutating func checkLoadJumps() {
    let registry = places.registry(.bus)
    guard let file = places.loadStatistics, study.stages.count > 2 else { return }
    for bus in study.buses.indices {
      let loads = study.stages.indices.map { study.loadStatistics(stage: $0, bus: bus).mean }
      func differs(_ a: Double, _ b: Double) -> Bool {
        a > 0 && b > 0 && (a > Self.doubtfulRatio * b || b > Self.doubtfulRatio * a)
      }
      let found = (1..<(loads.count - 1)).first {
        differs(loads[$0], loads[$0 - 1]) && differs(loads[$0], loads[$0 + 1]) && !differs(loads[$0 - 1], loads[$0 + 1])
      }
      guard let stage = found else { continue }
      collector.report(
        802, file: file, at: "column mean_mw", entity: registry.entity(bus), value: "\(loads[stage]) MW",
        "The load of bus \(study.buses[bus].id) is \(loads[stage]) MW in stage \(study.stages[stage].id), between "
          + "\(loads[stage - 1]) MW and \(loads[stage + 1]) MW.", suggestion: "Check the unit: loads are in MW.")
    }
  }

  private mutating func checkProductivities() {
    let registry = places.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() {
      for stage in study.stages.indices where study.exists(stage: stage, hydro: index) {
        let (model, limits) = (study.production(stage: stage, hydro: index), study.limits(stage: stage, hydro: index))
        guard model.kind != .fpha, model.productivity > 0, limits.maxTurbined > 0, limits.maxGeneration > 0 else {
          continue
        }
        let power = model.productivity * limits.maxTurbined
        guard power > Self.doubtfulRatio * limits.maxGeneration || power * Self.doubtfulRatio < limits.maxGeneration
        else {
          continue
        }
        collector.report(
          803, file: places.productivity(index).file, at: places.productivity(index).location,
          entity: registry.entity(index),
          value: "\(model.productivity) MW/(m³/s)",
          "At its largest turbined flow of \(limits.maxTurbined) m³/s hydro \(hydro.id) gives \(power) MW, but its largest "
            + "generation is \(limits.maxGeneration) MW.",
          suggestion: "Check the units: productivity in MW per m³/s, flows in m³/s, generation in MW.")
        break
      }
    }
  }

  private mutating func checkMustRun() {
    for stage in study.stages.indices {
      let least = study.thermals.indices.reduce(0) { sum, thermal in
        study.exists(stage: stage, thermal: thermal)
          ? sum + study.limits(stage: stage, thermal: thermal).minGeneration : sum
      }
      let load = study.buses.indices.reduce(0) { $0 + study.loadStatistics(stage: stage, bus: $1).mean }
      guard least > 0, load > 0, least > load else { continue }
      collector.report(
        804, file: places.registry(.thermal).file, at: "thermals", value: "\(least) MW > \(load) MW",
        "In stage \(study.stages[stage].id) thermal plants must generate \(least) MW, and the mean load of all buses is "
          + "\(load) MW: what no load takes is paid for all the same.",
        suggestion: "Check generation.min_mw of the thermal plants, and the unit of the load.")
      return
    }
  }

  private mutating func checkReservoirs() {
    let registry = places.registry(.hydro)
    guard let totals = meanInflows() else { return }
    for (index, hydro) in study.hydros.enumerated() where totals[index] > 0 {
      let limits = study.limits(stage: 0, hydro: index)
      // 1 m³/s is 31.536 hm³ a year of 365 days.
      let years = (limits.maxStorage - limits.minStorage) / (totals[index] * 31.536)
      guard years > Self.doubtfulYears else { continue }
      collector.report(
        805, file: registry.file, at: registry.path(index, "reservoir.max_storage_hm3"), entity: registry.entity(index),
        value: "\(limits.maxStorage) hm³",
        "The reservoir of hydro \(hydro.id) holds \(Int(min(years, 1e9))) years of its mean inflow of \(totals[index]) m³/s.",
        suggestion: "Check the units: volumes in hm³ (10⁶ m³), inflows in m³/s.")
    }
  }
}
