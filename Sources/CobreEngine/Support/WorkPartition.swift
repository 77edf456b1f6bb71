/// The contiguous block of a list of units that one rank owns.
///
/// Rank r of R gets ⌊M/R⌋ units, one more for the first M mod R ranks. The blocks follow each other in rank order.
package struct WorkPartition: Sendable, Equatable {
  package var start: Int
  package var count: Int
  package var range: Range<Int> { start..<(start + count) }

  package init(units: Int, rank: Int, size: Int) {
    let (base, rest) = units.quotientAndRemainder(dividingBy: size)
    start = rank * base + min(rank, rest)
    count = base + (rank < rest ? 1 : 0)
  }

  /// Units of every rank times `width`, as the counts of a collective.
  package static func counts(units: Int, size: Int, width: Int) -> [Int] {
    (0..<size).map { WorkPartition(units: units, rank: $0, size: size).count * width }
  }
}
