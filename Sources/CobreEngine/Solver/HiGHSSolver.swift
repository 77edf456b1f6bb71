internal import CobreHiGHSShim

/// HiGHS behind `LPSolver`.
///
/// No other type knows the library.
///
/// Dual simplex on one thread without presolve, scaling and perturbation. A result counts only if the library calls it
/// optimal, it violates nothing by more than 1e-6, and its objective is that of the dual. Tighter tolerances than these
/// gave wrong optima.
package struct HiGHSSolver: LPSolver, ~Copyable {
  private let handle: OpaquePointer
  package var ladder = RetryLadder()

  package init() throws(LPError) {
    guard cobre_highs_is_built() == 1 else { throw LPError(.notBuilt, detail: RequestedSolver.absence) }
    guard let handle = cobre_highs_create(1e-8, 1e-9) else { throw LPError(.outOfMemory, detail: "HiGHS: no memory") }
    self.handle = handle
  }

  package init(_: SolverLibrary) throws(LPError) { try self.init() }

  deinit { cobre_highs_destroy(handle) }

  package mutating func load(_ model: LPModelView) throws(LPError) {
    let code = cobre_highs_load(
      handle, Int32(model.columnCount), Int32(model.rowCount), model.starts, model.rowIndices, model.values,
      model.columnLower, model.columnUpper, model.objective, model.rowLower, model.rowUpper)
    guard code == 0 else { throw LPError(.outOfMemory, detail: "HiGHS could not load the program") }
  }

  package mutating func addRows(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>
  ) throws(LPError) {
    let code = cobre_highs_add_rows(
      handle, Int32(lower.count), lower.baseAddress, upper.baseAddress, starts, columns, values)
    guard code == 0 else { throw LPError(.outOfMemory, detail: "HiGHS could not add rows") }
  }

  package mutating func unload() { cobre_highs_unload(handle) }

  package mutating func setBasis(_ status: UnsafePointer<UInt8>) { cobre_highs_set_status(handle, status) }
  package var basis: UnsafePointer<UInt8> { cobre_highs_status(handle) }

  package mutating func solve(_: LPStart) throws(LPError) {
    let handle = handle
    // The solve modes are numbered in the order of the ladder, after the plain one.
    try ladder.solve("HiGHS") {
      cobre_highs_solve(handle, Int32(COBRE_HIGHS_PLAIN))
    } rung: {
      cobre_highs_solve(handle, Int32(COBRE_HIGHS_CLEAR) + Int32($0))
    }
  }

  package var arrays: LPArrays {
    let arrays = cobre_highs_get_arrays(handle)
    return LPArrays(
      rowLower: arrays.row_lower, rowUpper: arrays.row_upper, columnLower: arrays.column_lower,
      columnUpper: arrays.column_upper, columnValues: arrays.column_values, rowDuals: arrays.row_duals)
  }

  package var dualityGap: Double { cobre_highs_duality_gap(handle) }

  package func writeMPS(to path: String) -> Bool { cobre_highs_write_mps(handle, path) == 0 }
}
