internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Simulated costs of a converged policy against the deterministic equivalent.
@Suite struct SimulationTests {
  /// When every path of the tree has been met, the costs of the paths weighted by their probabilities are the optimum.
  @Test(arguments: [3, 8, 12, 25, 38])
  func costsOfAllPathsAddUpToTheOptimum(seed: Int) throws {
    let study = try RandomSystem(
      seed: UInt64(seed), features: RandomSystemTests.features(seed: seed)
    ).text.study()
    let optimum = try ExtensiveForm.optimum(study)
    let run = try TrainingRun(study, iterations: 150)
    let options = TrainingOptions(study: study)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: options, communicator: LocalCommunicator())
    let count = 3000
    let costs = try simulator.run(scenarios: count).costs
    // Which path a scenario took is a pure function of the seed.
    let tree = OpeningTree(study: study, seed: options.treeSeed)
    var sampler = try ForwardSampler(
      study: study, tree: tree, source: .inSample, treeSeed: options.treeSeed, use: .simulation, count: count,
      kept: 0..<count)
    sampler.prepare(iteration: 1)
    var found: [[Int]: (cost: Double, probability: Double)] = [:]
    for scenario in 0..<count {
      var probability = 1.0
      let path = study.stages.indices.map { stage -> Int in
        let openings = tree.stages[stage]
        let index = sampler.opening(stage: stage, step: stage, trajectory: scenario)
        probability *= openings.probabilities[index]
        return index
      }
      if let known = found[path] {
        #expect(abs(known.cost - costs[scenario]) <= 1e-9 * abs(known.cost))
      }
      found[path] = (costs[scenario], probability)
    }
    let met = found.values.reduce(0) { $0 + $1.probability }
    try #require(abs(met - 1) < 1e-9, "some path was never drawn")
    let mean = found.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .reduce(0) { $0 + $1.value.probability * $1.value.cost }
    #expect(abs(mean - optimum) <= 1e-6 * max(1, abs(optimum)))
  }
}
