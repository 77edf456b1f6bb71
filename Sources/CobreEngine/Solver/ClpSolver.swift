internal import CobreClpShim

/// Clp behind `LPSolver`.
///
/// No other type knows the library.
///
/// Dual simplex, with steepest edge for all but small LPs, no scaling and no perturbation: stage LPs are scaled
/// already, and with Clp's own scaling some of them got wrong optima. A result counts only if status and secondary
/// status are both 0.
package struct ClpSolver: LPSolver, ~Copyable {
  let handle: OpaquePointer
  package var ladder = RetryLadder()

  package init() throws(LPError) {
    guard let handle = cobre_clp_create(Self.tolerance, Self.tolerance) else {
      throw LPError(.outOfMemory, detail: "Clp: no memory")
    }
    self.handle = handle
  }

  package init(_: SolverLibrary) throws(LPError) { try self.init() }

  deinit { cobre_clp_destroy(handle) }

  /// What primal and dual values may miss, in the units of the program.
  static var tolerance: Double { 1e-9 }

  package mutating func load(_ model: LPModelView) throws(LPError) {
    let code = cobre_clp_load(
      handle, Int32(model.columnCount), Int32(model.rowCount), model.starts, model.rowIndices, model.values,
      model.columnLower, model.columnUpper, model.objective, model.rowLower, model.rowUpper)
    guard code == 0 else { throw Self.refusal(code, "load the program") }
  }

  /// Ends solves of more pivots, as the limit that follows the size of a program does from the beginning.
  ///
  /// - Parameter pivots: most pivots of an attempt, at least 1; nil for the limit by size.
  package mutating func limitPivots(_ pivots: Int32?) { cobre_clp_limit_pivots(handle, max(0, pivots ?? 0)) }

  package mutating func unload() { cobre_clp_unload(handle) }

  package mutating func addRows(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>
  ) throws(LPError) {
    let code = cobre_clp_add_rows(
      handle, Int32(lower.count), lower.baseAddress, upper.baseAddress, starts, columns, values)
    guard code == 0 else { throw Self.refusal(code, "add rows") }
  }

  /// Why the shim took no program or rows.
  private static func refusal(_ code: Int32, _ action: String) -> LPError {
    switch Int(code) {
    case Int(COBRE_CLP_LARGE_COST): LPError(.outOfRange, detail: "a cost reaches 1e19")
    case Int(COBRE_CLP_LARGE_ENTRY): LPError(.outOfRange, detail: "a coefficient of a row reaches 1e19")
    case Int(COBRE_CLP_NO_BOUND): LPError(.outOfRange, detail: "a limit is not a number")
    default: LPError(.outOfMemory, detail: "Clp could not \(action)")
    }
  }

  package mutating func setBasis(_ status: UnsafePointer<UInt8>) { cobre_clp_set_status(handle, status) }
  package var basis: UnsafePointer<UInt8> { cobre_clp_status(handle) }

  package mutating func solve(_ start: LPStart) throws(LPError) {
    let handle = handle
    try ladder.solve("Clp") {
      Self.attempt(start, handle)
    } rung: {
      Self.climb($0, handle)
    }
  }

  static func attempt(_ start: LPStart, _ handle: OpaquePointer) -> Int32 {
    cobre_clp_dual(handle, start == .hot ? 7 : 1)
  }

  /// Attempts: solve again, from the slack basis, by the primal method, with scaling, with wider tolerances.
  static func climb(_ rung: Int, _ handle: OpaquePointer) -> Int32 {
    if rung != 0, rung != 2 { cobre_clp_slack_basis(handle) }
    switch rung {
    case 2: return cobre_clp_primal(handle)
    case 3:
      cobre_clp_set_scaling(handle, 1)
      defer { cobre_clp_set_scaling(handle, 0) }
      return cobre_clp_dual(handle, 0)
    case 4:
      // With nearly parallel rows, possibly no basis meets the tolerances. Clp's own tolerances are the last resort.
      cobre_clp_set_tolerances(handle, 1e-7, 1e-7)
      defer { cobre_clp_set_tolerances(handle, tolerance, tolerance) }
      return cobre_clp_dual(handle, 0)
    default: return cobre_clp_dual(handle, 0)
    }
  }

  package var arrays: LPArrays {
    let arrays = cobre_clp_get_arrays(handle)
    return LPArrays(
      rowLower: arrays.row_lower, rowUpper: arrays.row_upper, columnLower: arrays.column_lower,
      columnUpper: arrays.column_upper, columnValues: arrays.column_values, rowDuals: arrays.row_duals)
  }

  package func writeMPS(to path: String) -> Bool { cobre_clp_write_mps(handle, path) == 0 }
}
