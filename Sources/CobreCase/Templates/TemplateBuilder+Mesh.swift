internal import CobreBase

extension TemplateBuilder {
  /// A ring of three buses, where power takes every way in proportion to its reactance.
  mutating func buildMesh() {
    setHorizon(openings: 10, blocks: [("PEAK", 0.3), ("OFFPEAK", 0.7)])
    setTraining(forwardPasses: 4, iterations: 60, scenarios: 200)
    setPenalties(deficit: [(nil, 1500)])
    addBus(1, "DAM", load: 20)
    addBus(2, "PORT", load: 60)
    addBus(3, "CITY", load: 130)
    setLoadShape(buses: [1, 2, 3], factors: [1.25, 0.9])
    let ends: [(Int64, Int64, Double, Double)] = [(1, 2, 120, 0.12), (1, 3, 70, 0.08), (2, 3, 120, 0.2)]
    for (index, line) in ends.enumerated() {
      add(
        .line,
        [
          "id": .int(Int64(index + 1)), "name": .string("LINE_\(line.0)_\(line.1)"), "source_bus_id": .int(line.0),
          "target_bus_id": .int(line.1), "capacity": ["direct_mw": .double(line.2), "reverse_mw": .double(line.2)],
          "reactance_pu": .double(line.3), "max_angle_degrees": 30.0,
        ])
    }
    addThermal(1, "COAL", bus: 2, cost: 55, maximum: 90)
    addThermal(2, "GAS", bus: 3, cost: 110, maximum: 80)
    addHydro(
      Plant(
        id: 1, name: "LAKE", bus: 1, downstream: nil, minimum: 40, maximum: 800, productivity: 0.9, turbined: 160,
        inflow: 90))
  }
}
