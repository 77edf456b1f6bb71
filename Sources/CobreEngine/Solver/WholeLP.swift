/// A program that is solved without its given columns: its bounds, its solution, and what is left of it.
struct WholeLP: ~Copyable {
  private var columnCount = 0
  private var rowCount = 0
  private var rowLower = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var rowUpper = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var columnLower = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var columnUpper = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var columnValues = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var rowDuals = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var status = FixedBuffer<UInt8>(capacity: 0, filledWith: 0)

  /// Column of what is left by column; −1 − its index for a given column.
  private var columnPositions = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  /// Row of what is left by row, −1 for the row of a given column.
  private var rowPositions = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  /// The other way round: column and row of the whole program by column and row of what is left.
  private var columnOrigins = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  private var rowOrigins = FixedBuffer<Int32>(capacity: 0, filledWith: 0)

  /// What is left: its matrix, with room for added rows behind the entries.
  private var leftColumns = 0
  private var leftRows = 0
  private var starts = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  private var rowIndices = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  private var entries = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var objective = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var leftRowLower = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var leftRowUpper = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var leftColumnLower = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var leftColumnUpper = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  private var leftStatus = FixedBuffer<UInt8>(capacity: 0, filledWith: 0)

  /// Entries of given columns in rows that are left: those of the program as it was taken, by given column, then those of
  /// added rows, row by row.
  private var outsideCount = 0
  private var addedOutside = 0
  /// First and end of the entries of each given column in the program as it was taken.
  private var outsideFirst = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  private var outsideEnd = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  private var outsideRows = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  private var outsideColumns = FixedBuffer<Int32>(capacity: 0, filledWith: 0)
  private var outsideEntries = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  /// What given columns take from the bounds of each row that is left.
  private var shifts = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  /// Value, and then the dual of the row, by given column.
  private var givenValues = FixedBuffer<Double>(capacity: 0, filledWith: 0)
  /// Columns of the whole program by given column.
  private var givenColumns = FixedBuffer<Int32>(capacity: 0, filledWith: 0)

  init() {}

  /// What is left of the program as it was taken.
  var reduced: LPModelView {
    LPModelView(
      columnCount: leftColumns, rowCount: leftRows, starts: starts.base, rowIndices: rowIndices.base,
      values: entries.base, columnLower: leftColumnLower.base, columnUpper: leftColumnUpper.base,
      objective: objective.base, rowLower: leftRowLower.base, rowUpper: leftRowUpper.base)
  }

  var arrays: LPArrays {
    LPArrays(
      rowLower: rowLower.base, rowUpper: rowUpper.base, columnLower: columnLower.base, columnUpper: columnUpper.base,
      columnValues: UnsafePointer(columnValues.base), rowDuals: UnsafePointer(rowDuals.base))
  }

  /// Copies a program and takes it apart.
  mutating func take(_ model: LPModelView, given: [GivenColumn], firstColumn: Int) {
    columnCount = model.columnCount
    rowCount = model.rowCount
    reserveColumns(given.count)
    reserveRows()
    rowLower.base.update(from: model.rowLower, count: rowCount)
    rowUpper.base.update(from: model.rowUpper, count: rowCount)
    columnLower.base.update(from: model.columnLower, count: columnCount)
    columnUpper.base.update(from: model.columnUpper, count: columnCount)
    for column in 0..<columnCount { columnPositions[column] = 0 }
    for row in 0..<rowCount { rowPositions[row] = 0 }
    for (index, column) in given.enumerated() {
      givenColumns[index] = Int32(truncatingIfNeeded: firstColumn + column.column)
      columnPositions[firstColumn + column.column] = -1 - Int32(truncatingIfNeeded: index)
      rowPositions[column.row] = -1
    }
    leftRows = 0
    for row in 0..<rowCount where rowPositions[row] == 0 {
      rowPositions[row] = Int32(truncatingIfNeeded: leftRows)
      rowOrigins[leftRows] = Int32(truncatingIfNeeded: row)
      leftRowLower[leftRows] = rowLower[row]
      leftRowUpper[leftRows] = rowUpper[row]
      leftRows += 1
    }
    takeEntries(model)
  }

  private mutating func takeEntries(_ model: LPModelView) {
    let count = Int(model.starts[columnCount])
    rowIndices.reserve(count, filledWith: 0)
    entries.reserve(count, filledWith: 0)
    outsideCount = 0
    leftColumns = 0
    var next = 0
    // Addresses at hand, as in `fix`.
    let (rows, values, rowPositions) = (rowIndices.base, entries.base, rowPositions.base)
    for column in 0..<columnCount {
      let first = Int(model.starts[column])
      let end = Int(model.starts[column + 1])
      let position = columnPositions[column]
      guard position >= 0 else {
        reserveOutside(end - first)
        outsideFirst[Int(-1 - position)] = Int32(truncatingIfNeeded: outsideCount)
        for index in first..<end {
          let row = rowPositions[Int(model.rowIndices[index])]
          if row >= 0 { appendOutside(row, -1 - position, model.values[index]) }
        }
        outsideEnd[Int(-1 - position)] = Int32(truncatingIfNeeded: outsideCount)
        continue
      }
      columnPositions[column] = Int32(truncatingIfNeeded: leftColumns)
      columnOrigins[leftColumns] = Int32(truncatingIfNeeded: column)
      starts[leftColumns] = Int32(truncatingIfNeeded: next)
      objective[leftColumns] = model.objective[column]
      leftColumnLower[leftColumns] = model.columnLower[column]
      leftColumnUpper[leftColumns] = model.columnUpper[column]
      leftColumns += 1
      for index in first..<end {
        // Rows that are left out hold no other column than their own.
        rows[next] = rowPositions[Int(model.rowIndices[index])]
        values[next] = model.values[index]
        next += 1
      }
    }
    starts[leftColumns] = Int32(truncatingIfNeeded: next)
    addedOutside = outsideCount
  }

  /// Appends rows; returns them without their entries in given columns.
  mutating func append(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts rows: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>
  ) -> (starts: UnsafePointer<Int32>, columns: UnsafePointer<Int32>, values: UnsafePointer<Double>) {
    let count = lower.count
    let first = rowCount
    rowCount += count
    reserveRows()
    let size = Int(rows[count])
    // The arrays of the matrix are free again once it has been loaded.
    starts.reserve(count + 1, filledWith: 0)
    rowIndices.reserve(size, filledWith: 0)
    entries.reserve(size, filledWith: 0)
    reserveOutside(size)
    var next = 0
    for index in 0..<count {
      rowLower[first + index] = lower[index]
      rowUpper[first + index] = upper[index]
      rowPositions[first + index] = Int32(truncatingIfNeeded: leftRows)
      rowOrigins[leftRows] = Int32(truncatingIfNeeded: first + index)
      starts[index] = Int32(truncatingIfNeeded: next)
      for entry in Int(rows[index])..<Int(rows[index + 1]) {
        let position = columnPositions[Int(columns[entry])]
        if position < 0 {
          appendOutside(Int32(truncatingIfNeeded: leftRows), -1 - position, values[entry])
        } else {
          rowIndices[next] = position
          entries[next] = values[entry]
          next += 1
        }
      }
      leftRows += 1
    }
    starts[count] = Int32(truncatingIfNeeded: next)
    return (UnsafePointer(starts.base), UnsafePointer(rowIndices.base), UnsafePointer(entries.base))
  }

  /// Computes the given columns and moves the bounds of what is left; returns false where a value is not a number.
  func fix(_ given: [GivenColumn], into left: LPArrays) -> Bool {
    // Addresses at hand: through the buffers they would be read again after every number that is written.
    let (shifts, values, wholeValues) = (shifts.base, givenValues.base, columnValues.base)
    let (lower, upper, rowOrigins) = (rowLower.base, rowUpper.base, rowOrigins.base)
    for row in 0..<leftRows { shifts[row] = 0 }
    var isNumber = true
    given.withUnsafeBufferPointer { given in
      for (index, column) in given.enumerated() {
        let value = lower[column.row] / column.coefficient
        isNumber = isNumber && value.isFinite && lower[column.row] == upper[column.row]
        values[index] = value
        wholeValues[Int(givenColumns[index])] = value
      }
    }
    let (rows, columns, entries) = (outsideRows.base, outsideColumns.base, outsideEntries.base)
    for index in given.indices {
      let value = values[index]
      for entry in Int(outsideFirst[index])..<Int(outsideEnd[index]) {
        shifts[Int(rows[entry])] += entries[entry] * value
      }
    }
    for entry in addedOutside..<outsideCount {
      shifts[Int(rows[entry])] += entries[entry] * values[Int(columns[entry])]
    }
    for position in 0..<leftRows {
      let row = Int(rowOrigins[position])
      left.rowLower[position] = lower[row] - shifts[position]
      left.rowUpper[position] = upper[row] - shifts[position]
    }
    let (columnLower, columnUpper, columnOrigins) = (columnLower.base, columnUpper.base, columnOrigins.base)
    for position in 0..<leftColumns {
      let column = Int(columnOrigins[position])
      left.columnLower[position] = columnLower[column]
      left.columnUpper[position] = columnUpper[column]
    }
    return isNumber
  }

  /// Takes over the solution of what is left, and works out the duals of the rows that are left out.
  func read(_ left: LPArrays, _ given: [GivenColumn]) {
    let (values, origins) = (columnValues.base, columnOrigins.base)
    for position in 0..<leftColumns { values[Int(origins[position])] = left.columnValues[position] }
    let (duals, rowOrigins) = (rowDuals.base, rowOrigins.base)
    for position in 0..<leftRows { duals[Int(rowOrigins[position])] = left.rowDuals[position] }
    let (sums, prices) = (givenValues.base, left.rowDuals)
    let (rows, columns, entries) = (outsideRows.base, outsideColumns.base, outsideEntries.base)
    for index in given.indices {
      // In a register: through memory each term would wait for the one before to be written and read.
      var sum = 0.0
      for entry in Int(outsideFirst[index])..<Int(outsideEnd[index]) {
        sum += entries[entry] * prices[Int(rows[entry])]
      }
      sums[index] = sum
    }
    for entry in addedOutside..<outsideCount { sums[Int(columns[entry])] += entries[entry] * prices[Int(rows[entry])] }
    given.withUnsafeBufferPointer { given in
      for (index, column) in given.enumerated() { duals[column.row] = -sums[index] / column.coefficient }
    }
  }

  /// A basis of the whole program for what is left, or nil if its size does not fit.
  func reduce(_ whole: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
    var basic = 0
    for column in 0..<columnCount {
      let position = Int(columnPositions[column])
      guard position >= 0 else { continue }
      leftStatus[position] = whole[column]
      if whole[column] == BasisStatus.basic { basic += 1 }
    }
    for row in 0..<rowCount {
      let position = Int(rowPositions[row])
      guard position >= 0 else { continue }
      leftStatus[leftColumns + position] = whole[columnCount + row]
      if whole[columnCount + row] == BasisStatus.basic { basic += 1 }
    }
    return basic == leftRows ? UnsafePointer(leftStatus.base) : nil
  }

  /// The basis of the whole program that a basis of what is left belongs to.
  func expand(_ left: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
    for column in 0..<columnCount {
      let position = Int(columnPositions[column])
      status[column] = position >= 0 ? left[position] : BasisStatus.basic
    }
    for row in 0..<rowCount {
      let position = Int(rowPositions[row])
      status[columnCount + row] = position >= 0 ? left[leftColumns + position] : BasisStatus.fixed
    }
    return UnsafePointer(status.base)
  }

  private mutating func appendOutside(_ row: Int32, _ column: Int32, _ value: Double) {
    outsideRows[outsideCount] = row
    outsideColumns[outsideCount] = column
    outsideEntries[outsideCount] = value
    outsideCount += 1
  }

  private mutating func reserveOutside(_ more: Int) {
    outsideRows.reserve(outsideCount + more, filledWith: 0)
    outsideColumns.reserve(outsideCount + more, filledWith: 0)
    outsideEntries.reserve(outsideCount + more, filledWith: 0)
  }

  private mutating func reserveColumns(_ givenCount: Int) {
    columnLower.reserve(columnCount, filledWith: 0)
    columnUpper.reserve(columnCount, filledWith: 0)
    columnValues.reserve(columnCount, filledWith: 0)
    columnPositions.reserve(columnCount, filledWith: 0)
    columnOrigins.reserve(columnCount, filledWith: 0)
    starts.reserve(columnCount + 1, filledWith: 0)
    objective.reserve(columnCount, filledWith: 0)
    leftColumnLower.reserve(columnCount, filledWith: 0)
    leftColumnUpper.reserve(columnCount, filledWith: 0)
    givenValues.reserve(givenCount, filledWith: 0)
    outsideFirst.reserve(givenCount, filledWith: 0)
    outsideEnd.reserve(givenCount, filledWith: 0)
    givenColumns.reserve(givenCount, filledWith: 0)
  }

  private mutating func reserveRows() {
    rowLower.reserve(rowCount, filledWith: 0)
    rowUpper.reserve(rowCount, filledWith: 0)
    rowDuals.reserve(rowCount, filledWith: 0)
    rowPositions.reserve(rowCount, filledWith: 0)
    rowOrigins.reserve(rowCount, filledWith: 0)
    leftRowLower.reserve(rowCount, filledWith: 0)
    leftRowUpper.reserve(rowCount, filledWith: 0)
    shifts.reserve(rowCount, filledWith: 0)
    status.reserve(columnCount + rowCount, filledWith: 0)
    leftStatus.reserve(columnCount + rowCount, filledWith: 0)
  }
}
