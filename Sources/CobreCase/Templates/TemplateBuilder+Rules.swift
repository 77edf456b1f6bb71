internal import CobreBase

extension TemplateBuilder {
  /// Two reservoirs that also serve a town, fields, fish and the safety of what lies below them.
  mutating func buildRiverRules() {
    setHorizon(openings: 10, blocks: [("PEAK", 0.3), ("OFFPEAK", 0.7)])
    setTraining(forwardPasses: 4, iterations: 60, scenarios: 200)
    setPenalties(deficit: [(nil, 1500)])
    addBus(1, "CITY", load: 120)
    setLoadShape(buses: [1], factors: [1.25, 0.9])
    addThermal(1, "GAS", bus: 1, cost: 85, maximum: 60)
    addThermal(2, "DIESEL", bus: 1, cost: 190, maximum: 40)
    addHydro(
      Plant(
        id: 1, name: "LAKE", bus: 1, downstream: 2, minimum: 40, maximum: 600, productivity: 0.7, turbined: 110,
        inflow: 55, rules: Self.lakeRules))
    addHydro(
      Plant(
        id: 2, name: "RIVER", bus: 1, downstream: nil, minimum: 10, maximum: 60, productivity: 0.5, turbined: 150,
        inflow: 20, rules: Self.riverRules))
  }

  /// Reserves in the dry months, room for floods in the wet ones, and water for a town and for fields.
  private static let lakeRules: JSONValue = {
    let wet: [JSONValue] = [0, 1, 2, 11].map { ["season_id": .int($0), "flood_control_storage_hm3": 480.0] }
    let dry: [JSONValue] = (5...8).map { ["season_id": .int($0), "alert_storage_hm3": 180.0] }
    let growing: [JSONValue] = (6...9).map { ["season_id": .int($0), "demand_m3s": 9.0] }
    return [
      "alert_storage_hm3": 120.0, "alert_storage_cost": 6000.0, "flood_control_storage_cost": 8000.0,
      "water_uses": [
        ["name": "TOWN", "demand_m3s": 2.0, "shortfall_cost": 450.0],
        ["name": "FIELDS", "demand_m3s": 1.0, "shortfall_cost": 60.0, "seasons": .array(growing)],
      ],
      "seasons": .array(wet + dry),
    ]
  }()

  /// An ecological hydrograph, and more outflow the fuller the reservoir is.
  private static let riverRules: JSONValue = {
    let spawning: [JSONValue] = [3, 4].map { ["season_id": .int($0), "min_outflow_m3s": 35.0] }
    return [
      "min_outflow_curve": [
        ["storage_hm3": 10.0, "flow_m3s": 12.0], ["storage_hm3": 40.0, "flow_m3s": 20.0],
        ["storage_hm3": 60.0, "flow_m3s": 45.0],
      ],
      "max_spillage_curve": [
        ["storage_hm3": 0.0, "flow_m3s": 60.0], ["storage_hm3": 30.0, "flow_m3s": 240.0],
        ["storage_hm3": 60.0, "flow_m3s": 320.0],
      ],
      "spillage_violation_cost": 800.0, "seasons": .array(spawning),
    ]
  }()
}
