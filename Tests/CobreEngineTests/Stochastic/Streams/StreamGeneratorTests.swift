import Testing

@testable import CobreCase
@testable import CobreEngine

/// Numbers of release 0.19.1 of Novomodelo: its exported openings, its chosen paths, and the constants of its tests.
@Suite struct StreamGeneratorTests {
  @Test func keysAreThePublishedHashes() {
    #expect(StreamKey.opening(seed: 42, opening: 0, stage: 0) == 4_798_411_809_987_085_555)
    #expect(StreamKey.opening(seed: 42, opening: 1, stage: 0) == 5_987_811_941_171_269_639)
    #expect(StreamKey.opening(seed: 7, opening: 3, stage: 2) == 17_493_708_097_042_091_473)
    #expect(StreamKey.forward(seed: 42, iteration: 0, scenario: 0, stage: 0) == 4_418_977_803_187_233_897)
    #expect(StreamKey.batch(seed: 42, stage: 0) == 983_776_962_555_776_753)
    #expect(StreamKey.seed(of: .load, from: 42) == 14_604_737_007_079_072_421)
    #expect(StreamKey.seed(of: .ncs, from: 42) == 8_293_717_529_204_897_878)
    #expect(StreamKey.seed(of: .inflow, from: 42) == 42)
  }

  @Test func theGeneratorGivesItsFirstNumber() {
    var generator = PCG64(seed: StreamKey.opening(seed: 42, opening: 0, stage: 0))
    #expect(generator.next() == 14_706_656_050_763_477_741)
  }

  @Test(arguments: [
    (42, 0, 0, [0.40098936496495646, 0.22792558815859804, -0.45006509573059394, 0.39925203768350925]),
    (42, 1, 0, [-1.3954121776085244, -0.26939366921736746, 0.38875528670782961, 2.5162951117688954]),
    (42, 0, 1, [1.8408985584459048, 0.84579995138901354, -0.86104177681192229, 0.2767510123620236]),
    (7, 3, 2, [-1.2048920017163731, 0.28275624451970366, -0.21800396644087483, -0.026661369400055313]),
    (99, 5, 1, [0.74472275947733391, 1.4860957470494771]),
  ])
  func independentDrawsAreBitIdentical(seed: UInt64, opening: UInt32, stage: UInt32, expected: [Double]) {
    var generator = PCG64(seed: StreamKey.opening(seed: seed, opening: opening, stage: stage))
    #expect(expected.indices.map { _ in generator.normal() } == expected)
  }

  /// The one draw of that trial which came from beyond the last layer.
  @Test func theTailIsBitIdentical() {
    var generator = PCG64(seed: StreamKey.opening(seed: 89, opening: 2, stage: 0))
    let draws = (0..<8).map { _ in generator.normal() }
    #expect(draws[7] == -3.9798710072745531)
  }

  /// Wedges and rejections occur within a few thousand draws, whose moments are those of a normal number.
  @Test func momentsOfManyDrawsAreThoseOfANormalNumber() {
    var generator = PCG64(seed: 1)
    let draws = (0..<40_000).map { _ in generator.normal() }
    let mean = draws.reduce(0, +) / 40_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    #expect(abs(mean) < 4 / 200.0)
    #expect(abs(variance - 1) < 4 * (2 / 40_000.0).squareRoot())
    #expect(draws.contains { abs($0) > ZigguratTables.tail })
  }

  /// From five hydros: seed 11, stage 0, 25 openings.
  @Test(arguments: [
    (
      SamplingMethod.lhs,
      [0.51018300236081049, -1.085505178775553, 0.15254311915605664, 0.28287926472687336, 1.051705029444882]
    ),
    (.qmcHalton, [-8.21, -8.21, -8.21, -8.21, -8.21]),
    (
      .qmcSobol,
      [0.71939386302876629, 0.50837086504208084, -0.36886467983317667, -0.77634726454145386, 0.10108510368792993]
    ),
  ])
  func openingsDrawnTogetherAreBitIdentical(method: SamplingMethod, expected: [Double]) {
    let noise = StreamOpenings.draw(method, seed: 11, stage: 0, count: 25, dimension: 5)
    #expect(Array(noise.prefix(5)) == expected)
  }

  /// From forty hydros: stages with the ids 3 and 4, 16 openings; the values are (stage, opening, hydro) (0, 5, 0),
  /// (0, 5, 39), (1, 15, 20), (1, 8, 7), and the sum of all of them.
  @Test(arguments: [
    (
      SamplingMethod.qmcSobol, [0.6436303355008561, -1.0679455835723923, 1.9791217087814506, -0.42130117129445843],
      4.677050318438231
    ),
    (.lhs, [-1.5795237768108017, 1.2353059483345206, 0.5112990251578123, 0.8641828203144821], -0.2771816147243415),
    (.qmcHalton, [-0.3186393649509237, 0.5227387477666576, 0.6853062556577503, -8.21], -925.7062480444588),
  ])
  func manyComponentsAreBitIdentical(method: SamplingMethod, expected: [Double], sum: Double) {
    let stages = [3, 4].map { StreamOpenings.draw(method, seed: 11, stage: $0, count: 16, dimension: 40) }
    let draws = [stages[0][5 * 40], stages[0][5 * 40 + 39], stages[1][15 * 40 + 20], stages[1][8 * 40 + 7]]
    #expect(draws == expected)
    #expect(abs(stages.joined().reduce(0, +) - sum) < 1e-9)
  }

  /// The paths of its simulation through a graph where node 11 follows with probability 0.7 and node 12 with 0.3.
  @Test func successorsAreThoseOfItsSimulation() {
    let nodes = (0..<12).map { StreamKey.transition(iteration: 0, path: $0, stage: 0) < 0.7 ? 11 : 12 }
    #expect(nodes == [11, 11, 11, 12, 11, 11, 11, 11, 12, 11, 12, 11])
  }

  @Test func wholeNumbersStayBelowTheirLimit() {
    for count: UInt32 in [1, 2, 3, 10, .max] {
      var generator = PCG64(seed: UInt64(count))
      #expect((0..<200).allSatisfy { _ in generator.index(below: count) < count })
    }
    var generator = PCG64(seed: 5)
    #expect(generator.permutation(of: 0) == [])
    #expect(generator.permutation(of: 9).sorted() == Array(0..<9))
  }
}
