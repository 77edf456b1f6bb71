/// How often and how recently each cut of a pool was tight, by slot (Mathematics.md 4.4).
package struct CutActivity: Sendable, Equatable {
  /// Backward solves in which the cut had a dual beyond the tolerance.
  package private(set) var counts: [Int64] = []
  /// Iteration of the last such solve.
  ///
  /// Before the first, the iteration of its creation, or 0 for cuts from elsewhere.
  package private(set) var lastActive: [Int64] = []
  /// Iteration of creation.
  package private(set) var created: [Int64] = []

  package init() {}

  /// Takes up stored figures, and returns nil if the arrays do not fit each other.
  init?(counts: [Int64], lastActive: [Int64], created: [Int64]) {
    guard counts.count == lastActive.count, counts.count == created.count else { return nil }
    self.counts = counts
    self.lastActive = lastActive
    self.created = created
  }

  package mutating func append(iteration: Int) {
    counts.append(0)
    lastActive.append(Int64(iteration))
    created.append(Int64(iteration))
  }

  /// Adds what all ranks counted in an iteration, a total per slot.
  mutating func settle(_ totals: UnsafeBufferPointer<Int64>, iteration: Int) {
    precondition(totals.count == counts.count)
    counts.withUnsafeMutableBufferPointer { counts in
      lastActive.withUnsafeMutableBufferPointer { lastActive in
        for slot in counts.indices where totals[slot] > 0 {
          counts[slot] += totals[slot]
          lastActive[slot] = Int64(iteration)
        }
      }
    }
  }
}
