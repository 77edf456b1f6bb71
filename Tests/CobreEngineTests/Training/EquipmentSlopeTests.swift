internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Slopes of stage LPs with all equipment: the tangent at one state is below the optimum at every other.
@Suite struct EquipmentSlopeTests {
  @Test(arguments: 301...310)
  func tangentsNeverExceedTheOptimum(seed: Int) throws {
    let features = EquipmentTests.everything.union([.blocks, .network, .operatingLimits])
    let study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    let templates = StageLPTemplate.all(study: study, tree: OpeningTree(study: study, seed: 1))
    var random = TestRandom(seed: UInt64(seed), label: "states")
    for template in templates {
      let solver = try StageSolver(template: template)
      func optimum(_ state: [Double]) throws -> Double {
        try solver.begin(state: state, pool: nil, start: WarmStart(), openings: 0..<1)
        try solver.solve(opening: 0, pool: nil)
        return solver.objective
      }
      let states = (0..<6).map { _ in study.hydros.map { random.number(0, $0.limits.maxStorage, digits: 3) } }
      let values = try states.map(optimum)
      let scale = max(1, values.map(abs).max() ?? 1)
      for (state, value) in zip(states, values) {
        _ = try optimum(state)
        var slopes = [Double](repeating: 0, count: state.count)
        solver.addSlopes(weight: 1, to: &slopes)
        for (other, reached) in zip(states, values) {
          let tangent = state.indices.reduce(value) { $0 + slopes[$1] * (other[$1] - state[$1]) }
          #expect(tangent <= reached + 1e-8 * scale)
        }
        // A step small enough to stay in the same piece of the function, mostly, costs what the slope says.
        let step = state.indices.map { state[$0] + 1e-6 * study.hydros[$0].limits.maxStorage }
        let change = state.indices.reduce(0.0) { $0 + slopes[$1] * (step[$1] - state[$1]) }
        #expect(abs(try optimum(step) - value - change) <= 1e-4 * max(1, abs(change)) + 1e-9 * scale)
      }
    }
  }
}
