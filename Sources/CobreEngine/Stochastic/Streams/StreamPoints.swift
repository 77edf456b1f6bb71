internal import CobreCase

/// A table of points that several draws share: strata, scrambled digits or directions of one sample.
///
/// Every component of the sample takes its numbers from one generator, one component after the other.
struct StreamPoints: Sendable {
  private enum Kind: Sendable {
    /// Stratum of each point, `[component * count + point]`.
    case latin([UInt32])
    /// Odd factor and shift of each component.
    case sobol(factors: [UInt32], shifts: [UInt32])
    /// Permutations of the digits, by component and position from the lowest digit.
    case halton([[[UInt32]]])
  }

  private let kind: Kind
  private let count: Int
  private let primes: [Int]
  private let directions: SobolDirections?

  /// Draws the table of a sample.
  ///
  /// - Parameters:
  ///   - method: a method whose points depend on each other. Others give nil.
  ///   - generator: the generator of the sample, advanced to the end of the table.
  ///   - count: number of points N.
  ///   - dimension: number of components.
  ///   - directions: Sobol directions of at least as many dimensions, for that method.
  init?(
    _ method: SamplingMethod, generator: inout PCG64, count: Int, dimension: Int, directions: SobolDirections?
  ) {
    self.count = count
    self.directions = directions
    var primes: [Int] = []
    switch method {
    case .saa, .selective, .historicalResiduals: return nil
    case .lhs:
      kind = .latin((0..<dimension).flatMap { _ in generator.permutation(of: count) })
    case .qmcSobol:
      guard directions != nil else { return nil }
      var factors: [UInt32] = []
      var shifts: [UInt32] = []
      for _ in 0..<dimension {
        factors.append(generator.next32() | 1)
        shifts.append(generator.next32())
      }
      kind = .sobol(factors: factors, shifts: shifts)
    case .qmcHalton:
      primes = HaltonDigits.primes(dimension)
      kind = .halton(
        primes.map { base in
          (0..<Self.digits(of: count - 1, base: base)).map { _ in generator.permutation(of: base) }
        })
    }
    self.primes = primes
  }

  /// Number of digits of a number, at least 1.
  private static func digits(of number: Int, base: Int) -> Int {
    var digits = 1
    var rest = number / base
    while rest > 0 {
      digits += 1
      rest /= base
    }
    return digits
  }

  /// A coordinate in [0, 1).
  ///
  /// - Parameters:
  ///   - index: number of the point. For a Sobol point, its index in the natural order.
  ///   - component: from 0.
  ///   - offset: position in the stratum, in [0, 1), for a Latin hypercube.
  /// - Returns: the coordinate before the quantile.
  func coordinate(_ index: Int, component: Int, offset: Double = 0) -> Double {
    switch kind {
    case .latin(let strata): return (Double(strata[component * count + index]) + offset) / Double(count)
    case .sobol(let factors, let shifts):
      let bits = directions?.bits(point: index, dimension: component) ?? 0
      return Double(factors[component] &* bits &+ shifts[component]) * 0x1p-32
    case .halton(let permutations):
      let base = primes[component]
      var rest = index
      var weight = 1 / Double(base)
      var sum = 0.0
      // A point has no digits above its leading one, so the first one is 0 in every component.
      for permutation in permutations[component] where rest > 0 {
        sum += Double(permutation[rest % base]) * weight
        weight /= Double(base)
        rest /= base
      }
      return sum
    }
  }
}

/// The openings of one stage, drawn from streams.
enum StreamOpenings {
  /// Independent standard normal numbers of all openings of a stage, `[opening * dimension + component]`.
  ///
  /// - Parameters:
  ///   - method: how they are drawn. Methods that take their noise from elsewhere count as independent draws.
  ///   - seed: seed of the tree.
  ///   - stage: declared id of the stage.
  ///   - count: number of openings N.
  ///   - dimension: number of components.
  /// - Returns: the numbers, not correlated.
  static func draw(_ method: SamplingMethod, seed: UInt64, stage: UInt32, count: Int, dimension: Int) -> [Double] {
    switch method {
    case .saa, .selective, .historicalResiduals:
      return (0..<count).flatMap { opening in
        let key = StreamKey.opening(seed: seed, opening: UInt32(truncatingIfNeeded: opening), stage: stage)
        var generator = PCG64(seed: key)
        return (0..<dimension).map { _ in generator.normal() }
      }
    case .lhs: return latin(PCG64(seed: StreamKey.batch(seed: seed, stage: stage)), count, dimension)
    case .qmcSobol, .qmcHalton:
      var generator = PCG64(seed: StreamKey.batch(seed: seed, stage: stage))
      let directions = method == .qmcSobol ? SobolDirections(dimensions: dimension) : nil
      guard
        let points = StreamPoints(
          method, generator: &generator, count: count, dimension: dimension, directions: directions)
      else { return [] }
      return (0..<count).flatMap { opening in
        // Sobol points of a tree are in Gray code order.
        let index = method == .qmcSobol ? opening ^ (opening >> 1) : opening
        return (0..<dimension).map { moroQuantile(points.coordinate(index, component: $0)) }
      }
    }
  }

  /// A Latin hypercube that draws the offsets of a component before its permutation.
  private static func latin(_ generator: PCG64, _ count: Int, _ dimension: Int) -> [Double] {
    var generator = generator
    var result = [Double](repeating: 0, count: count * dimension)
    for component in 0..<dimension {
      let coordinates = (0..<count).map { (Double($0) + generator.fraction52()) / Double(count) }
      let order = generator.permutation(of: count)
      for (stratum, opening) in order.enumerated() {
        result[Int(opening) * dimension + component] = moroQuantile(coordinates[stratum])
      }
    }
    return result
  }
}
