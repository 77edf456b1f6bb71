internal import CobreClpShim

/// Clp behind `LPSolver`; the only type that knows the library.
///
/// Dual simplex with steepest edge, no scaling and no perturbation: stage problems come scaled, and Clp's own scaling
/// returned wrong optima on some of them. A result counts only where status and secondary status are both 0.
package struct ClpSolver: LPSolver, ~Copyable {
  private let handle: OpaquePointer
  package private(set) var retries = 0
  package var retryLimit = 5

  package init() throws(LPError) {
    guard let handle = cobre_clp_create(Self.tolerance, Self.tolerance) else {
      throw LPError(.outOfMemory, detail: "Clp: no memory")
    }
    self.handle = handle
  }

  package init(_: SolverLibrary) throws(LPError) { try self.init() }

  deinit { cobre_clp_destroy(handle) }

  /// What primal and dual values may miss, in the units of the program.
  private static var tolerance: Double { 1e-9 }

  package static var basicStatus: UInt8 { 1 }
  package static var atUpperStatus: UInt8 { 2 }
  package static var atLowerStatus: UInt8 { 3 }
  package static var fixedStatus: UInt8 { 5 }

  package mutating func load(_ model: LPModelView) throws(LPError) {
    let code = cobre_clp_load(
      handle, Int32(model.columnCount), Int32(model.rowCount), model.starts, model.rowIndices, model.values,
      model.columnLower, model.columnUpper, model.objective, model.rowLower, model.rowUpper)
    guard code == 0 else { throw LPError(.outOfMemory, detail: "Clp could not load the program") }
  }

  package mutating func unload() { cobre_clp_unload(handle) }

  package mutating func addRows(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>
  ) throws(LPError) {
    let code = cobre_clp_add_rows(
      handle, Int32(lower.count), lower.baseAddress, upper.baseAddress, starts, columns, values)
    guard code == 0 else { throw LPError(.outOfMemory, detail: "Clp could not add rows") }
  }

  package mutating func setBasis(_ status: UnsafePointer<UInt8>) { cobre_clp_set_status(handle, status) }
  package var basis: UnsafePointer<UInt8> { cobre_clp_status(handle) }

  package mutating func solve(_ start: LPStart) throws(LPError) {
    var last = cobre_clp_dual(handle, start == .hot ? 7 : 1)
    if last == 0 { return }
    retries += 1
    // The ladder is fixed and counted, so that a retried solve gives the same bits wherever it happens.
    for rung in 0..<max(0, min(retryLimit, 5)) {
      switch rung {
      case 0: last = cobre_clp_dual(handle, 0)
      case 1:
        cobre_clp_slack_basis(handle)
        last = cobre_clp_dual(handle, 0)
      case 2: last = cobre_clp_primal(handle)
      case 3:
        cobre_clp_set_scaling(handle, 1)
        cobre_clp_slack_basis(handle)
        last = cobre_clp_dual(handle, 0)
        cobre_clp_set_scaling(handle, 0)
      default:
        // Nearly parallel rows can leave no basis that meets the tolerances; Clp's own are what is left.
        cobre_clp_set_tolerances(handle, 1e-7, 1e-7)
        cobre_clp_slack_basis(handle)
        last = cobre_clp_dual(handle, 0)
        cobre_clp_set_tolerances(handle, Self.tolerance, Self.tolerance)
      }
      if last == 0 { return }
    }
    switch last / 100 {
    case 1: throw LPError(.infeasible, detail: "Clp status \(last)")
    case 2: throw LPError(.unbounded, detail: "Clp status \(last)")
    default: throw LPError(.notSolved, detail: "Clp status \(last)")
    }
  }

  package var rowLower: UnsafeMutablePointer<Double> { cobre_clp_row_lower(handle) }
  package var rowUpper: UnsafeMutablePointer<Double> { cobre_clp_row_upper(handle) }
  package var columnLower: UnsafeMutablePointer<Double> { cobre_clp_column_lower(handle) }
  package var columnUpper: UnsafeMutablePointer<Double> { cobre_clp_column_upper(handle) }
  package var columnValues: UnsafePointer<Double> { cobre_clp_column_values(handle) }
  package var rowDuals: UnsafePointer<Double> { cobre_clp_row_duals(handle) }

  package func writeMPS(to path: String) -> Bool { cobre_clp_write_mps(handle, path) == 0 }
}
