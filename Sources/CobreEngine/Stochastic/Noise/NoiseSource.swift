package import CobreCase

/// Where the points of samples come from: the generators of one seed and use.
package struct NoiseSource: Sendable {
  package let layout: NoiseLayout
  private let draws: Philox
  private let latin: Philox
  private let shifts: Philox
  private let digits: Philox
  private let directions: SobolDirections?
  private let primes: [Int]

  /// - Parameters:
  ///   - seed: the seed of the tree, or of forward sampling.
  ///   - purpose: purpose of independent draws and of offsets within strata.
  ///   - layout: components of the noise vector.
  ///   - methods: the methods that will be used.
  package init(seed: Int64, purpose: NoisePurpose, layout: NoiseLayout, methods: Set<SamplingMethod>) {
    self.layout = layout
    draws = Philox(seed: seed, purpose: purpose)
    latin = Philox(seed: seed, purpose: .latinHypercubePermutation)
    shifts = Philox(seed: seed, purpose: .sobolShift)
    digits = Philox(seed: seed, purpose: .haltonPermutation)
    directions = methods.contains(.qmcSobol) ? SobolDirections(dimensions: layout.dimension) : nil
    primes = methods.contains(.qmcHalton) ? HaltonDigits.primes(layout.dimension) : []
  }

  /// The points of one sample.
  ///
  /// - Parameters:
  ///   - method: how they are drawn. Historical residuals come from elsewhere and count as independent draws here.
  ///   - count: number of points N.
  ///   - kept: the points of 0 … N − 1 that will be read.
  ///   - group: stage word of the counters: first stage of the noise group, or its step.
  ///   - iteration: 0 for the tree, from 1 in training, `Philox.simulationIteration` in simulations.
  /// - Returns: the sample, from which points are read in any order.
  package func points(
    _ method: SamplingMethod, count: Int, kept: Range<Int>, group: Int, iteration: UInt32
  ) -> NoisePoints {
    let group = UInt32(truncatingIfNeeded: group)
    let kind: NoisePoints.Kind
    switch method {
    case .saa, .historicalResiduals, .selective: kind = .random
    case .lhs:
      kind = .latin(
        (0..<layout.dimension).flatMap {
          latin.permutation(of: count, entity: $0, stage: group, iteration: iteration)[kept]
        })
    case .qmcSobol:
      kind = .sobol(
        (0..<layout.dimension).map { shifts.words(UInt32(truncatingIfNeeded: $0), 0, group, iteration).0 })
    case .qmcHalton:
      kind = .halton(
        primes.enumerated().flatMap { dimension, base in
          let halton = HaltonDigits(base: base, count: count) { digit in
            digits.permutation(
              of: base, entity: dimension, firstSample: UInt32(truncatingIfNeeded: digit) << 16, stage: group,
              iteration: iteration)
          }
          return kept.map { halton.uniform($0) }
        })
    }
    return NoisePoints(
      kind: kind, count: count, kept: kept, group: group, iteration: iteration, draws: draws, directions: directions,
      words: layout.counterWords)
  }
}

/// One sample of noise vectors: N points in (0, 1)ᴰ, read as independent standard normal numbers.
package struct NoisePoints: Sendable {
  enum Kind: Sendable {
    case random
    /// Stratum of each kept point, `[component * kept.count + point]`.
    case latin([UInt32])
    /// The digital shift of each component.
    case sobol([UInt32])
    /// Coordinate of each kept point, `[component * kept.count + point]`.
    case halton([Double])
  }

  let kind: Kind
  /// Number of points N.
  package let count: Int
  /// The points that can be read.
  package let kept: Range<Int>
  let group: UInt32
  let iteration: UInt32
  let draws: Philox
  let directions: SobolDirections?
  let words: [UInt32]

  /// Coordinate of a kept point in (0, 1).
  package func uniform(_ index: Int, component: Int) -> Double {
    switch kind {
    case .random: return draw(index, words[component])
    case .latin(let strata):
      return inStratum(strata[component * kept.count + index - kept.lowerBound], index, words[component])
    case .sobol(let shifts):
      let bits = directions?.bits(point: index, dimension: component) ?? 0
      return (Double(bits ^ shifts[component]) + 0.5) * 0x1p-32
    case .halton(let coordinates): return coordinates[component * kept.count + index - kept.lowerBound]
    }
  }

  /// A point of a stratum of width 1/N.
  private func inStratum(_ stratum: UInt32, _ index: Int, _ word: UInt32) -> Double {
    // The sum may round up to N where the offset is a hair under 1.
    min((Double(stratum) + draw(index, word)) / Double(count), 1 - 0x1p-53)
  }

  private func draw(_ index: Int, _ word: UInt32) -> Double {
    draws.uniform(
      entity: word, sample: UInt32(truncatingIfNeeded: index), stage: group, iteration: iteration)
  }

  /// Writes all components of a kept point, independent standard normal numbers.
  package func write(_ index: Int, to noise: UnsafeMutablePointer<Double>) {
    let place = index - kept.lowerBound
    let width = kept.count
    switch kind {
    case .random:
      words.withUnsafeBufferPointer { words in
        for component in words.indices { noise[component] = normalQuantile(draw(index, words[component])) }
      }
    case .latin(let strata):
      strata.withUnsafeBufferPointer { strata in
        for component in words.indices {
          noise[component] = normalQuantile(inStratum(strata[component * width + place], index, words[component]))
        }
      }
    case .sobol, .halton:
      for component in words.indices { noise[component] = normalQuantile(uniform(index, component: component)) }
    }
  }
}
