/// Rows of cuts in the form that solvers append them.
struct CutRows: ~Copyable {
  private var lowers: FixedBuffer<Double>
  private var uppers: FixedBuffer<Double>
  private var startsOfRows: FixedBuffer<Int32>
  private var columnIndices: FixedBuffer<Int32>
  private var coefficients: FixedBuffer<Double>

  init(limit: Int, dimension: Int) {
    lowers = FixedBuffer(capacity: limit, filledWith: 0)
    uppers = FixedBuffer(capacity: limit, filledWith: .infinity)
    startsOfRows = FixedBuffer(capacity: limit + 1, filledWith: 0)
    columnIndices = FixedBuffer(capacity: limit * (dimension + 1), filledWith: 0)
    coefficients = FixedBuffer(capacity: limit * (dimension + 1), filledWith: 0)
  }

  /// Writes the rows θ − Σ slope · state ≥ intercept of the last `count` cuts of the working set.
  func write(_ count: Int, of cuts: borrowing WorkingCuts, pool: CutPool, firstStateColumn: Int) {
    var entry = 0
    for index in 0..<count {
      let slot = cuts[cuts.count - count + index]
      startsOfRows[index] = Int32(truncatingIfNeeded: entry)
      lowers[index] = pool.intercept(slot) * StageLPTemplate.objectiveScale
      for component in 0..<pool.dimension {
        let slope = pool.slope(slot, component)
        guard slope != 0 else { continue }
        columnIndices[entry] = Int32(truncatingIfNeeded: firstStateColumn + component)
        coefficients[entry] = -slope * StageLPTemplate.objectiveScale
        entry += 1
      }
      columnIndices[entry] = Int32(truncatingIfNeeded: firstStateColumn + pool.dimension + slot % pool.groups)
      coefficients[entry] = 1
      entry += 1
    }
    startsOfRows[count] = Int32(truncatingIfNeeded: entry)
  }

  func lower(_ count: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: UnsafePointer(lowers.base), count: count)
  }
  func upper(_ count: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: UnsafePointer(uppers.base), count: count)
  }
  var starts: UnsafePointer<Int32> { UnsafePointer(startsOfRows.base) }
  var columns: UnsafePointer<Int32> { UnsafePointer(columnIndices.base) }
  var values: UnsafePointer<Double> { UnsafePointer(coefficients.base) }
}
