internal import CobreHiGHSShim

/// HiGHS behind `LPSolver`; the only type that knows the library.
///
/// Dual simplex on one thread without presolve, scaling and perturbation. A result counts only where the library calls it
/// optimal and it violates nothing by more than 1e-6. Tighter tolerances than these gave wrong optima.
package struct HiGHSSolver: LPSolver, ~Copyable {
  private let handle: OpaquePointer
  package private(set) var retries = 0
  package var retryLimit = 4

  package init() throws(LPError) {
    guard cobre_highs_is_built() == 1 else { throw LPError(.notBuilt, detail: RequestedSolver.absence) }
    guard let handle = cobre_highs_create(1e-8, 1e-9) else { throw LPError(.outOfMemory, detail: "HiGHS: no memory") }
    self.handle = handle
  }

  package init(_: SolverLibrary) throws(LPError) { try self.init() }

  deinit { cobre_highs_destroy(handle) }

  package static var basicStatus: UInt8 { 1 }
  package static var atUpperStatus: UInt8 { 2 }
  package static var atLowerStatus: UInt8 { 3 }
  package static var fixedStatus: UInt8 { 5 }

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

  package mutating func solve(_ start: LPStart) throws(LPError) {
    var last = cobre_highs_solve(handle, Int32(COBRE_HIGHS_PLAIN))
    if last == 0 { return }
    retries += 1
    // The ladder is fixed and counted, so that a retried solve gives the same bits wherever it happens.
    let ladder = [COBRE_HIGHS_CLEAR, COBRE_HIGHS_PRESOLVE, COBRE_HIGHS_PRIMAL, COBRE_HIGHS_SCALED]
    for rung in ladder.prefix(max(0, retryLimit)) {
      last = cobre_highs_solve(handle, Int32(rung))
      if last == 0 { return }
    }
    switch last / 100 {
    case 1: throw LPError(.infeasible, detail: "HiGHS status \(last)")
    case 2: throw LPError(.unbounded, detail: "HiGHS status \(last)")
    default: throw LPError(.notSolved, detail: "HiGHS status \(last)")
    }
  }

  package var rowLower: UnsafeMutablePointer<Double> { cobre_highs_row_lower(handle) }
  package var rowUpper: UnsafeMutablePointer<Double> { cobre_highs_row_upper(handle) }
  package var columnLower: UnsafeMutablePointer<Double> { cobre_highs_column_lower(handle) }
  package var columnUpper: UnsafeMutablePointer<Double> { cobre_highs_column_upper(handle) }
  package var columnValues: UnsafePointer<Double> { cobre_highs_column_values(handle) }
  package var rowDuals: UnsafePointer<Double> { cobre_highs_row_duals(handle) }

  package func writeMPS(to path: String) -> Bool { cobre_highs_write_mps(handle, path) == 0 }
}
