import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

/// Trees and forward passes as Novomodelo 0.19.1 draws them.
///
/// The numbers are from its exports and simulations.
@Suite struct StreamTreeTests {
  private static func source(_ inflow: String) -> JSONValue {
    [
      "seed": 77, "inflow": ["scheme": .string(inflow)], "load": ["scheme": .string(inflow)],
      "ncs": ["scheme": .string(inflow)],
    ]
  }

  private static func study(_ noisy: NoisyCase, firstID: Int = 0) throws -> StudyCase {
    var study = try noisy.study()
    study.noiseGenerator = .streams
    for stage in study.stages.indices { study.stages[stage].declaredID = firstID + stage }
    return study
  }

  /// Two hydros, three openings, seed 7, stage ids 5 to 9: the second hydro in the last opening.
  @Test func declaredIDsKeyTheTree() throws {
    let study = try Self.study(NoisyCase(sources: [8], stages: 5, openings: 3, seed: 7), firstID: 5)
    let noise = OpeningNoise(study: study, seed: -7)
    #expect(
      (0..<5).map { noise.value($0, 2, .inflow, 1) }
        == [
          -1.0003183089372312, -1.7164219806899284, 0.38060908643785657, -0.912754027919084, 0.5859954056063902,
        ])
  }

  /// One generator an opening: hydros as they are listed, then buses that vary, then sources with statistics, by id.
  @Test func componentsAreInTheOrderOfThePeer() throws {
    var study = try Self.study(NoisyCase(hydros: [3, 5, 9, 70], buses: [1, 4], sources: [2, 6, 8], seed: 42))
    study.buses.swapAt(0, 1)
    study.sourceStatistics[1] = SeriesStatistics(mean: 0.5, deviation: 0)
    study.sourceStatistics[4] = SeriesStatistics(mean: 0.5, deviation: 0)
    let noise = OpeningNoise(study: study, seed: 42)
    let first = [
      0.40098936496495646, 0.22792558815859804, -0.45006509573059394, 0.39925203768350925, 0.19938189518499055,
      1.2166434723435913, -1.6713115055527257, 0.18226531278957117, -1.53605868463673,
    ]
    #expect(Array(noise.values[0].prefix(9)) == first)
    #expect((0..<4).map { noise.value(0, 0, .inflow, $0) } == Array(first.prefix(4)))
    // The bus with id 1 draws before the one with id 4, whatever their position in the registry.
    #expect(noise.value(0, 0, .load, 1) == first[4])
    #expect(noise.value(0, 0, .load, 0) == first[5])
    // The source with id 6 never varies and draws all the same.
    #expect(noise.layout.sources == [0, 1, 2])
    #expect(noise.value(0, 0, .ncs, 2) == first[8])
  }

  /// Weeks of one month repeat the openings of its first week.
  ///
  /// What that week does not have is 0.
  @Test func weeksOfAMonthShareTheirOpenings() throws {
    let dates = ["2027-01-02", "2027-01-09", "2027-01-16", "2027-01-23", "2027-01-30", "2027-02-06", "2027-02-13"]
    let weeks = NoisyCase(stages: 6, openings: 3, seed: 42, seasons: [0, 0, 0, 0, 0, 1], dates: dates)
    var study = try Self.study(weeks, firstID: 5)
    for (stage, count) in [3, 2, 4, 3, 3, 3].enumerated() { study.stages[stage].openings = count }
    #expect(study.streamGroups == [0, 0, 0, 0, 0, 1])
    let noise = OpeningNoise(study: study, seed: 42)
    let rounded = study.stages.indices.map { stage in
      (0..<study.stages[stage].openings).map { (noise.value(stage, $0, .inflow, 0) * 1e6).rounded() / 1e6 }
    }
    #expect(
      rounded == [
        [-0.515354, 0.452232, 2.653764], [-0.515354, 0.452232], [-0.515354, 0.452232, 0, 0], [-0.515354, 0.452232, 0],
        [-0.515354, 0.452232, 0], [0.268347, 0.129833, -1.456911],
      ])
  }

  private static func sampler(_ study: StudyCase, _ count: Int, _ use: ForwardSampler.Use) throws -> ForwardSampler {
    try ForwardSampler(
      study: study, tree: OpeningTree(study: study, seed: 42), source: study.configuration.training.scenarioSource,
      treeSeed: 42, use: use, count: count, kept: 0..<count)
  }

  /// The choices of its forward passes go by the position of a stage, not by its id.
  ///
  /// Iterations count from 1.
  @Test func openingsAreChosenAsByThePeer() throws {
    let study = try Self.study(NoisyCase(stages: 6, openings: 10, seed: 42), firstID: 5)
    var simulation = try Self.sampler(study, 4, .simulation)
    simulation.prepare(iteration: 1)
    #expect((0..<6).map { simulation.opening(stage: $0, step: $0, trajectory: 0) } == [4, 6, 9, 7, 8, 2])
    #expect((0..<4).map { simulation.opening(stage: $0, step: $0, trajectory: 3) } == [8, 1, 5, 7])
    var training = try Self.sampler(study, 4, .training)
    training.prepare(iteration: 7)
    #expect((0..<4).map { training.opening(stage: $0, step: $0, trajectory: 2) } == [8, 0, 0, 8])
  }

  /// Two hydros, one bus, two sources, scenario 2 of 4: noise read back from the inflows, loads and powers.
  @Test(arguments: [
    (
      "saa",
      [
        [0.4500424467, 1.0649747884, 0.6305846085, -0.0008883201, 1.3038538375],
        [0.4427250912, 2.5914718374, 0.0177540123, -0.0354649383, -0.2340946153],
      ]
    ),
    (
      "lhs",
      [
        [0.2722783366, -0.0503023305, 0.7360654283, 0.802760734, 0.6413850122],
        [-0.7149855427, -1.8986776886, 1.2032603959, 0.1857397759, 1.2424512098],
      ]
    ),
    (
      "qmc_sobol",
      [
        [-0.1361412548, 1.269997185, 0.0345688937, -0.6694083674, -0.6135435909],
        [0.1175484445, -0.9981548952, -0.5701684812, 0.4286413384, 1.0087304155],
      ]
    ),
    (
      "qmc_halton",
      [[-0.6744897497, -0.4307273, -0.6744897497, 0, -8.21], [0, -8.21, 0.6744897497, -0.6744897497, -8.21]]
    ),
  ])
  func freshNoiseIsDrawnByClass(method: String, expected: [[Double]]) throws {
    let noisy = NoisyCase(
      buses: [1], sources: [8, 9], stages: 2, openings: 3, method: method, seed: 42,
      source: Self.source("out_of_sample"))
    var study = try Self.study(noisy, firstID: 5)
    for index in study.inflowStatistics.indices {
      study.inflowStatistics[index] = SeriesStatistics(mean: 22, deviation: 1)
    }
    for index in study.sourceStatistics.indices {
      study.sourceStatistics[index] = SeriesStatistics(mean: 0.5, deviation: 0.01)
    }
    study.configuration.inflowMethod = .none
    var sampler = try Self.sampler(study, 4, .simulation)
    sampler.prepare(iteration: 1)
    for (stage, expected) in expected.enumerated() {
      var sample = NoiseSample(study: study)
      sampler.realise(stage: stage, step: stage, trajectory: 2, into: &sample)
      // Loads have the mean 50 and the deviation 4, sources 10 MW.
      let drawn =
        sample.inflows.map { $0 - 22 } + sample.loads.map { ($0 - 50) / 4 }
        + sample.availabilities.map { ($0 / 10 - 0.5) / 0.01 }
      #expect(zip(drawn, expected).allSatisfy { abs($0 - $1) < 1e-9 }, "\(drawn)")
    }
  }

  /// The years and scenarios that its simulations replayed: of 36 years from 1990, of the five from 2000, of 7
  /// scenarios.
  @Test func knownScenariosAreChosenByHash() {
    let years = (0..<6).map { 1990 + StreamKey.window(of: 36, iteration: 0, scenario: $0) }
    #expect(years == [1993, 2019, 2011, 1994, 2023, 2025])
    #expect(
      (0..<6).map { 2000 + StreamKey.window(of: 5, iteration: 0, scenario: $0) } == [
        2002, 2001, 2003, 2002, 2001, 2002,
      ])
    #expect((0..<6).map { StreamKey.scenario(of: 7, iteration: 0, scenario: $0) } == [0, 3, 1, 1, 5, 5])
  }
}
