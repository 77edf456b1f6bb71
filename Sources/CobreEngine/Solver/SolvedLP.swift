/// A linear program with its optimum and the basis of it.
package struct SolvedLP: Sendable {
  /// With the bounds that were in force.
  package var model: LPModel
  package var columnValues: [Double]
  /// Change of the optimum per unit of each row's bound.
  package var rowDuals: [Double]
  /// Status of every column, then of every row.
  package var basis: [UInt8]

  package init(model: LPModel, columnValues: [Double], rowDuals: [Double], basis: [UInt8]) {
    self.model = model
    self.columnValues = columnValues
    self.rowDuals = rowDuals
    self.basis = basis
  }

  /// How the columns answer one unit more on both bounds of a row while the basis stays; the change of the optimum is
  /// the objective times that, which is the dual of the row.
  ///
  /// Rows outside the basis keep their bound, so that the basic columns solve a square system: those rows times the
  /// basic columns. Most of it is a triangle in disguise and is peeled off; the kernel is eliminated with partial
  /// pivoting.
  ///
  /// - Parameter row: one whose bounds are moved.
  /// - Returns: a value for each column; nil where the basis is none, as solvers leave it after a presolve, or is
  ///   singular.
  package func response(toRow row: Int) -> [Double]? {
    let (columns, rows) = (model.columnCount, model.rowCount)
    guard basis.count == columns + rows, row < rows else { return nil }
    let basicColumns = (0..<columns).filter { basis[$0] == BasisStatus.basic }
    let boundRows = (0..<rows).filter { basis[columns + $0] != BasisStatus.basic }
    guard basicColumns.count == boundRows.count else { return nil }
    var changes = [Double](repeating: 0, count: columns)
    // A row that is slack has a dual of 0: nothing answers.
    guard let place = boundRows.firstIndex(of: row) else { return changes }
    var position = [Int](repeating: -1, count: rows)
    for (index, bound) in boundRows.enumerated() { position[bound] = index }
    var system = SquareSystem(size: boundRows.count)
    for (unknown, column) in basicColumns.enumerated() {
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        let equation = position[Int(model.rowIndices[entry])]
        if equation >= 0, model.values[entry] != 0 {
          system.add(model.values[entry], equation: equation, unknown: unknown)
        }
      }
    }
    var right = [Double](repeating: 0, count: boundRows.count)
    right[place] = 1
    guard let solution = system.solve(right) else { return nil }
    for (unknown, column) in basicColumns.enumerated() { changes[column] = solution[unknown] }
    return changes
  }

  /// How far the bounds of a row can be moved along a response before a column or row reaches a bound.
  ///
  /// - Parameters:
  ///   - changes: by column, of `response`.
  ///   - sign: 1 upwards, −1 downwards.
  ///   - moved: the row that is moved itself, whose bounds come to its activity.
  /// - Returns: how far, and the column or else the row (counted behind the columns) that ends it; nil for for ever.
  package func reach(_ changes: [Double], sign: Double, row moved: Int) -> (distance: Double, place: Int)? {
    var found: (distance: Double, place: Int)?
    func look(_ value: Double, _ change: Double, _ lower: Double, _ upper: Double, _ place: Int) {
      guard abs(change) > 1e-9 else { return }
      let bound = change > 0 ? upper : lower
      guard bound.isFinite else { return }
      let distance = max(0, (bound - value) / change)
      if distance < found?.distance ?? .infinity { found = (distance, place) }
    }
    var activity = [Double](repeating: 0, count: model.rowCount)
    var motion = activity
    for column in 0..<model.columnCount {
      look(columnValues[column], sign * changes[column], model.columnLower[column], model.columnUpper[column], column)
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        activity[Int(model.rowIndices[entry])] += model.values[entry] * columnValues[column]
        motion[Int(model.rowIndices[entry])] += model.values[entry] * sign * changes[column]
      }
    }
    for row in 0..<model.rowCount where basis[model.columnCount + row] == BasisStatus.basic {
      // Of the row itself it is the bounds that move.
      let change = row == moved ? motion[row] - sign : motion[row]
      look(activity[row], change, model.rowLower[row], model.rowUpper[row], model.columnCount + row)
    }
    return found
  }

  /// How far from a bound a value may be and still count as at it: what solvers leave, absolute and relative.
  private static let (nearness, relativeNearness) = (1e-7, 1e-10)

  /// The derivative of the optimum when the bounds of a row are moved to one side.
  ///
  /// Where the optimum is degenerate it is not one of its duals that tells it, but the cheapest direction in which the
  /// solution can move: min c·d over the directions that keep all bounds that the solution is at, which is the largest
  /// dual of the row over all optimal ones upwards and the smallest one downwards (Gal 1979, on degenerate parametric
  /// programs).
  ///
  /// - Parameters:
  ///   - row: whose bounds are moved.
  ///   - sign: 1 upwards, −1 downwards.
  /// - Returns: change of the optimum per unit upwards.
  /// - Throws: `LPError` with `infeasible` where there is no solution on that side.
  package func slope(ofRow row: Int, sign: Double) throws(LPError) -> Double {
    var directions = LPModel()
    var activity = [Double](repeating: 0, count: model.rowCount)
    var sizes = activity
    for column in 0..<model.columnCount {
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        let part = model.values[entry] * columnValues[column]
        activity[Int(model.rowIndices[entry])] += part
        sizes[Int(model.rowIndices[entry])] += abs(part)
      }
    }
    /// Whether a value is at its bounds; one outside the basis is at the nearer one, whatever its digits.
    func sides(
      _ value: Double, _ lower: Double, _ upper: Double, size: Double, place: Int
    ) -> (isLow: Bool, isHigh: Bool) {
      let near = Self.nearness + Self.relativeNearness * size
      let (isLow, isHigh) = (abs(value - lower) <= near, abs(value - upper) <= near)
      let isBasic = !basis.indices.contains(place) || basis[place] == BasisStatus.basic
      guard !isBasic, !isLow, !isHigh, lower.isFinite || upper.isFinite else { return (isLow, isHigh) }
      return (abs(value - lower) <= abs(value - upper), abs(value - lower) > abs(value - upper))
    }
    // Rows that the solution is away from and columns that cannot move decide nothing, and are most of a large program.
    var place = [Int](repeating: -1, count: model.rowCount)
    for other in 0..<model.rowCount {
      let (isLow, isHigh) = sides(
        activity[other], model.rowLower[other], model.rowUpper[other], size: sizes[other],
        place: model.columnCount + other)
      guard isLow || isHigh else { continue }
      let bound = other == row ? sign : 0
      place[other] = directions.rowCount
      directions.rowLower.append(isLow ? bound : -.infinity)
      directions.rowUpper.append(isHigh ? bound : .infinity)
    }
    guard place[row] >= 0 else { return 0 }
    for column in 0..<model.columnCount {
      let value = columnValues[column]
      let (isLow, isHigh) = sides(
        value, model.columnLower[column], model.columnUpper[column], size: abs(value), place: column)
      if isLow && isHigh { continue }
      directions.columnLower.append(isLow ? 0 : -.infinity)
      directions.columnUpper.append(isHigh ? 0 : .infinity)
      directions.objective.append(model.objective[column])
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        let other = place[Int(model.rowIndices[entry])]
        guard other >= 0 else { continue }
        directions.rowIndices.append(Int32(truncatingIfNeeded: other))
        directions.values.append(model.values[entry])
      }
      directions.starts.append(Int32(truncatingIfNeeded: directions.values.count))
    }
    return try sign * directions.solved().objective
  }

  /// The dual of a row after its bounds have been moved, by a solve from scratch.
  ///
  /// - Throws: `LPError` where the program has no optimum then.
  package func dual(ofRow row: Int, movedBy distance: Double) throws(LPError) -> (dual: Double, objective: Double) {
    var moved = model
    moved.rowLower[row] += distance
    moved.rowUpper[row] += distance
    let solution = try moved.solved()
    return (solution.rowDuals[row], solution.objective)
  }
}

/// A square system of linear equations with few entries.
struct SquareSystem {
  private let size: Int
  /// Entries by equation.
  private var entries: [[(unknown: Int, value: Double)]]

  init(size: Int) {
    self.size = size
    entries = .init(repeating: [], count: size)
  }

  mutating func add(_ value: Double, equation: Int, unknown: Int) { entries[equation].append((unknown, value)) }

  /// - Returns: nil where the system is singular to working precision.
  func solve(_ right: [Double]) -> [Double]? {
    var solution = [Double](repeating: 0, count: size)
    var isKnown = [Bool](repeating: false, count: size)
    var isUsed = [Bool](repeating: false, count: size)
    var equations = [[Int]](repeating: [], count: size)
    for (equation, list) in entries.enumerated() { for entry in list { equations[entry.unknown].append(equation) } }
    var open = entries.map(\.count)
    /// Solves an equation for one unknown, all others of it being known.
    func isolate(_ equation: Int, _ unknown: Int) -> Bool {
      var rest = right[equation]
      var pivot = 0.0
      for entry in entries[equation] {
        if entry.unknown == unknown { pivot += entry.value } else { rest -= entry.value * solution[entry.unknown] }
      }
      guard abs(pivot) > 1e-11 else { return false }
      solution[unknown] = rest / pivot
      return true
    }
    // Equations with one unknown are solved at once, from the front.
    var queue = (0..<size).filter { open[$0] == 1 }
    while let equation = queue.popLast() {
      guard !isUsed[equation], let unknown = entries[equation].first(where: { !isKnown[$0.unknown] })?.unknown,
        isolate(equation, unknown)
      else { continue }
      (isUsed[equation], isKnown[unknown]) = (true, true)
      for other in equations[unknown] where !isUsed[other] {
        open[other] -= 1
        if open[other] == 1 { queue.append(other) }
      }
    }
    // Unknowns of one equation alone wait until the rest is known, and are solved from the end.
    var uses = (0..<size).map { unknown in
      isKnown[unknown] ? 0 : equations[unknown].count { !isUsed[$0] }
    }
    var later: [(equation: Int, unknown: Int)] = []
    queue = (0..<size).filter { !isKnown[$0] && uses[$0] == 1 }
    while let unknown = queue.popLast() {
      guard !isKnown[unknown], let equation = equations[unknown].first(where: { !isUsed[$0] }) else { continue }
      (isUsed[equation], isKnown[unknown]) = (true, true)
      later.append((equation, unknown))
      for entry in entries[equation] where !isKnown[entry.unknown] {
        uses[entry.unknown] -= 1
        if uses[entry.unknown] == 1 { queue.append(entry.unknown) }
      }
    }
    guard solveKernel(right, known: isKnown, used: isUsed, later: later.map(\.unknown), into: &solution) else {
      return nil
    }
    for (equation, unknown) in later.reversed() { guard isolate(equation, unknown) else { return nil } }
    return isSolved(solution, right) ? solution : nil
  }

  /// Eliminates what peeling has left, densely.
  private func solveKernel(
    _ right: [Double], known: [Bool], used: [Bool], later: [Int], into solution: inout [Double]
  ) -> Bool {
    let unknowns = (0..<size).filter { !known[$0] }
    let rows = (0..<size).filter { !used[$0] }
    guard unknowns.count == rows.count else { return false }
    let count = rows.count
    var place = [Int](repeating: -1, count: size)
    for (index, unknown) in unknowns.enumerated() { place[unknown] = index }
    let width = count + 1
    var table = [Double](repeating: 0, count: count * width)
    for (index, row) in rows.enumerated() {
      table[index * width + count] = right[row]
      for entry in entries[row] {
        if place[entry.unknown] >= 0 {
          table[index * width + place[entry.unknown]] += entry.value
        } else {
          table[index * width + count] -= entry.value * solution[entry.unknown]
        }
      }
    }
    for step in 0..<count {
      var best = step
      for row in step..<count where abs(table[row * width + step]) > abs(table[best * width + step]) { best = row }
      guard abs(table[best * width + step]) > 1e-11 else { return false }
      if best != step { for column in 0..<width { table.swapAt(best * width + column, step * width + column) } }
      for row in (step + 1)..<max(count, step + 1) {
        let factor = table[row * width + step] / table[step * width + step]
        guard factor != 0 else { continue }
        for column in step..<width { table[row * width + column] -= factor * table[step * width + column] }
      }
    }
    for step in (0..<count).reversed() {
      var rest = table[step * width + count]
      for column in (step + 1)..<max(count, step + 1) {
        rest -= table[step * width + column] * solution[unknowns[column]]
      }
      solution[unknowns[step]] = rest / table[step * width + step]
    }
    return true
  }

  /// Whether what is left of the equations is rounding.
  private func isSolved(_ solution: [Double], _ right: [Double]) -> Bool {
    entries.enumerated().allSatisfy { equation, list in
      var sum = -right[equation]
      var size = abs(right[equation])
      for entry in list {
        sum += entry.value * solution[entry.unknown]
        size += abs(entry.value * solution[entry.unknown])
      }
      return abs(sum) <= 1e-7 * max(1, size)
    }
  }
}
