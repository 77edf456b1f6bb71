/// A model's arrays at fixed addresses with room for more rows and entries.
package struct LPModelStorage: ~Copyable {
  package var columnCount: Int
  package var rowCount: Int
  package var starts: FixedBuffer<Int32>
  package var rowIndices: FixedBuffer<Int32>
  package var values: FixedBuffer<Double>
  package var columnLower: FixedBuffer<Double>
  package var columnUpper: FixedBuffer<Double>
  package var objective: FixedBuffer<Double>
  package var rowLower: FixedBuffer<Double>
  package var rowUpper: FixedBuffer<Double>

  package init(_ model: LPModel, spareRows: Int = 0, spareEntries: Int = 0) {
    columnCount = model.columnCount
    rowCount = model.rowCount
    starts = FixedBuffer(copying: model.starts, capacity: 0, filledWith: 0)
    rowIndices = FixedBuffer(
      copying: model.rowIndices, capacity: model.rowIndices.count + spareEntries, filledWith: 0)
    values = FixedBuffer(copying: model.values, capacity: model.values.count + spareEntries, filledWith: 0)
    columnLower = FixedBuffer(copying: model.columnLower, capacity: 0, filledWith: 0)
    columnUpper = FixedBuffer(copying: model.columnUpper, capacity: 0, filledWith: 0)
    objective = FixedBuffer(copying: model.objective, capacity: 0, filledWith: 0)
    rowLower = FixedBuffer(copying: model.rowLower, capacity: model.rowCount + spareRows, filledWith: 0)
    rowUpper = FixedBuffer(copying: model.rowUpper, capacity: model.rowCount + spareRows, filledWith: 0)
  }

  /// Pointers into the arrays, valid until one of them grows or the storage is released.
  package var view: LPModelView {
    LPModelView(
      columnCount: columnCount, rowCount: rowCount, starts: starts.base, rowIndices: rowIndices.base,
      values: values.base, columnLower: columnLower.base, columnUpper: columnUpper.base, objective: objective.base,
      rowLower: rowLower.base, rowUpper: rowUpper.base)
  }
}
