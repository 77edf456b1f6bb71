internal import CobreBase

extension TemplateBuilder {
  /// Seven months: the first and the last have one stage, the others a wet and a dry one.
  ///
  /// Each stage is a node of the policy graph with inflows of its own; the transitions are the matrix of the chain.
  mutating func buildMarkov() {
    let wetness = [1.0] + (0..<5).flatMap { _ in [1.4, 0.6] } + [1.0]
    let months = [0] + (1...5).flatMap { [$0, $0] } + [6]
    setTraining(forwardPasses: 4, iterations: 60, scenarios: 200)
    addLakeAndCity()
    var arcs: [JSONValue] = []
    func arc(_ source: Int, _ target: Int, _ probability: Double) {
      arcs.append([
        "source_id": .int(Int64(source)), "target_id": .int(Int64(target)), "probability": .double(probability),
      ])
    }
    arc(0, 1, 0.5)
    arc(0, 2, 0.5)
    for wet in [1, 3, 5, 7] {
      arc(wet, wet + 2, 0.7)
      arc(wet, wet + 3, 0.3)
      arc(wet + 1, wet + 2, 0.35)
      arc(wet + 1, wet + 3, 0.65)
    }
    arc(9, 11, 1)
    arc(10, 11, 1)
    setNodes(months: months, openings: 5, transitions: arcs)
    replaceInflows(
      months.enumerated().map { stage, month in (Self.wetness[month] * 60 * wetness[stage], 0.2) }, hydro: 1)
    replaceLoads(months.map { Self.warmth[$0] * 90 }, bus: 1)
  }
}
