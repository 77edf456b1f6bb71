internal import CobreBase

extension TemplateBuilder {
  /// Twelve days of six blocks that follow each other, as a battery needs them.
  mutating func buildBattery() {
    setDays(openings: 6, blocks: ["NIGHT", "DAWN", "MORNING", "NOON", "EVENING", "LATE"])
    setTraining(forwardPasses: 4, iterations: 60, scenarios: 200)
    setPenalties(deficit: [(nil, 1500)])
    addBus(1, "TOWN", load: 80)
    setLoadShape(buses: [1], factors: [0.7, 0.85, 1.05, 1.0, 1.35, 1.05])
    addThermal(1, "GAS", bus: 1, cost: 85, maximum: 60)
    addThermal(2, "DIESEL", bus: 1, cost: 210, maximum: 40)
    addHydro(
      Plant(
        id: 1, name: "POND", bus: 1, downstream: nil, minimum: 1, maximum: 12, productivity: 0.8, turbined: 40,
        inflow: 20))
    addSource(1, "SOLAR", bus: 1, capacity: 70, means: [Double](repeating: 0.6, count: 12))
    setSourceShape(1, factors: [0, 0.3, 1.2, 1.5, 0.2, 0])
    add(
      .battery,
      [
        "id": 1, "name": "CELLS", "bus_id": 1,
        "energy": [
          "min_mwh": 8.0, "max_mwh": 120.0, "initial_mwh": 60.0, "target_mwh": 60.0, "target_violation_cost": 150.0,
        ],
        "power": ["max_charge_mw": 30.0, "max_discharge_mw": 30.0], "charge_efficiency": 0.95,
        "discharge_efficiency": 0.95, "self_discharge_per_hour": 0.0002, "degradation_cost": 4.0,
      ])
  }
}
