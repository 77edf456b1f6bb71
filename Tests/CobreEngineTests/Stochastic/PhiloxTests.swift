import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct PhiloxTests {
  /// The vectors published with the generator (Random123, `kat_vectors`).
  @Test func matchesThePublishedVectors() {
    #expect(Philox(key0: 0, key1: 0).words(0, 0, 0, 0) == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = UInt32.max
    #expect(
      Philox(key0: ones, key1: ones).words(ones, ones, ones, ones)
        == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox(key0: 0xa409_3822, key1: 0x299f_31d0).words(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344)
        == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func seedsPurposesAndCountersGiveTheDocumentedNumbers() {
    let opening = Philox(seed: 42, purpose: .openingNoise)
    #expect(opening.words(0, 0, 0, 0) == (2_870_700_241, 240_090_979, 179_534_180, 3_865_390_222))
    #expect(opening.uniform(entity: 0, sample: 0, stage: 0, iteration: 0) == 0.05590053733167866)
    #expect(abs(opening.normal(entity: 0, sample: 0, stage: 0, iteration: 0) + 1.5901496589616915) < 1e-15)
    #expect(opening.words(3, 7, 2, 0) == (1_390_122_068, 858_301_322, 4_283_663_199, 4_237_054_536))
    #expect(opening.uniform(entity: 3, sample: 7, stage: 2, iteration: 0) == 0.19983884932558593)
    #expect(abs(opening.normal(entity: 3, sample: 7, stage: 2, iteration: 0) + 0.8421969894846444) < 1e-15)
    let index = Philox(seed: 42, purpose: .inSampleIndex).uniform(entity: 0, sample: 4, stage: 1, iteration: 5)
    #expect(index == 0.27670165086376286)
    #expect(Int(index * 20) == 5)
  }

  /// Permutations by the Python of `Tests/python/noise_reference.py`, which draws one number at a time.
  @Test func permutationsAreThoseOfTheReference() {
    let digits = Philox(seed: 42, purpose: .haltonPermutation)
    #expect(
      digits.permutation(of: 11, entity: 3, firstSample: 1 << 16, stage: 7, iteration: 0)
        == [5, 1, 10, 6, 2, 0, 3, 7, 8, 9, 4])
    let latin = Philox(seed: .max - 4, purpose: .latinHypercubePermutation)
    #expect(
      latin.permutation(of: 23, entity: 5, stage: 2, iteration: 0)
        == [9, 20, 0, 11, 21, 13, 17, 22, 19, 12, 5, 8, 6, 2, 16, 4, 10, 14, 1, 15, 7, 3, 18])
    let windows = Philox(seed: 7, purpose: .historicalWindow)
    #expect(windows.permutation(of: 0, entity: 0, stage: 0, iteration: 0) == [])
    #expect(windows.permutation(of: 1, entity: 0, stage: 0, iteration: 0) == [0])
    #expect(
      windows.permutation(of: 5, entity: 0, stage: 1, iteration: Philox.simulationIteration) == [0, 2, 1, 4, 3])
  }

  /// The same Python on permutations long enough for whole numbers, and too long for them: Σ i · π(i).
  @Test(arguments: [(941, [271, 703, 194, 768], 207_771_553), (2503, [271, 1062, 2500, 768], 3_920_063_175)])
  func longPermutationsAreThoseOfTheReference(count: Int, first: [UInt32], sum: Int) {
    let order = Philox(seed: 42, purpose: .haltonPermutation).permutation(
      of: count, entity: 159, stage: 59, iteration: 0)
    #expect(Array(order.prefix(4)) == first)
    #expect(order.enumerated().reduce(0) { $0 + $1.offset * Int($1.element) } == sum)
  }

  /// Numbers whose product binary64 rounds up to the next integer, which Python gives as 4 and 448.
  @Test func placesAreThoseOfBinary64() {
    #expect(Philox.place(8_800_390_087_680, upTo: 2046) == 4)
    #expect(Philox.place(2_144_115_444_274_157, upTo: 940) == 448)
    #expect(Philox.place(1 << 52 - 1, upTo: 10) == 10)
    #expect(Philox.place(0, upTo: 940) == 0)
  }
}

@Suite struct NormalQuantileTests {
  /// Quantiles of the literature (NIST, and R's `qnorm` printed to 17 digits).
  @Test(arguments: [
    (0.5, 0.0), (0.975, 1.959963984540054), (0.99, 2.3263478740408408), (0.25, -0.67448975019608171),
    (0.001, -3.0902323061678132), (1e-20, -9.262340089798408),
  ])
  func matchesTabulatedQuantiles(p: Double, quantile: Double) {
    #expect(abs(normalQuantile(p) - quantile) <= 1e-14 * max(1, abs(quantile)))
  }

  @Test func isSymmetricAndMonotone() {
    var previous = -Double.infinity
    for step in 1..<4000 {
      let p = Double(step) / 4000
      let value = normalQuantile(p)
      #expect(value > previous)
      #expect(abs(value + normalQuantile(1 - p)) < 1e-12)
      previous = value
    }
  }
}
