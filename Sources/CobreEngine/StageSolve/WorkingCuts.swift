/// The cuts that are in a stage's LP during one unit of work, in row order.
struct WorkingCuts: ~Copyable {
  private var slots: FixedBuffer<Int32>
  private var marks: FixedBuffer<UInt8>
  private(set) var count = 0
  /// The unit in which a slot was last added, so that clearing costs nothing.
  private var membership: FixedBuffer<Int32>
  private var unit: Int32 = 0
  private var highest = HighestCuts()

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

  /// Adds up to `limit` cuts outside the set, the ones with the largest values above a threshold.
  ///
  /// Ties go to the older cut.
  ///
  /// - Returns: how many were added.
  mutating func joinViolated(
    values: UnsafePointer<Double>, count poolCount: Int, above threshold: Double, limit: Int
  ) -> Int {
    highest.begin(limit: limit, above: threshold)
    for slot in 0..<poolCount where values[slot] > highest.bar && membership[slot] != unit {
      highest.insert(slot, values[slot])
    }
    return joinAllHighest()
  }

  /// The same of a pool with one future cost at a state.
  mutating func joinViolated(
    of pool: CutPool, at state: UnsafePointer<Double>, above threshold: Double, limit: Int
  ) -> Int {
    highest.begin(limit: limit, above: threshold)
    pool.visit(at: state, above: threshold) { slot, value in
      if membership[slot] != unit { highest.insert(slot, value) }
      return highest.bar
    }
    return joinAllHighest()
  }

  /// Adds the highest cut of each group if it is outside the set.
  ///
  /// Ties go to the older cut.
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

  /// Adds those of the `limit` highest cuts of a pool at a state that are outside the set.
  ///
  /// Of equal cuts only the oldest counts.
  mutating func joinHighest(of pool: CutPool, at state: UnsafePointer<Double>, limit: Int) {
    let bar = barOfNewest(pool, at: state, limit: limit)
    highest.begin(limit: limit, above: bar)
    pool.visit(at: state, above: bar) { slot, value in
      highest.insert(slot, value, onlyIfNew: true)
      return highest.bar
    }
    _ = joinAllHighest()
  }

  /// A bar that the `limit` highest cuts of a pool are above: the cuts that joined last, for a state nearby, are high at
  /// this one.
  private func barOfNewest(_ pool: CutPool, at state: UnsafePointer<Double>, limit: Int) -> Double {
    // Measured for a limit of 2.
    guard limit == 2 else { return -.infinity }
    var (first, second) = (-Double.infinity, -Double.infinity)
    for position in max(0, count - 2 * limit)..<count {
      let value = pool.value(self[position], at: state)
      if value > first {
        (first, second) = (value, first)
      } else if value > second, value < first {
        second = value
      }
    }
    return second.nextDown
  }

  /// - Returns: how many joined.
  private mutating func joinAllHighest() -> Int {
    let before = count
    for position in 0..<highest.count where membership[highest.slot(position)] != unit { join(highest.slot(position)) }
    return count - before
  }
}

/// The highest of the cuts that pass by in the order of their slots, by value and then by age.
struct HighestCuts: ~Copyable {
  private var values: FixedBuffer<Double>
  private var slots: FixedBuffer<Int>
  private(set) var count = 0
  private var limit = 0
  /// What a cut must exceed to be among them.
  private(set) var bar = Double.infinity

  init() {
    values = FixedBuffer(capacity: 16, filledWith: 0)
    slots = FixedBuffer(capacity: 16, filledWith: 0)
  }

  mutating func begin(limit: Int, above threshold: Double) {
    values.reserve(limit, filledWith: 0)
    slots.reserve(limit, filledWith: 0)
    count = 0
    self.limit = limit
    bar = limit > 0 ? threshold : .infinity
  }

  func slot(_ position: Int) -> Int { slots[position] }

  /// Takes a cut that is above the bar.
  ///
  /// - Parameters:
  ///   - slot: larger than all slots before.
  ///   - value: its value.
  ///   - onlyIfNew: leaves it out if another cut has the same value.
  mutating func insert(_ slot: Int, _ value: Double, onlyIfNew: Bool = false) {
    var position = count
    while position > 0, values[position - 1] < value { position -= 1 }
    if onlyIfNew, position > 0, values[position - 1] == value { return }
    if count < limit { count += 1 }
    for index in (position..<count).dropFirst().reversed() {
      values[index] = values[index - 1]
      slots[index] = slots[index - 1]
    }
    values[position] = value
    slots[position] = slot
    if count == limit { bar = values[count - 1] }
  }
}
