internal import CobreBase

extension TemplateBuilder {
  /// A town that buys from a spot market and sells to it, at a price that follows a process.
  mutating func buildSpotMarket() {
    setHorizon(openings: 6, blocks: [("ALL", 1)])
    setTraining(forwardPasses: 4, iterations: 100, scenarios: 200)
    setPenalties(deficit: [(nil, 1500)])
    addBus(1, "TOWN", load: 80)
    addThermal(1, "GAS", bus: 1, cost: 95, maximum: 40)
    addHydro(
      Plant(
        id: 1, name: "LAKE", bus: 1, downstream: nil, minimum: 20, maximum: 500, productivity: 0.8, turbined: 110,
        inflow: 60))
    add(
      .priceProcess,
      [
        "id": 1, "name": "SPOT", "initial_price": 80.0, "mean_price": 90.0, "coefficient": 0.75, "deviation": 18.0,
      ])
    addContract(1, "BUY", type: "import", price: 3, maximum: 60)
    addContract(2, "SELL", type: "export", price: 2, maximum: 50)
  }

  private mutating func addContract(_ id: Int64, _ name: String, type: String, price: Double, maximum: Double) {
    add(
      .contract,
      [
        "id": .int(id), "name": .string(name), "bus_id": 1, "type": .string(type), "price_per_mwh": .double(price),
        "price_process_id": 1, "limits": ["min_mw": 0.0, "max_mw": .double(maximum)],
      ])
  }
}
