import CobreCase
import CobreEngine
import Testing

@Suite struct NoisePointsTests {
  private static let methods: [SamplingMethod] = [.saa, .lhs, .qmcSobol, .qmcHalton]

  private static func source(_ study: StudyCase, seed: Int64 = 42) -> NoiseSource {
    NoiseSource(
      seed: seed, purpose: .openingNoise, layout: NoiseLayout(study: study), methods: Set(SamplingMethod.allCases))
  }

  private static func points(
    _ method: SamplingMethod, _ count: Int, hydros: Int = 2, seed: Int64 = 42
  ) throws -> NoisePoints {
    let study = try NoisyCase(hydros: Array(1...hydros), buses: [1, 2], sources: [1]).study()
    return source(study, seed: seed).points(method, count: count, kept: 0..<count, group: 1, iteration: 0)
  }

  private static func column(_ points: NoisePoints, _ component: Int) -> [Double] {
    (0..<points.count).map { points.uniform($0, component: component) }
  }

  /// Points 2 and 5 of 6 at seed 42 and group 1, with two hydros, two buses and a source, from an implementation in
  /// Python (`Tests/python/noise_reference.py`, Sobol points by scipy 1.17).
  @Test(arguments: [
    (
      SamplingMethod.lhs, 2,
      [0.34573826237550653, 0.29413138365292174, 0.9253821615308112, 0.7561797260168045, 0.7902671635831151]
    ),
    (.lhs, 5, [0.1292757823259862, 0.6488918390965361, 0.16092464589558866, 0.6590264515610468, 0.37943105602754446]),
    (
      .qmcSobol, 2,
      [0.012829539249651134, 0.5400899952510372, 0.2019708709558472, 0.20833469729404896, 0.7226508989697322]
    ),
    (
      .qmcSobol, 5,
      [0.8878295392496511, 0.4150899952510372, 0.0769708709558472, 0.33333469729404896, 0.3476508989697322]
    ),
    (.qmcHalton, 2, [0.8125, 0.16666666666666666, 0.94, 0.07142857142857142, 0.6818181818181818]),
    (.qmcHalton, 5, [0.1875, 0.05555555555555555, 0.46, 0.35714285714285715, 0.4090909090909091]),
  ])
  func matchesAnotherImplementation(method: SamplingMethod, index: Int, expected: [Double]) throws {
    let points = try Self.points(method, 6)
    #expect((0..<5).map { points.uniform(index, component: $0) } == expected)
  }

  /// Every stratum of width 1/N holds exactly one point, in every component.
  @Test(arguments: [1, 2, 7, 100])
  func latinHypercubeHasOnePointPerStratum(count: Int) throws {
    let points = try Self.points(.lhs, count)
    for component in 0..<5 {
      let strata = Self.column(points, component).map { Int($0 * Double(count)) }
      #expect(strata.sorted() == Array(0..<count))
    }
  }

  /// 2ᵐ points: one in each interval of length 2⁻ᵐ, and in the first two dimensions one in each box of area 2⁻ᵐ.
  @Test(arguments: [0, 3, 6, 8])
  func sobolPointsAreNets(m: Int) throws {
    let count = 1 << m
    let points = try Self.points(.qmcSobol, count, hydros: 9)
    for component in 0..<12 {
      let cells = Self.column(points, component).map { Int($0 * Double(count)) }
      #expect(cells.sorted() == Array(0..<count), "component \(component)")
    }
    let (first, second) = (Self.column(points, 0), Self.column(points, 1))
    for split in 0...m {
      let (wide, high) = (Double(1 << split), Double(1 << (m - split)))
      let boxes = Set((0..<count).map { Int(first[$0] * wide) * count + Int(second[$0] * high) })
      #expect(boxes.count == count, "boxes of 2^-\(split) by 2^-\(m - split)")
    }
  }

  /// The last of the published dimensions, from scipy 1.17 with 32 bits.
  @Test func lastSobolDimensionsAreThePublishedOnes() {
    let directions = SobolDirections(dimensions: SobolDirections.mostDimensions)
    func bits(_ points: ClosedRange<Int>, _ dimension: Int) -> [UInt32] {
      points.map { directions.bits(point: $0, dimension: dimension) }
    }
    let last: [UInt32] = [2_147_483_648, 1_073_741_824, 3_221_225_472]
    #expect(bits(1...3, 21200) == last)
    #expect(bits(3...3, 1000) == [1_073_741_824])
    let fifth: [UInt32] = [0xa000_0000, 0x2000_0000, 0xe000_0000, 0xa000_0000]
    #expect((0..<4).map { bits(5...5, $0)[0] } == fifth)
  }

  /// Points bᴶ in number, in base b, are one in each cell of length b⁻ᴶ.
  ///
  /// Fewer points still are in different cells.
  @Test(arguments: [(0, 2, 64), (1, 3, 81), (2, 5, 25), (3, 7, 7), (4, 11, 121)])
  func haltonPointsFillTheCells(component: Int, base: Int, count: Int) throws {
    let full = try Self.column(Self.points(.qmcHalton, count), component).map { $0 * Double(count) }
    #expect(full.map { Int($0) }.sorted() == Array(0..<count))
    let part = try Self.column(Self.points(.qmcHalton, count - 1), component).map { $0 * Double(count) }
    #expect(Set(part.map { Int($0) }).count == count - 1)
    // Points are in the middle of their cells.
    for value in full + part { #expect(abs(value - value.rounded(.down) - 0.5) < 1e-9) }
  }

  @Test func primesAreComplete() throws {
    // The hundredth prime is 541. Its digits number two for a thousand points.
    let points = try Self.points(.qmcHalton, 1000, hydros: 100)
    let cells = Self.column(points, 99).map { $0 * 541 * 541 }
    for value in cells { #expect(abs(value - value.rounded(.down) - 0.5) < 1e-6) }
    #expect(Set(cells.map { Int($0) }).count == 1000)
  }

  /// Kolmogorov–Smirnov at a fixed seed: √n·D stays under 1.63, the 1 % point.
  ///
  /// For nets and strata it is far smaller.
  @Test(arguments: methods)
  func coordinatesAreUniform(method: SamplingMethod) throws {
    let count = 4096
    let points = try Self.points(method, count)
    for component in 0..<5 {
      var distance = 0.0
      for (rank, value) in Self.column(points, component).sorted().enumerated() {
        let (low, high) = (Double(rank) / 4096, Double(rank + 1) / 4096)
        distance = max(distance, value - low, high - value)
      }
      #expect(distance * 64 < (method == .saa ? 1.63 : 0.3), "component \(component)")
    }
  }

  /// What a point is does not depend on which of them are kept.
  @Test(arguments: methods)
  func partsOfASampleAreTheSamePoints(method: SamplingMethod) throws {
    let study = try NoisyCase().study()
    let source = Self.source(study)
    let all = source.points(method, count: 20, kept: 0..<20, group: 3, iteration: 5)
    let some = source.points(method, count: 20, kept: 7..<12, group: 3, iteration: 5)
    for index in 7..<12 {
      for component in 0..<5 {
        #expect(all.uniform(index, component: component) == some.uniform(index, component: component))
      }
    }
  }

  /// Seed, group and iteration each make another sample.
  @Test(arguments: methods)
  func everyKeyMatters(method: SamplingMethod) throws {
    let study = try NoisyCase().study()
    let base = Self.source(study).points(method, count: 8, kept: 0..<8, group: 3, iteration: 5)
    let others = [
      Self.source(study, seed: 43).points(method, count: 8, kept: 0..<8, group: 3, iteration: 5),
      Self.source(study).points(method, count: 8, kept: 0..<8, group: 4, iteration: 5),
      Self.source(study).points(method, count: 8, kept: 0..<8, group: 3, iteration: 6),
    ]
    for other in others {
      // Few digits have few permutations, so a single component may come out the same.
      #expect((0..<5).map { Self.column(base, $0) } != (0..<5).map { Self.column(other, $0) })
    }
  }
}
