/// Rows of a template that are in an LP only if a solution would violate them.
///
/// Few of the production planes of a plant and block bind at a time, and in large studies they are most rows of the
/// stage LP. Rows that are left out are slack at the optimum, so it is the optimum of the full LP.
package struct LazyRows: Sendable, Equatable {
  /// The last rows of the template, empty if all rows are in every LP.
  package private(set) var rows: Range<Int>
  /// First row of each group of rows that limit the same columns, then the end of the last group.
  package private(set) var groupStarts: [Int]

  /// Production planes of a stage from which on leaving rows out is worth the extra rounds: measured, see
  /// `Documentation/Benchmarks.md`.
  package static let fewest = 200

  /// No lazy rows in a template of `count` rows.
  init(none count: Int) {
    rows = count..<count
    groupStarts = [count]
  }

  /// Lazy rows in consecutive groups that end with the last row of the template.
  init(groups: [Range<Int>], rowCount: Int) {
    self.init(none: rowCount)
    guard let first = groups.first else { return }
    rows = first.lowerBound..<rowCount
    groupStarts = groups.map(\.lowerBound) + [rowCount]
  }

  package var isEmpty: Bool { rows.isEmpty }
  var groupCount: Int { groupStarts.count - 1 }
}
