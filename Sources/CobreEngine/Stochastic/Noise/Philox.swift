/// What a random number is for.
///
/// The same counter under another purpose is another number.
package enum NoisePurpose: UInt64, Sendable {
  case openingNoise = 1
  case inSampleIndex = 2
  case outOfSampleNoise = 3
  case latinHypercubePermutation = 4
  case sobolShift = 5
  case haltonPermutation = 6
  case historicalWindow = 7
  case externalScenario = 8
  case inSampleIndexInSimulation = 9
  case outOfSampleNoiseInSimulation = 10
  case simulationStoppingRule = 11
}

/// The Philox 4×32-10 counter-based generator (Salmon, Moraes, Dror, Shaw 2011).
///
/// Every value is a pure function of key and counter: there is no state, so any rank computes any value.
package struct Philox: Sendable {
  package typealias Words = (UInt32, UInt32, UInt32, UInt32)

  /// The iteration word of the counter, in simulations.
  package static let simulationIteration = UInt32.max

  private let key0: UInt32
  private let key1: UInt32

  package init(key0: UInt32, key1: UInt32) {
    self.key0 = key0
    self.key1 = key1
  }

  /// The generator of one purpose: key = seed XOR purpose · 0x9E3779B97F4A7C15.
  package init(seed: Int64, purpose: NoisePurpose) {
    let key = UInt64(bitPattern: seed) ^ (purpose.rawValue &* 0x9E37_79B9_7F4A_7C15)
    self.init(key0: UInt32(truncatingIfNeeded: key), key1: UInt32(truncatingIfNeeded: key >> 32))
  }

  /// The words of the key, low one first.
  var keys: (UInt32, UInt32) { (key0, key1) }

  /// The four words at a counter.
  package func words(_ c0: UInt32, _ c1: UInt32, _ c2: UInt32, _ c3: UInt32) -> Words {
    var c = (c0, c1, c2, c3)
    var k0 = key0
    var k1 = key1
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let p0 = UInt64(0xD251_1F53) &* UInt64(c.0)
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(c.2)
      c = (
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c.1 ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c.3 ^ k1, UInt32(truncatingIfNeeded: p0)
      )
    }
    return c
  }

  /// A uniform number in (0, 1), a multiple of 2⁻⁵³ and exact in binary64.
  ///
  /// - Parameters:
  ///   - entity: class · 2²⁴ + position in the class, or another word of the purpose.
  ///   - sample: opening, trial or scenario.
  ///   - stage: stage, noise group or step.
  ///   - iteration: 0 for the opening tree, from 1 in training, `simulationIteration` in simulations.
  /// - Returns: the number at that counter.
  package func uniform(entity: UInt32, sample: UInt32, stage: UInt32, iteration: UInt32) -> Double {
    let o = words(entity, sample, stage, iteration)
    let bits = ((UInt64(o.1) << 32) | UInt64(o.0)) >> 12
    return (Double(bits) + 0.5) * 0x1p-52
  }

  /// A standard normal number: the quantile of `uniform`.
  package func normal(entity: UInt32, sample: UInt32, stage: UInt32, iteration: UInt32) -> Double {
    normalQuantile(uniform(entity: entity, sample: sample, stage: stage, iteration: iteration))
  }
}
