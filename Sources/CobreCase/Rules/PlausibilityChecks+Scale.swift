/// Sizes that are allowed and hardly meant, seen against the whole system.
extension PlausibilityChecks {
  /// Ratio of one power to the load of all, or of one cost to the next, above which a number is doubted.
  private static let doubtfulScale = 100.0
  /// Ratio of two costs above which the objective keeps no digits of the smaller one.
  private static let doubtfulCosts = 10_000.0
  /// Largest productivity in MW/(m³/s): a head of 2,000 m, and no plant has more.
  private static let largestProductivity = 20.0

  /// Rules 811 to 817.
  mutating func checkScales() {
    let loads = study.stages.indices.map { stage in
      study.buses.indices.reduce(0) { $0 + max(0, study.loadStatistics(stage: stage, bus: $1).mean) }
    }
    checkPowers(loads)
    checkCapacity(loads)
    checkCostRatios()
    checkExchangeCosts()
    checkLoadDeviations()
    checkFactorMeans()
    checkHeads()
    checkEvaporationDepths()
  }

  /// A source of power: where its largest power is written, and what that is by stage (0 where it is out of service).
  private struct Supply {
    var kind: EntityKind
    var name: String
    var index: Int
    var id: Int
    var key: String
    var power: (Int) -> Double
  }

  private var supplies: [Supply] {
    let study = study
    let thermals = study.thermals.enumerated().map { index, plant in
      Supply(
        kind: .thermal, name: "Thermal", index: index, id: plant.id, key: "generation.max_mw",
        power: {
          study.exists(stage: $0, thermal: index) ? study.limits(stage: $0, thermal: index).maxGeneration : 0
        })
    }
    let hydros = study.hydros.enumerated().map { index, plant in
      Supply(
        kind: .hydro, name: "Hydro", index: index, id: plant.id, key: "generation.max_generation_mw",
        power: { study.exists(stage: $0, hydro: index) ? study.limits(stage: $0, hydro: index).maxGeneration : 0 })
    }
    let sources = study.sources.enumerated().map { index, plant in
      Supply(
        kind: .nonControllableSource, name: "Source", index: index, id: plant.id,
        key: "max_generation_mw",
        power: { study.exists(stage: $0, source: index) ? study.sources[index].maxGeneration : 0 })
    }
    let imports = study.contracts.enumerated().filter { $1.direction == .imports }.map { index, contract in
      Supply(
        kind: .contract, name: "Contract", index: index, id: contract.id, key: "limits.max_mw",
        power: {
          study.exists(stage: $0, contract: index) ? study.limits(stage: $0, contract: index).maxPower : 0
        })
    }
    return thermals + hydros + sources + imports
  }

  /// Rule 811.
  private mutating func checkPowers(_ loads: [Double]) {
    guard let load = loads.max(), load > 0 else { return }
    for supply in supplies {
      let power = study.stages.indices.map(supply.power).max() ?? 0
      guard power > Self.doubtfulScale * load else { continue }
      let registry = places.registry(supply.kind)
      collector.report(
        811, file: registry.file, at: registry.path(supply.index, supply.key), entity: registry.entity(supply.index),
        value: "\(power) MW",
        "\(supply.name) \(supply.id) may give \(power) MW, and the mean load of all buses is \(load) MW at most.",
        suggestion: "Check the unit, which is MW. A number that stands for \"no limit\" may be that of the load.")
    }
  }

  /// Rule 812.
  private mutating func checkCapacity(_ loads: [Double]) {
    guard let file = places.loadStatistics else { return }
    let supplies = supplies
    for stage in study.stages.indices where loads[stage] > 0 {
      let discharge = study.batteries.indices.reduce(0) {
        study.exists(stage: stage, battery: $1) ? $0 + study.limits(stage: stage, battery: $1).maxDischarge : $0
      }
      let power = supplies.reduce(discharge) { $0 + $1.power(stage) }
      guard loads[stage] > Self.doubtfulRatio * power else { continue }
      collector.report(
        812, file: file, at: "column mean_mw", value: "\(loads[stage]) MW > \(power) MW",
        "In stage \(study.stages[stage].id) the mean load of all buses is \(loads[stage]) MW, and all that could serve it "
          + "has \(power) MW.", suggestion: "Check the unit of the load, and the largest power of the plants.")
      return
    }
  }

  /// Rule 813.
  private mutating func checkCostRatios() {
    let dearest = study.busDeficitSegments.joined().map(\.cost).max() ?? 0
    let plants = study.stages.indices.flatMap { stage in
      study.thermals.indices.map { study.limits(stage: stage, thermal: $0).cost }
        + study.contracts.indices.map { study.limits(stage: stage, contract: $0).price }
    }
    if let plant = plants.max(), plant > 0, dearest > Self.doubtfulCosts * plant {
      collector.report(
        813, file: CaseFileName.penalties.path, at: "bus.deficit_segments", value: "\(dearest) $/MWh",
        "Shedding load costs \(dearest) $/MWh, and the dearest plant \(plant) $/MWh: next to it the bounds keep few digits "
          + "of what plants cost.",
        suggestion: "Check the unit, which is $/MWh. Deficits are usually put at some hundred times the fuel at most.")
    }
    guard dearest > 0 else { return }
    var worst: (plant: Int, name: String, cost: Double)?
    for (index, costs) in places.penalties.enumerated() {
      for (name, cost, energy) in costs.named where cost > Self.doubtfulCosts * dearest * energy {
        if cost > worst?.cost ?? 0 { worst = (index, name, cost) }
      }
    }
    guard let worst else { return }
    collector.report(
      813, file: CaseFileName.penalties.path, at: "hydro.\(worst.name)",
      entity: places.registry(.hydro).entity(worst.plant),
      value: "\(worst.cost)",
      "The penalty \(worst.name) of hydro \(study.hydros[worst.plant].id) is \(worst.cost), and shedding load costs "
        + "\(dearest) $/MWh: where it is paid, the bounds keep few digits of all else.",
      suggestion: "A penalty some times the cost of a deficit is enough to rule something out.")
  }

  /// Rule 814.
  private mutating func checkExchangeCosts() {
    let registry = places.registry(.line)
    for (index, line) in study.lines.enumerated() {
      let ends = [line.sourceBus, line.targetBus].filter { study.busDeficitSegments.indices.contains($0) }
      guard let deficit = ends.flatMap({ study.busDeficitSegments[$0].map(\.cost) }).max(),
        let stage = study.stages.indices.first(where: {
          study.exists(stage: $0, line: index) && study.exchangeCost(stage: $0, line: index) >= deficit
        })
      else { continue }
      let cost = study.exchangeCost(stage: stage, line: index)
      collector.report(
        814, file: CaseFileName.penalties.path, at: "line.exchange_cost", entity: registry.entity(index),
        value: "\(cost) ≥ \(deficit)",
        "In stage \(study.stages[stage].id) a MWh over line \(line.id) costs \(cost) $, and shedding load at its ends "
          + "\(deficit) $/MWh at most: the line stays unused.",
        suggestion: "Check exchange_cost, which only keeps power from circling and is usually below 1 $/MWh.")
    }
  }

  /// Rule 815.
  private mutating func checkLoadDeviations() {
    guard let file = places.loadStatistics else { return }
    let registry = places.registry(.bus)
    for (index, bus) in study.buses.enumerated() {
      for (position, stage) in study.stages.enumerated() {
        let figures = study.loadStatistics(stage: position, bus: index)
        guard figures.mean > 0, figures.deviation > figures.mean else { continue }
        collector.report(
          815, file: file, at: "column std_mw", entity: registry.entity(index),
          value: "\(figures.deviation) MW",
          "In stage \(stage.id) the load of bus \(bus.id) deviates by \(figures.deviation) MW from a mean of "
            + "\(figures.mean) MW, so that it is often below 0.",
          suggestion: "Check the unit: deviations of loads are in MW, not in % nor as variances.")
        break
      }
    }
  }

  /// Rule 816.
  private mutating func checkFactorMeans() {
    guard let file = places.loadFactors else { return }
    let registry = places.registry(.bus)
    for (index, bus) in study.buses.enumerated() {
      for (position, stage) in study.stages.enumerated() where stage.hours > 0 {
        let energy = stage.blocks.indices.reduce(0) {
          $0 + study.loadFactor(stage: position, bus: index, block: $1) * stage.blocks[$1].hours
        }
        let mean = energy / stage.hours
        guard mean <= 0.5 || mean > 2, study.loadStatistics(stage: position, bus: index).mean > 0 else { continue }
        collector.report(
          816, file: file, at: "load_factors", entity: registry.entity(index), value: "\(mean)",
          "In stage \(stage.id) the factors of bus \(bus.id) have a mean of \(mean) over the hours of the blocks, so the "
            + "energy of the stage is that many times the mean load.",
          suggestion: "Let the factors have a mean of 1, weighted by hours, where mean_mw is the mean of the stage.")
        break
      }
    }
  }

  /// Rule 803, too: a productivity beyond every head there is.
  private mutating func checkHeads() {
    let registry = places.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() {
      let productivity = study.stages.indices.compactMap { stage -> Double? in
        let model = study.production(stage: stage, hydro: index)
        return model.kind == .fpha ? nil : model.productivity
      }.max()
      guard let productivity, productivity > Self.largestProductivity else { continue }
      collector.report(
        803, file: places.productivity(index).file, at: places.productivity(index).location,
        entity: registry.entity(index), value: "\(productivity) MW/(m³/s)",
        "Hydro \(hydro.id) gives \(productivity) MW per m³/s, which takes a head of \(Int(min(productivity * 102, 1e9))) m.",
        suggestion: "Check the unit: 100 m of head give a little less than 1 MW per m³/s.")
    }
  }

  /// Rule 817.
  private mutating func checkEvaporationDepths() {
    let registry = places.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() {
      guard let depths = hydro.evaporation?.coefficients,
        let month = depths.indices.max(by: { abs(depths[$0]) < abs(depths[$1]) }), abs(depths[month]) > 1000
      else { continue }
      collector.report(
        817, file: registry.file, at: registry.path(index, "evaporation"), entity: registry.entity(index),
        value: "\(depths[month]) mm",
        "Hydro \(hydro.id) evaporates \(depths[month]) mm in month \(month + 1), which is \(abs(depths[month]) / 1000) m of "
          + "water.", suggestion: "Check the unit: depths are in mm per month, 50 to 300 as a rule.")
    }
  }
}

extension HydroCosts {
  /// Penalties by their keys in `penalties.json`, and how many MWh their unit is with 1 MW/(m³/s): a m³/s for an hour,
  /// or a hm³.
  fileprivate var named: [(key: String, cost: Double, energy: Double)] {
    let volume = 1e6 / 3600
    return [
      ("spillage_cost", spillage, 1), ("diversion_cost", diversion, 1), ("fpha_turbined_cost", fphaTurbined, 1),
      ("storage_violation_below_cost", storageViolationBelow, volume),
      ("filling_target_violation_cost", fillingTargetViolation, volume),
      ("turbined_violation_below_cost", turbinedViolationBelow, 1),
      ("outflow_violation_below_cost", outflowViolationBelow, 1),
      ("outflow_violation_above_cost", outflowViolationAbove, 1),
      ("generation_violation_below_cost", generationViolationBelow, 1),
      ("evaporation_violation_cost", max(evaporationViolationAbove, evaporationViolationBelow), 1),
      ("water_withdrawal_violation_cost", max(withdrawalViolationAbove, withdrawalViolationBelow), 1),
    ]
  }
}
