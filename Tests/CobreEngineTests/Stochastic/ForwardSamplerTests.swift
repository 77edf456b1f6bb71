import CobreBase
import CobreCase
import CobreEngine
import Testing

@Suite struct ForwardSamplerTests {
  /// Realised values of some trajectories at every stage: `[trajectory][stage]`.
  private static func draw(
    _ study: StudyCase, count: Int, kept: Range<Int>? = nil, iteration: Int = 1, use: ForwardSampler.Use = .training
  ) throws -> [[NoiseSample]] {
    let kept = kept ?? 0..<count
    let tree = OpeningTree(study: study, seed: 11)
    var sampler = try ForwardSampler(
      study: study, tree: tree, source: study.configuration.training.scenarioSource, treeSeed: 11, use: use,
      count: count, kept: kept)
    sampler.prepare(iteration: iteration)
    return kept.map { trajectory in
      study.stages.indices.map { stage in
        var sample = NoiseSample(study: study)
        sampler.realise(stage: stage, step: stage, trajectory: trajectory, into: &sample)
        return sample
      }
    }
  }

  private static func source(_ inflow: String, _ load: String, _ ncs: String) -> JSONValue {
    [
      "seed": 77, "inflow": ["scheme": .string(inflow)], "load": ["scheme": .string(load)],
      "ncs": ["scheme": .string(ncs)],
    ]
  }

  private static let fresh = source("out_of_sample", "out_of_sample", "out_of_sample")
  private static let methods = ["saa", "lhs", "qmc_sobol", "qmc_halton"]

  /// The counter of the mathematical reference: purpose 3, entity, trajectory, stage, iteration; 10 in simulations.
  @Test func freshDrawsAreTheDocumentedNumbers() throws {
    let study = try NoisyCase(source: Self.fresh).study()
    let training = try Self.draw(study, count: 4, iteration: 5)
    let simulation = try Self.draw(study, count: 4, iteration: 1, use: .simulation)
    let uses: [(samples: [[NoiseSample]], purpose: NoisePurpose, iteration: UInt32)] = [
      (training, .outOfSampleNoise, 5), (simulation, .outOfSampleNoiseInSimulation, .max),
    ]
    for (samples, purpose, iteration) in uses {
      let generator = Philox(seed: 77, purpose: purpose)
      func noise(_ entity: UInt32) -> Double {
        generator.normal(entity: entity, sample: 3, stage: 1, iteration: iteration)
      }
      // Means are 100 + id + stage, 50 and 0.5 of 10 MW. Deviations 10, 4 and 0.05.
      #expect(samples[3][1].inflows == [104 + 10 * noise(0), 106 + 10 * noise(1)])
      #expect(samples[3][1].loads == [50 + 4 * noise(1 << 24), 50 + 4 * noise((1 << 24) + 1)])
      #expect(samples[3][1].availabilities == [10 * (0.5 + 0.05 * noise(2 << 24))])
    }
  }

  /// Which trajectories a rank draws changes none of them, by every method.
  @Test(arguments: methods)
  func everyRankDrawsTheSame(method: String) throws {
    let study = try NoisyCase(method: method, source: Self.fresh).study()
    let all = try Self.draw(study, count: 10, iteration: 3)
    #expect(Array(all[4..<7]) == (try Self.draw(study, count: 10, kept: 4..<7, iteration: 3)))
    #expect(all != (try Self.draw(study, count: 10, iteration: 4)))
  }

  /// More trajectories leave independent draws and Sobol points as they are.
  @Test(arguments: ["saa", "qmc_sobol"])
  func anotherTrajectoryChangesNoOther(method: String) throws {
    let study = try NoisyCase(method: method, source: Self.fresh).study()
    #expect(try Self.draw(study, count: 5) == Array(try Self.draw(study, count: 9)[..<5]))
  }

  @Test(arguments: methods)
  func orderOfDeclarationChangesNothing(method: String) throws {
    var source = NoisyCase(hydros: [3, 5, 8], sources: [6, 7], method: method, source: Self.fresh)
    let samples = try Self.draw(source.study(), count: 6)
    source.isReversed = true
    #expect(try Self.draw(source.study(), count: 6) == samples)
  }

  /// The trajectories of an iteration are one sample: one inflow in each stratum.
  @Test func latinHypercubeIsSpreadOverTheTrajectories() throws {
    let study = try NoisyCase(method: "lhs", source: Self.fresh).study()
    let samples = try Self.draw(study, count: 8)
    let limits = (1..<8).map { 103 + 10 * normalQuantile(Double($0) / 8) }
    let strata = samples.map { sample in limits.filter { $0 < sample[0].inflows[0] }.count }
    #expect(strata.sorted() == Array(0..<8))
  }

  /// Weeks of one month share the fresh draw, though their in-sample indices differ.
  @Test func stagesOfOneSeasonOccurrenceShareTheDraw() throws {
    let weekly = NoisyCase(
      stages: 2, seasons: [0, 0], dates: ["2024-01-01", "2024-01-16", "2024-02-01"])
    var case1 = weekly
    case1.source = Self.fresh
    for trajectory in try Self.draw(case1.study(), count: 6) { #expect(trajectory[0].loads == trajectory[1].loads) }
    let drawn = try Self.draw(weekly.study(), count: 30)
    #expect(drawn.contains { $0[0].loads != $0[1].loads })
  }

  /// Classes that stay in the tree draw one opening together.
  ///
  /// The others do not move it.
  @Test func classesInTheTreeShareOneOpening() throws {
    let mixed = try NoisyCase(openings: 5, source: Self.source("in_sample", "out_of_sample", "in_sample")).study()
    let inTree = try NoisyCase(openings: 5).study()
    let tree = OpeningTree(study: inTree, seed: 11)
    let (mixedDraws, treeDraws) = (try Self.draw(mixed, count: 12), try Self.draw(inTree, count: 12))
    for (trajectory, (mixed, plain)) in zip(mixedDraws, treeDraws).enumerated() {
      for stage in 0..<2 {
        #expect(mixed[stage].inflows == plain[stage].inflows)
        #expect(mixed[stage].availabilities == plain[stage].availabilities)
        #expect(mixed[stage].loads != plain[stage].loads)
        // ⌊u·N⌋ of purpose 2 at (0, trajectory, stage, iteration).
        let uniform = Philox(seed: 11, purpose: .inSampleIndex).uniform(
          entity: 0, sample: UInt32(trajectory), stage: UInt32(stage), iteration: 1)
        let opening = Int(uniform * 5)
        #expect(plain[stage].inflows == Array(tree.stages[stage].inflows[(opening * 2)..<(opening * 2 + 2)]))
        #expect(plain[stage].loads == Array(tree.stages[stage].loads[(opening * 2)..<(opening * 2 + 2)]))
      }
    }
  }
}
