/// The cuts that stand in a stage's program during one unit of work, in row order.
struct WorkingCuts: ~Copyable {
  private var slots: FixedBuffer<Int32>
  private var marks: FixedBuffer<UInt8>
  private(set) var count = 0
  /// The unit in which a slot last joined, so that clearing costs nothing.
  private var membership: FixedBuffer<Int32>
  private var unit: Int32 = 0

  init() {
    slots = FixedBuffer(capacity: 64, filledWith: 0)
    marks = FixedBuffer(capacity: 64, filledWith: 0)
    membership = FixedBuffer(capacity: 256, filledWith: 0)
  }

  /// Slot of the cut at a position.
  subscript(position: Int) -> Int { Int(slots[position]) }

  /// Empties the set for a new unit that may use the first `poolCount` slots.
  mutating func begin(poolCount: Int) {
    if unit == .max {
      for slot in 0..<membership.capacity { membership[slot] = 0 }
      unit = 0
    }
    unit += 1
    membership.reserve(poolCount, filledWith: 0)
    count = 0
  }

  func contains(_ slot: Int) -> Bool { membership[slot] == unit }

  mutating func join(_ slot: Int) {
    slots.reserve(count + 1, filledWith: 0)
    marks.reserve(count + 1, filledWith: 0)
    slots[count] = Int32(truncatingIfNeeded: slot)
    marks[count] = 0
    membership[slot] = unit
    count += 1
  }

  /// Marks the cuts whose row has a positive dual.
  func markBinding(duals: UnsafePointer<Double>) {
    for position in 0..<count where duals[position] > 0 { marks[position] = 1 }
  }

  func isMarked(_ position: Int) -> Bool { marks[position] != 0 }

  /// Lets up to `limit` cuts outside the set join that have the largest values above a threshold; ties go to the older.
  ///
  /// - Returns: how many joined.
  mutating func joinViolated(
    values: UnsafePointer<Double>, count poolCount: Int, above threshold: Double, limit: Int
  ) -> Int {
    var found = 0
    while found < limit {
      var best = -1
      var bestValue = threshold
      for slot in 0..<poolCount where values[slot] > bestValue && membership[slot] != unit {
        best = slot
        bestValue = values[slot]
      }
      guard best >= 0 else { break }
      join(best)
      found += 1
    }
    return found
  }

  /// Lets the highest cut of each group join as far as it is outside the set; ties go to the older.
  mutating func joinHighest(values: UnsafePointer<Double>, count poolCount: Int, ofEach groups: Int) {
    for group in 0..<min(groups, poolCount) {
      var best = group
      var slot = group
      while slot < poolCount {
        if values[slot] > values[best] { best = slot }
        slot += groups
      }
      if values[best] > -.infinity, membership[best] != unit { join(best) }
    }
  }

  /// Lets the `limit` highest cuts join as far as they are outside the set; of equal ones only the oldest counts.
  mutating func joinHighest(values: UnsafePointer<Double>, count poolCount: Int, limit: Int) {
    var ceiling = Double.infinity
    for _ in 0..<limit {
      var best = -1
      var bestValue = -Double.infinity
      for slot in 0..<poolCount where values[slot] > bestValue && values[slot] < ceiling {
        best = slot
        bestValue = values[slot]
      }
      guard best >= 0 else { return }
      ceiling = bestValue
      if membership[best] != unit { join(best) }
    }
  }
}
