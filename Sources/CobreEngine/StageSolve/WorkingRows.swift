/// The lazy rows that are in a stage's LP during one unit of work, in the order of the template.
struct WorkingRows: ~Copyable {
  /// Outside, in the program, or on its way into it.
  private let isInside: FixedBuffer<UInt8>
  private let marks: FixedBuffer<UInt8>
  /// Position among the lazy rows of the program as it was arranged last; −1 outside.
  private let positions: FixedBuffer<Int32>
  /// Lazy row at each position.
  private let members: FixedBuffer<Int32>
  private let activity: FixedBuffer<Double>
  private let all: LazyRows
  /// Lazy rows of the program as it was arranged last.
  private(set) var count = 0

  init(_ all: LazyRows) {
    self.all = all
    let size = all.rows.count
    isInside = FixedBuffer(capacity: size, filledWith: 0)
    marks = FixedBuffer(capacity: size, filledWith: 0)
    positions = FixedBuffer(capacity: size, filledWith: -1)
    members = FixedBuffer(capacity: size, filledWith: 0)
    activity = FixedBuffer(capacity: size, filledWith: 0)
  }

  /// Number of lazy rows, in the program or not.
  var total: Int { all.rows.count }

  /// Lazy row, counted from 0, at a position of the program.
  subscript(position: Int) -> Int { Int(members[position]) }

  /// Position of a lazy row among the lazy rows of the LP, or nil if it is not in the LP.
  func position(_ row: Int) -> Int? {
    let position = positions[row]
    return position < 0 ? nil : Int(position)
  }

  /// Begins a unit with the rows that a warm start holds.
  ///
  /// - Parameters:
  ///   - status: by lazy row as `WarmStart` keeps it; nil without a warm start, which begins without lazy rows.
  ///   - basis: written: the status by lazy row for the solver.
  mutating func begin(status: UnsafePointer<UInt8>?, basis: UnsafeMutablePointer<UInt8>) {
    for row in 0..<total {
      marks[row] = 0
      let known = status?[row] ?? BasisStatus.basic
      isInside[row] = known == BasisStatus.basic ? 0 : 1
      basis[row] = known == BasisStatus.keptBasic ? BasisStatus.basic : known
    }
    arrange()
  }

  /// Gives the rows inside their positions; those that joined since are part of the program from now on.
  mutating func arrange() {
    count = 0
    for row in 0..<total {
      guard isInside[row] != 0 else {
        positions[row] = -1
        continue
      }
      positions[row] = Int32(truncatingIfNeeded: count)
      members[count] = Int32(truncatingIfNeeded: row)
      count += 1
    }
  }

  /// Violated rows of a group that join at a time: measured, see `Documentation/Benchmarks.md`.
  static let perRound = 3

  /// Lets the most violated rows of each group join; ties go to the first, and rows inside stay.
  ///
  /// - Parameters:
  ///   - model: the template's program.
  ///   - values: a solution by column of the template.
  ///   - shifts: what is added to the bounds of each row of the template.
  /// - Returns: how many joined.
  mutating func joinViolated(
    of model: LPModel, at values: UnsafePointer<Double>, shifts: UnsafePointer<Double>
  ) -> Int {
    evaluate(model, at: values)
    var joined = 0
    for group in 0..<all.groupCount {
      for _ in 0..<Self.perRound {
        guard let row = worst(of: group, model, shifts, isGuess: false) else { break }
        isInside[row] = 1
        joined += 1
      }
    }
    return joined
  }

  /// Lets the row of each group join that limits most at a point, violated or not.
  mutating func joinTightest(of model: LPModel, at values: UnsafePointer<Double>, shifts: UnsafePointer<Double>) {
    evaluate(model, at: values)
    for group in 0..<all.groupCount {
      if let tightest = worst(of: group, model, shifts, isGuess: true) { isInside[tightest] = 1 }
    }
  }

  /// The row of a group that is violated most, of those outside; for a guess of all of them, violated or not.
  private func worst(of group: Int, _ model: LPModel, _ shifts: UnsafePointer<Double>, isGuess: Bool) -> Int? {
    let first = all.rows.lowerBound
    var worst: Int?
    var most = isGuess ? -Double.infinity : 0
    for row in (all.groupStarts[group] - first)..<(all.groupStarts[group + 1] - first) {
      guard isGuess || isInside[row] == 0 else { continue }
      let lower = model.rowLower[first + row] + shifts[first + row]
      let upper = model.rowUpper[first + row] + shifts[first + row]
      let excess = activity[row] - upper
      let lack = lower - activity[row]
      let violation = max(excess, lack)
      // As exact as the solver is with the rows that it has.
      let tolerance = isGuess ? -Double.infinity : 1e-9 * max(1, abs(excess > lack ? upper : lower))
      if violation > max(most, tolerance) {
        most = violation
        worst = row
      }
    }
    return worst
  }

  /// Computes the left-hand sides of all lazy rows, column by column.
  private func evaluate(_ model: LPModel, at values: UnsafePointer<Double>) {
    let first = all.rows.lowerBound
    for row in 0..<total { activity[row] = 0 }
    model.starts.withUnsafeBufferPointer { starts in
      model.rowIndices.withUnsafeBufferPointer { rows in
        model.values.withUnsafeBufferPointer { entries in
          for column in 0..<model.columnCount {
            let value = values[column]
            // Lazy rows are the last ones, and the rows of a column ascend.
            var entry = Int(starts[column + 1])
            let begin = Int(starts[column])
            while entry > begin, Int(rows[entry - 1]) >= first {
              entry -= 1
              activity[Int(rows[entry]) - first] += entries[entry] * value
            }
          }
        }
      }
    }
  }

  /// Marks the rows of the program that bind.
  func markBinding(duals: UnsafePointer<Double>) {
    for position in 0..<count where duals[position] != 0 { marks[self[position]] = 1 }
  }

  /// The status of a lazy row for a warm start, after a last solve that left `basis`; `onlyMarked` drops rows that are
  /// slack now and were not marked since `begin`.
  func status(_ row: Int, basis: UnsafePointer<UInt8>, onlyMarked: Bool) -> UInt8 {
    guard isInside[row] != 0, basis[row] == BasisStatus.basic else { return basis[row] }
    return onlyMarked && marks[row] == 0 ? BasisStatus.basic : BasisStatus.keptBasic
  }
}
