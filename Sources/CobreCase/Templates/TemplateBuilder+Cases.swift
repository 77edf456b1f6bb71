internal import CobreBase

extension TemplateBuilder {
  mutating func buildSingleHydro() {
    setHorizon(openings: 10, blocks: [("ALL", 1)])
    setTraining(forwardPasses: 4, iterations: 40, scenarios: 200)
    addLakeAndCity()
  }

  /// One reservoir and one thermal plant that serve a city.
  mutating func addLakeAndCity() {
    setPenalties(deficit: [(nil, 1500)])
    addBus(1, "CITY", load: 90)
    addThermal(1, "GAS", bus: 1, cost: 85, maximum: 70)
    addHydro(
      Plant(
        id: 1, name: "LAKE", bus: 1, downstream: nil, minimum: 20, maximum: 400, productivity: 0.8, turbined: 110,
        inflow: 60))
  }

  mutating func buildCascade() {
    setHorizon(openings: 15, blocks: [("PEAK", 0.25), ("OFFPEAK", 0.75)])
    setTraining(forwardPasses: 6, iterations: 60, scenarios: 300)
    setPenalties(deficit: [(20, 1000), (nil, 2500)])
    addBus(1, "VALLEY", load: 220)
    setLoadShape(buses: [1], factors: [1.3, 0.9])
    addThermal(1, "GAS", bus: 1, cost: 70, maximum: 80)
    addThermal(2, "DIESEL", bus: 1, cost: 190, maximum: 60)
    addHydro(
      Plant(
        id: 1, name: "HEADWATER", bus: 1, downstream: 2, minimum: 50, maximum: 900, productivity: 0.6, turbined: 90,
        leastOutflow: 5, inflow: 40))
    addHydro(
      Plant(
        id: 2, name: "MIDDLE", bus: 1, downstream: 3, minimum: 30, maximum: 250, productivity: 0.8, turbined: 130,
        leastOutflow: 8, inflow: 25))
    addHydro(
      Plant(
        id: 3, name: "MOUTH", bus: 1, downstream: nil, minimum: 10, maximum: 60, productivity: 0.5, turbined: 180,
        leastOutflow: 12, inflow: 20))
  }

  mutating func buildTwoAreas() {
    setHorizon(openings: 15, blocks: [("PEAK", 0.2), ("MEDIUM", 0.5), ("LOW", 0.3)])
    setTraining(forwardPasses: 6, iterations: 60, scenarios: 300)
    setPenalties(deficit: [(30, 900), (nil, 2200)])
    addBus(1, "NORTH", load: 120)
    addBus(2, "SOUTH", load: 260)
    setLoadShape(buses: [1, 2], factors: [1.25, 1.05, 0.75])
    addLine(1, "TIE", 1, 2, direct: 180, reverse: 90, losses: 2.5)
    addHydro(
      Plant(
        id: 1, name: "UPPER", bus: 1, downstream: 2, minimum: 80, maximum: 1500, productivity: 0.9, turbined: 170,
        leastOutflow: 10, inflow: 95))
    addHydro(
      Plant(
        id: 2, name: "LOWER", bus: 1, downstream: nil, minimum: 15, maximum: 90, productivity: 0.7, turbined: 220,
        inflow: 30))
    addThermal(1, "COAL", bus: 2, cost: 42, minimum: 20, maximum: 100)
    addThermal(2, "COMBINED", bus: 2, cost: 68, maximum: 120)
    addThermal(3, "OPEN", bus: 2, cost: 145, maximum: 60)
    addSource(
      1, "WIND", bus: 2, capacity: 60, means: [0.30, 0.28, 0.27, 0.30, 0.34, 0.40, 0.44, 0.46, 0.45, 0.40, 0.34, 0.31])
  }

  mutating func buildFourAreas() {
    setHorizon(openings: 20, blocks: [("PEAK", 0.15), ("MEDIUM", 0.5), ("LOW", 0.35)])
    setTraining(forwardPasses: 8, iterations: 80, scenarios: 500)
    setPenalties(deficit: [(50, 900), (150, 1600), (nil, 3000)])
    let areas: [(name: String, load: Double)] = [("WEST", 900), ("EAST", 520), ("NORTH", 260), ("ISLAND", 140)]
    for (index, area) in areas.enumerated() { addBus(Int64(index + 1), area.name, load: area.load) }
    setLoadShape(buses: [1, 2, 3, 4], factors: [1.25, 1.05, 0.82])
    addLine(1, "WEST_EAST", 1, 2, direct: 300, reverse: 300, losses: 2)
    addLine(2, "WEST_NORTH", 1, 3, direct: 200, reverse: 350, losses: 3)
    addLine(3, "EAST_NORTH", 2, 3, direct: 150, reverse: 250, losses: 3)
    addLine(4, "EAST_ISLAND", 2, 4, direct: 80, reverse: 60, losses: 1.5)
    buildFourAreaHydros()
    buildFourAreaThermals()
    addSource(
      1, "PLATEAU_WIND", bus: 3, capacity: 180,
      means: [0.30, 0.28, 0.27, 0.30, 0.34, 0.40, 0.44, 0.46, 0.45, 0.40, 0.34, 0.31])
    addSource(
      2, "COAST_SOLAR", bus: 2, capacity: 120,
      means: [0.27, 0.26, 0.25, 0.23, 0.20, 0.18, 0.19, 0.22, 0.24, 0.26, 0.27, 0.27])
    add(
      .pumpingStation,
      [
        "id": 1, "name": "TUNNEL", "bus_id": 1, "source_hydro_id": 3, "destination_hydro_id": 4,
        "consumption_mw_per_m3s": 1.1, "flow": ["min_m3s": 0.0, "max_m3s": 15.0],
      ])
    add(
      .contract,
      [
        "id": 1, "name": "IMPORT", "bus_id": 1, "type": "import", "price_per_mwh": 160.0,
        "limits": ["min_mw": 0.0, "max_mw": 80.0],
      ])
    add(
      .contract,
      [
        "id": 2, "name": "EXPORT", "bus_id": 2, "type": "export", "price_per_mwh": -18.0,
        "limits": ["min_mw": 0.0, "max_mw": 50.0],
      ])
  }

  private mutating func buildFourAreaHydros() {
    let plants = [
      Plant(
        id: 1, name: "SOURCE", bus: 1, downstream: 2, minimum: 200, maximum: 4200, productivity: 0.7, turbined: 380,
        leastOutflow: 30, inflow: 210),
      Plant(
        id: 2, name: "GORGE", bus: 1, downstream: 3, minimum: 120, maximum: 900, productivity: 0.55, turbined: 520,
        leastOutflow: 40, inflow: 110),
      Plant(
        id: 3, name: "FALLS", bus: 1, downstream: nil, minimum: 50, maximum: 50, productivity: 0.4, turbined: 650,
        leastOutflow: 40, inflow: 60),
      Plant(
        id: 4, name: "HILLS", bus: 2, downstream: nil, minimum: 90, maximum: 1800, productivity: 0.9, turbined: 150,
        leastOutflow: 8, inflow: 75),
      Plant(
        id: 5, name: "BASIN", bus: 3, downstream: 6, minimum: 150, maximum: 2600, productivity: 0.5, turbined: 260,
        leastOutflow: 15, inflow: 120),
      Plant(
        id: 6, name: "DELTA", bus: 3, downstream: nil, minimum: 20, maximum: 140, productivity: 0.3, turbined: 340,
        inflow: 45),
    ]
    for plant in plants { addHydro(plant) }
  }

  private mutating func buildFourAreaThermals() {
    let units: [(name: String, bus: Int64, cost: Double, minimum: Double, maximum: Double)] = [
      ("NUCLEAR", 1, 31, 120, 200), ("W_COAL", 1, 48, 30, 150), ("W_COMBINED", 1, 66, 0, 200),
      ("W_OPEN", 1, 132, 0, 120),
      ("W_DIESEL", 1, 205, 0, 60), ("E_COAL", 2, 52, 40, 180), ("E_COMBINED", 2, 71, 0, 160), ("E_OPEN", 2, 140, 0, 90),
      ("N_BIOMASS", 3, 39, 10, 60), ("N_OPEN", 3, 150, 0, 70), ("I_COMBINED", 4, 88, 20, 90),
      ("I_DIESEL", 4, 195, 0, 70),
    ]
    for (index, unit) in units.enumerated() {
      addThermal(
        Int64(index + 1), unit.name, bus: unit.bus, cost: unit.cost, minimum: unit.minimum, maximum: unit.maximum)
    }
  }

  private mutating func addLine(
    _ id: Int64, _ name: String, _ source: Int64, _ target: Int64, direct: Double, reverse: Double, losses: Double
  ) {
    add(
      .line,
      [
        "id": .int(id), "name": .string(name), "source_bus_id": .int(source), "target_bus_id": .int(target),
        "capacity": ["direct_mw": .double(direct), "reverse_mw": .double(reverse)], "losses_percent": .double(losses),
      ])
  }

  /// Adds a source with its mean availability by month.
  mutating func addSource(_ id: Int64, _ name: String, bus: Int64, capacity: Double, means: [Double]) {
    add(
      .nonControllableSource,
      ["id": .int(id), "name": .string(name), "bus_id": .int(bus), "max_generation_mw": .double(capacity)])
    for (stage, mean) in means.enumerated() {
      append(.nonControllableStats, "ncs_id,stage_id,mean,std", "\(id),\(stage),\(mean),0")
    }
  }
}
