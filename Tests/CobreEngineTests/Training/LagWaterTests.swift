internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Inflow with a memory against the deterministic equivalent: lags are part of the state and of every cut.
@Suite struct LagWaterTests {
  /// Features combined with autoregression, one after the other by seed.
  static let companions: [SystemFeatures] = [
    [.blocks, .network, .operatingLimits, .discount], [.blocks, .chronological], [.virtualInflow, .uncertainLoad],
    [.serviceLife, .withdrawal], [.diversion, .pumping, .stageBounds],
  ]

  private func expectOptimum(_ study: StudyCase) throws {
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 400) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
  }

  @Test(arguments: 1...30)
  func autoregressionConverges(seed: Int) throws {
    let features = Self.companions[seed % Self.companions.count].union(.autoregression)
    let study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    // The systems draw orders 1 and 2.
    #expect(study.autoregressiveCoefficients.contains { $0.lag == 1 })
    try expectOptimum(study)
  }

  @Test(arguments: CalendarSystem.Stages.allCases, 1...6)
  func stagesOfOtherLengthsThanLagsConverge(stages: CalendarSystem.Stages, seed: Int) throws {
    let method = seed % 2 == 0 ? "penalty" : "none"
    try expectOptimum(CalendarSystem(seed: UInt64(seed), stages: stages, method: method).text.study())
  }

  @Test(arguments: 1...12)
  func truncationWithoutMemoryConverges(seed: Int) throws {
    let features: SystemFeatures = [.truncation, .blocks, .operatingLimits]
    let given = seed % 2 == 0 ? features.union(.noiseOpenings) : features
    var text = RandomSystem(seed: UInt64(seed), features: given).text
    if seed % 3 == 0, let config = text.files["config.json"] {
      // Without the priced virtual inflow.
      text.files["config.json"] = config.replacing("truncation_with_penalty", with: "truncation")
    }
    try expectOptimum(text.study())
  }

  /// The states that a solved stage leaves, step by step along one opening, agree with the recursion.
  @Test(arguments: CalendarSystem.Stages.allCases, ["none", "truncation"])
  func outgoingMemoryFollowsTheRecursion(stages: CalendarSystem.Stages, method: String) throws {
    let study = try CalendarSystem(seed: 4, stages: stages, method: method).text.study()
    let tree = OpeningTree(study: study, seed: 1)
    let layout = tree.inflow.layout
    var state = tree.inflow.initialState
    for template in StageLPTemplate.all(study: study, tree: tree) {
      let stage = template.stage
      // Lags so low that the inflow would be negative without truncation.
      if method == "truncation", stage == 1 {
        for hydro in study.hydros.indices { state[layout.lag(1, hydro: hydro)] = -400 }
      }
      let solver = try StageSolver(template: template)
      try solver.begin(state: state, pool: nil, start: WarmStart(), openings: 0..<1)
      try solver.solve(opening: 0, pool: nil)
      var expected = state
      for hydro in study.hydros.indices {
        let inflow = tree.inflow.inflow(
          stage: stage, hydro: hydro, innovation: tree.stages[stage].inflows[hydro], state: state)
        if method == "truncation" { #expect(inflow >= 0) }
        let memory = layout.memory(hydro: hydro)
        for (component, row) in zip(memory, tree.inflow.transitions(stage: stage, hydro: hydro)) {
          expected[component] =
            row.inflow * inflow
            + row.memory.reduce(0) { $0 + state[memory.lowerBound + $1.component] * $1.factor }
        }
        for component in memory { #expect(abs(solver.outgoingState[component] - expected[component]) < 1e-8) }
      }
      state = (0..<layout.dimension).map { solver.outgoingState[$0] }
    }
  }

  /// Slopes in lags agree with finite differences of the stage's optimum.
  @Test(arguments: CalendarSystem.Stages.allCases)
  func slopesAreDerivatives(stages: CalendarSystem.Stages) throws {
    let study = try CalendarSystem(seed: 9, stages: stages).text.study()
    let tree = OpeningTree(study: study, seed: 1)
    let trainer = try TrainingRun(study, iterations: 6)
    let dimension = tree.inflow.layout.dimension
    for template in StageLPTemplate.all(study: study, tree: tree).dropLast() {
      let solver = try StageSolver(template: template)
      let pool = CutPool(dimension: dimension)
      let stored = trainer.policy.pools[template.stage]
      for slot in 0..<stored.count {
        pool.append(
          intercept: stored.intercepts[slot],
          slopes: Array(stored.slopes[(slot * dimension)..<((slot + 1) * dimension)]))
      }
      func optimum(_ state: [Double]) throws -> Double {
        try solver.begin(state: state, pool: pool, start: WarmStart(), openings: 0..<1)
        try solver.solve(opening: 0, pool: pool)
        return solver.objective
      }
      let state = tree.inflow.initialState
      let value = try optimum(state)
      var slopes = [Double](repeating: 0, count: dimension)
      solver.addSlopes(weight: 1, to: &slopes)
      for component in 0..<dimension {
        // A convex function is above its tangent on both sides, and on it where it is smooth.
        var (low, high) = (state, state)
        low[component] -= 1e-3
        high[component] += 1e-3
        let scale = 1e-9 * max(1, abs(value))
        #expect(try optimum(high) >= value + 1e-3 * slopes[component] - scale)
        #expect(try optimum(low) >= value - 1e-3 * slopes[component] - scale)
      }
    }
  }
}
