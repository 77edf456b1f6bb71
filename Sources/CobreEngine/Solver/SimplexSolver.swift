internal import CobreClpShim
internal import CobreSimplex

/// The project's own dual simplex behind `LPSolver`, with Clp for LPs that it does not solve.
///
/// LPs of up to `denseRows` rows are solved with a dense inverse, larger ones with sparse factors. LPs with more than
/// `largestRows`, when loaded or by added rows, are left to Clp. Clp also gets an LP if no basis passes the check
/// against the original data. The solves after that start from Clp's basis. All this depends on the LP alone, so
/// results do not depend on what was solved before.
package struct SimplexSolver: LPSolver, ~Copyable {
  private let handle: OpaquePointer
  private var clp: ClpSolver
  private var isLeftToClp = false
  private var largestRows = Self.largestRows
  package var ladder = RetryLadder()
  /// Solves that Clp had to finish.
  package private(set) var fallbacks = 0

  /// Rows up to which a dense inverse is faster than sparse factors: measured (`Documentation/Benchmarks.md`).
  package static let denseRows: Int = COBRE_SIMPLEX_DENSE_ROWS
  /// Rows up to which it has been compared with Clp.
  package static let largestRows = 20_000

  package init() throws(LPError) {
    guard cobre_simplex_is_supported() == 1 else {
      throw LPError(.notBuilt, detail: RequestedSolver.missingInstructions)
    }
    self.init(handle: try Self.makeHandle(), clp: try ClpSolver())
  }

  /// A solver with other limits, for tests.
  package init(denseRows: Int, largestRows: Int = Self.largestRows) throws(LPError) {
    try self.init()
    self.largestRows = largestRows
    cobre_simplex_set_dense_rows(handle, Int32(denseRows))
  }

  private init(handle: OpaquePointer, clp: consuming ClpSolver) {
    self.handle = handle
    self.clp = clp
  }

  private static func makeHandle() throws(LPError) -> OpaquePointer {
    guard let handle = cobre_simplex_create(ClpSolver.tolerance, ClpSolver.tolerance) else {
      throw LPError(.outOfMemory, detail: "Simplex: no memory")
    }
    return handle
  }

  package init(_: SolverLibrary) throws(LPError) { try self.init() }

  deinit { cobre_simplex_destroy(handle) }

  package mutating func load(_ model: LPModelView) throws(LPError) {
    isLeftToClp = model.rowCount > largestRows
    if isLeftToClp { return try clp.load(model) }
    let code = cobre_simplex_load(
      handle, Int32(model.columnCount), Int32(model.rowCount), model.starts, model.rowIndices, model.values,
      model.columnLower, model.columnUpper, model.objective, model.rowLower, model.rowUpper)
    guard code == 0 else { throw LPError(.outOfMemory, detail: "Simplex: no memory for the program") }
  }

  package mutating func unload() {
    cobre_simplex_unload(handle)
    clp.unload()
  }

  package mutating func addRows(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>
  ) throws(LPError) {
    if !isLeftToClp, Int(cobre_simplex_get_arrays(handle).rows) + lower.count > largestRows {
      guard Self.hand(handle, to: clp.handle) else {
        throw LPError(.outOfMemory, detail: "Clp could not load the program")
      }
      cobre_simplex_unload(handle)
      isLeftToClp = true
    }
    if isLeftToClp {
      return try clp.addRows(lower: lower, upper: upper, starts: starts, columns: columns, values: values)
    }
    let code = cobre_simplex_add_rows(
      handle, Int32(lower.count), lower.baseAddress, upper.baseAddress, starts, columns, values)
    guard code == 0 else { throw LPError(.outOfMemory, detail: "Simplex: no memory for more rows") }
  }

  package mutating func setBasis(_ status: UnsafePointer<UInt8>) {
    if isLeftToClp { clp.setBasis(status) } else { cobre_simplex_set_status(handle, status) }
  }
  package var basis: UnsafePointer<UInt8> { isLeftToClp ? clp.basis : cobre_simplex_status(handle) }

  package mutating func solve(_ start: LPStart) throws(LPError) {
    let own = handle
    let clp = clp.handle
    let isLeftToClp = isLeftToClp
    let contradictory = contradictory
    let invalid = invalid
    var asksClp = false
    // A verdict that follows from the data alone needs no second solver.
    var verdict: Int32 = 0
    defer { fallbacks += asksClp ? 1 : 0 }
    try ladder.solve("Simplex") {
      if isLeftToClp { return ClpSolver.attempt(start, clp) }
      let code = cobre_simplex_solve(own)
      if code == 0 { return 0 }
      if code == contradictory || code == invalid {
        verdict = code
        return code
      }
      asksClp = true
      return Self.ask(clp, about: own) { ClpSolver.attempt(.changed, clp) }
    } rung: { rung in
      if verdict != 0 { return verdict }
      return isLeftToClp ? ClpSolver.climb(rung, clp) : Self.ask(clp, about: own) { ClpSolver.climb(rung, clp) }
    }
  }

  /// Solves the current LP by Clp from the current basis, and takes over its result.
  private static func ask(_ clp: OpaquePointer, about own: OpaquePointer, _ solve: () -> Int32) -> Int32 {
    defer { cobre_clp_unload(clp) }
    guard hand(own, to: clp) else { return outOfMemory }
    let code = solve()
    guard code == 0 else { return code }
    let found = cobre_clp_get_arrays(clp)
    cobre_simplex_adopt(own, found.column_values, found.row_duals, cobre_clp_status(clp))
    return 0
  }

  /// A code for the retry ladder that is not a verdict on an LP.
  private static var outOfMemory: Int32 { 400 }
  private var contradictory: Int32 { Int32(COBRE_SIMPLEX_CONTRADICTORY) }
  private var invalid: Int32 { Int32(COBRE_SIMPLEX_INVALID) }

  /// Loads the current LP and basis into Clp, and returns false if memory ran out.
  private static func hand(_ own: OpaquePointer, to clp: OpaquePointer) -> Bool {
    let program = cobre_simplex_get_arrays(own)
    guard
      cobre_clp_load(
        clp, program.columns, program.rows, program.starts, program.indices, program.values, program.column_lower,
        program.column_upper, program.objective, program.row_lower, program.row_upper) == 0
    else { return false }
    cobre_clp_set_status(clp, cobre_simplex_status(own))
    return true
  }

  package var arrays: LPArrays {
    if isLeftToClp { return clp.arrays }
    let arrays = cobre_simplex_get_arrays(handle)
    return LPArrays(
      rowLower: arrays.row_lower, rowUpper: arrays.row_upper, columnLower: arrays.column_lower,
      columnUpper: arrays.column_upper, columnValues: arrays.column_values, rowDuals: arrays.row_duals)
  }

  package func writeMPS(to path: String) -> Bool {
    if isLeftToClp { return clp.writeMPS(to: path) }
    guard Self.hand(handle, to: clp.handle) else { return false }
    defer { cobre_clp_unload(clp.handle) }
    return clp.writeMPS(to: path)
  }
}
