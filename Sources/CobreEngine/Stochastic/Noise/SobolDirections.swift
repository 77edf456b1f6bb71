internal import CobreCase
internal import CobreSobolTable

/// Direction numbers of Sobol sequences (Joe, Kuo 2008), 32 bits each.
package struct SobolDirections: Sendable {
  /// Dimensions that the published table has.
  package static let mostDimensions = SamplingMethod.mostSobolDimensions

  /// `[dimension * 32 + bit of the index]`.
  private let numbers: [UInt32]

  /// Expands the table for the first dimensions, at most `mostDimensions`.
  package init(dimensions: Int) {
    var numbers = [UInt32](repeating: 0, count: dimensions * 32)
    // The first dimension is the radical inverse in base 2.
    for bit in 0..<min(32, numbers.count) { numbers[bit] = 1 << (31 - UInt32(bit)) }
    let table = UnsafeBufferPointer(start: cobre_sobol_table(), count: cobre_sobol_table_count())
    var next = 0
    for dimension in 1..<max(1, min(dimensions, Self.mostDimensions)) {
      let degree = Int(table[next])
      let polynomial = table[next + 1]
      let first = dimension * 32
      for bit in 0..<degree { numbers[first + bit] = table[next + 2 + bit] << (31 - UInt32(bit)) }
      for bit in degree..<32 {
        let old = numbers[first + bit - degree]
        var value = old ^ (old >> UInt32(degree))
        for inner in 1..<degree where (polynomial >> UInt32(degree - 1 - inner)) & 1 == 1 {
          value ^= numbers[first + bit - inner]
        }
        numbers[first + bit] = value
      }
      next += 2 + degree
    }
    self.numbers = numbers
  }

  /// Coordinate of a point in units of 2⁻³².
  ///
  /// - Parameters:
  ///   - index: number of the point, in natural order.
  ///   - dimension: from 0.
  /// - Returns: the 32 bits after the binary point.
  package func bits(point index: Int, dimension: Int) -> UInt32 {
    var value: UInt32 = 0
    var rest = UInt32(truncatingIfNeeded: index)
    var position = dimension * 32
    while rest != 0 {
      if rest & 1 == 1 { value ^= numbers[position] }
      rest >>= 1
      position += 1
    }
    return value
  }
}
