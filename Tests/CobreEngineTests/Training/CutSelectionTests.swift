internal import CobreTestSupport
internal import Testing

@testable internal import CobreCase
@testable internal import CobreEngine

/// Cut selection drops cuts, and changes neither the monotony of the bound nor its limit.
@Suite struct CutSelectionTests {
  static func selection(
    _ method: CutSelectionSettings.Method?, cap: Int? = nil, frequency: Int = 3
  ) -> CutSelectionSettings {
    CutSelectionSettings(
      enabled: method != nil, method: method, threshold: 0, memoryWindow: 4, dominationEpsilon: 0,
      checkFrequency: frequency, activityTolerance: 0, maxActivePerStage: cap)
  }

  static let settings: [(name: String, selection: CutSelectionSettings)] = [
    ("level1", selection(.level1)), ("lml1", selection(.lml1)), ("domination", selection(.domination)),
    ("budget", selection(nil, cap: 25)), ("lml1 and budget", selection(.lml1, cap: 20)),
  ]

  @Test(arguments: 0..<5, [4, 8, 12, 19, 24])
  func convergesToTheExtensiveForm(setting: Int, seed: Int) throws {
    let selection = Self.settings[setting].selection
    let features = RandomSystemTests.features(seed: seed)
    let study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let options = TrainingOptions.adjusted(study) { $0.cutSelection = selection }
    let run = try TrainingRun(study, iterations: 400, options: options) {
      ($0.lowerBound - optimum) / scale > -2e-8
    }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
    if let cap = selection.maxActivePerStage {
      // Cuts of the running iteration always stay.
      let limit = max(cap, study.configuration.training.forwardPasses)
      #expect(run.reports.allSatisfy { $0.cutsPerStage.allSatisfy { $0 <= limit } })
    }
  }

  /// On a system that goes on iterating every rule finds something to drop, and what it drops stays in the policy.
  @Test(arguments: 0..<5)
  func dropsCuts(setting: Int) throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings, .uncertainLoad], forwardPasses: 3)
      .text.study()
    let options = TrainingOptions.adjusted(study) { $0.cutSelection = Self.settings[setting].selection }
    let run = try TrainingRun(study, iterations: 12, options: options)
    let kept = try #require(run.reports.last?.cutsPerStage.reduce(0, +))
    #expect(kept < run.policy.pools.reduce(0) { $0 + $1.count })
    #expect(run.policy.pools.reduce(0) { $0 + $1.count - $1.inactive.count } == kept)
    #expect(run.policy.pools.allSatisfy { $0.inactive.allSatisfy { $0 < 33 } }, "a cut of the last iteration is gone")
  }

  /// In Novomodelo's format the cap spares the first stage, whose program only grows.
  @Test func aCapMaySpareTheFirstStage() throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings, .uncertainLoad], forwardPasses: 3)
      .text.study()
    for capsFirst in [false, true] {
      let options = TrainingOptions.adjusted(study) {
        $0.cutSelection = Self.selection(nil, cap: 5)
        $0.cutSelection.capsFirstStage = capsFirst
      }
      let run = try TrainingRun(study, iterations: 12, options: options)
      let kept = try #require(run.reports.last?.cutsPerStage)
      #expect(kept[0] == (capsFirst ? 5 : 36) && kept[1...].allSatisfy { $0 <= 5 }, "\(kept)")
    }
  }

  /// Cuts x, 1 − x and 0.4 at 0 and 1: the third is best nowhere visited, but it is at 0.5.
  @Test func dominationLooksAtVisitedStates() {
    let pool = CutPool(dimension: 1)
    for (intercept, slope) in [(0.0, 1.0), (1, -1), (0.4, 0)] { pool.append(intercept: intercept, slopes: [slope]) }
    let memory = DominationCache(dimension: 1, groups: 1)
    #expect(memory.dominated([0, 1, 2], in: pool, states: [0, 1], epsilon: 0) == [2])
    #expect(memory.dominated([0, 1, 2], in: pool, states: [0, 1], epsilon: 0.7) == [])
    #expect(memory.dominated([0, 1, 2], in: pool, states: [0, 1, 0.45], epsilon: 0) == [2])
    pool.append(intercept: 0.4, slopes: [0.5])
    // At 0.45 the values are 0.45, 0.55, 0.4 and 0.625.
    #expect(memory.dominated([0, 1, 2, 3], in: pool, states: [0, 1, 0.45], epsilon: 0) == [2])
    #expect(memory.dominated([0, 1, 2, 3], in: pool, states: [0, 1, 0.45, 0.6], epsilon: 0) == [2])
  }

  /// Random cuts of two groups in three dimensions, against the definition, while cuts and states come in portions.
  @Test func dominationAgreesWithItsDefinition() {
    var random = TestRandom(seed: 5)
    let (dimension, groups) = (3, 2)
    let pool = CutPool(dimension: dimension, groups: groups)
    let memory = DominationCache(dimension: dimension, groups: groups)
    var cuts: [[Double]] = []
    var states: [Double] = []
    var dropped: Set<Int> = []
    var total = 0
    for round in 0..<12 {
      for _ in 0..<(groups * 7) {
        let cut = (0...dimension).map { _ in 2 * random.unit() - 1 }
        pool.append(intercept: cut[0], slopes: Array(cut.dropFirst()))
        cuts.append(cut)
      }
      for _ in 0..<(dimension * (3 + round)) { states.append(2 * random.unit()) }
      func value(_ slot: Int, _ state: Int) -> Double {
        var sum = cuts[slot][0]
        for component in 0..<dimension { sum += cuts[slot][component + 1] * states[state * dimension + component] }
        return sum
      }
      let active = cuts.indices.filter { !dropped.contains($0) }
      let epsilon = 0.01
      let expected = active.filter { slot in
        (0..<(states.count / dimension)).allSatisfy { state in
          let best = active.filter { $0 % groups == slot % groups }.map { value($0, state) }.max() ?? 0
          return value(slot, state) < best - epsilon
        }
      }
      let found = memory.dominated(active, in: pool, states: states, epsilon: epsilon)
      #expect(found == expected, "round \(round)")
      total += found.count
      dropped.formUnion(found)
      pool.deactivate(found)
    }
    #expect(total > 20 && dropped.count < cuts.count)
  }

  /// A dropped cut keeps its coefficients and is −∞ wherever cuts are compared.
  @Test func droppedCutsKeepTheirCoefficients() {
    let pool = CutPool(dimension: 1)
    for value in [3.0, 5, 4] { pool.append(intercept: value, slopes: [value]) }
    pool.deactivate([1])
    pool.deactivate([1])
    #expect(pool.activeCount == 2 && pool.inactiveSlots == [1] && !pool.isActive(1) && pool.isActive(0))
    #expect(pool.intercept(1) == 5 && pool.slope(1, 0) == 5)
    var values = [Double](repeating: 0, count: pool.evaluationCount)
    pool.evaluate(at: [1], into: &values)
    #expect(Array(values[0..<3]) == [6, -.infinity, 8])
  }
}
