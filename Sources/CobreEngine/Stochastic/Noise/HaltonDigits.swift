/// One dimension of a sample of Halton points with permuted digits, each digit position by its own permutation.
struct HaltonDigits {
  private let base: Int
  /// base^digits.
  ///
  /// Below 2⁵³ since it is at most base · N.
  private let scale: Double
  /// Permutations of 0 … base − 1 by digit position, least significant digit first.
  private var permutations: [[UInt32]] = []

  /// - Parameters:
  ///   - base: a prime.
  ///   - count: number of points N. There are as many digits as N − 1 needs.
  ///   - shuffle: gives the permutation of 0 … base − 1 for a digit position.
  init(base: Int, count: Int, shuffle: (_ digit: Int) -> [UInt32]) {
    self.base = base
    var scale = 1.0
    repeat {
      permutations.append(shuffle(permutations.count))
      scale *= Double(base)
    } while scale < Double(count)
    self.scale = scale
  }

  /// Coordinate of a point in (0, 1): the middle of its cell.
  func uniform(_ index: Int) -> Double {
    var rest = index
    var value = 0.0
    for permutation in permutations {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: base)
      value = value * Double(base) + Double(permutation[digit])
      rest = quotient
    }
    return (value + 0.5) / scale
  }

  /// The first primes.
  static func primes(_ count: Int) -> [Int] {
    var primes: [Int] = []
    var candidate = 2
    while primes.count < count {
      if primes.prefix(while: { $0 * $0 <= candidate }).allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
      candidate += candidate == 2 ? 1 : 2
    }
    return primes
  }
}
