import CobreCase
import CobreCommunication
import CobreEngine
import CobreTestSupport
import Testing

/// Stage problems and training under noise that is none of the openings.
@Suite struct SampledNoiseTests {
  static let features: SystemFeatures = [
    .blocks, .network, .operatingLimits, .noiseOpenings, .uncertainLoad, .uncertainSources, .sources, .discount,
    .virtualInflow,
  ]

  /// A sample that repeats an opening gives the optimum of that opening.
  @Test(arguments: [1, 2, 3, 4, 5, 6], [SystemFeatures(), .autoregression, .truncation, .serviceLife, .chronological])
  func sampleOfAnOpeningIsThatOpening(seed: Int, extra: SystemFeatures) throws {
    let features = extra == .truncation ? Self.features.subtracting(.virtualInflow) : Self.features
    let study = try RandomSystem(
      seed: UInt64(seed), features: features.union(extra)
    ).text.study()
    let tree = OpeningTree(study: study, seed: 42)
    let plain = StageLPTemplate.all(study: study, tree: tree)
    let sampled = StageLPTemplate.all(study: study, tree: tree, takesSamples: true)
    var sample = NoiseSample(study: study)
    for stage in study.stages.indices {
      let openings = tree.stages[stage]
      let first = try StageSolver(template: plain[stage])
      let second = try StageSolver(template: sampled[stage])
      let state = tree.inflow.initialState + [0]
      for opening in 0..<openings.count {
        func slice(_ values: NumberTable, _ width: Int) -> [Double] {
          Array(values[(opening * width)..<(opening * width + width)])
        }
        sample.inflows = slice(openings.inflows, study.hydros.count)
        sample.loads = slice(openings.loads, study.buses.count)
        sample.availabilities = slice(openings.availabilities, study.sources.count)
        try first.begin(state: state, pool: nil, start: WarmStart(), openings: opening..<(opening + 1))
        try first.solve(opening: opening, pool: nil)
        second.take(sample)
        try second.begin(state: state, pool: nil, start: WarmStart(), openings: openings.count..<(openings.count + 1))
        try second.solve(opening: openings.count, pool: nil)
        #expect(abs(first.objective - second.objective) <= 1e-9 * max(1, abs(first.objective)))
      }
    }
  }

  private static func source(_ inflow: ScenarioSource.Scheme) -> ScenarioSource {
    var source = ScenarioSource.inSample
    source.seed = 4
    source.inflow = inflow
    source.load = .outOfSample
    source.ncs = .outOfSample
    return source
  }

  /// Whatever the source of the trial points, the lower bound belongs to the tree: never above its optimum, and near it
  /// with many trial points.
  @Test(arguments: [1, 4, 7], [ScenarioSource.Scheme.inSample, .outOfSample])
  func boundStaysThatOfTheTree(seed: Int, inflow: ScenarioSource.Scheme) throws {
    var study = try RandomSystem(seed: UInt64(seed), features: Self.features).text.study()
    study.configuration.training.scenarioSource = Self.source(inflow)
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 150) { ($0.lowerBound - optimum) / scale > -1e-6 }
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
    #expect(run.lowerBound >= optimum - 2e-3 * scale)
    #expect(run.largestFall <= 1e-9)
  }

  /// The simulation draws by its own source: other seeds give other costs, and the same seed the same bits.
  @Test func simulationHasASourceOfItsOwn() throws {
    var study = try RandomSystem(seed: 4, features: Self.features).text.study()
    let run = try TrainingRun(study, iterations: 10)
    func costs(_ source: ScenarioSource) throws -> [Double] {
      study.configuration.simulation.scenarioSource = source
      return try Simulator(
        study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator()
      ).run(scenarios: 12).costs
    }
    var source = Self.source(.outOfSample)
    let first = try costs(source)
    #expect(try costs(source) == first)
    source.seed = 5
    #expect(try costs(source) != first)
    #expect(try costs(.inSample) != first)
  }
}
