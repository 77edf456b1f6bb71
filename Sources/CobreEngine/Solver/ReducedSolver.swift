/// A solver that gets stage LPs without the columns that a row alone sets, and without those rows.
///
/// Its own arrays, basis and solution are those of the whole program. The value of a column that is left out is the
/// bound of its row over its coefficient a; it moves the bounds of the other rows i by −aᵢ · value. The dual of the row
/// that is left out is −Σ aᵢ · dualᵢ / a, since the reduced cost of a free column is 0 (Andersen, Andersen 1995, on
/// singleton rows). In large programs such rows are half of all.
package struct ReducedSolver: ~Copyable {
  private var inner: ChosenSolver
  private let given: [GivenColumn]
  private var whole = WholeLP()

  /// - Parameters:
  ///   - library: who solves what is left.
  ///   - given: columns to leave out of every program that is loaded.
  /// - Throws: `LPError` if this build lacks the library, or memory ran out.
  package init(_ library: SolverLibrary, given: [GivenColumn]) throws(LPError) {
    inner = try ChosenSolver(library)
    self.given = given
  }

  /// Loads a program.
  ///
  /// - Parameters:
  ///   - model: the whole program.
  ///   - firstColumn: where the given columns count from.
  /// - Throws: `LPError` if the library takes no such program.
  package mutating func load(_ model: LPModelView, firstColumn: Int) throws(LPError) {
    guard !given.isEmpty else { return try inner.load(model) }
    whole.take(model, given: given, firstColumn: firstColumn)
    try inner.load(whole.reduced)
  }

  /// Frees the memory of the current LP; `load` comes next.
  package mutating func unload() {
    inner.unload()
    if !given.isEmpty { whole = WholeLP() }
  }

  /// Appends rows of the whole program given row-major, as `LPSolver` says.
  package mutating func addRows(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>
  ) throws(LPError) {
    guard !given.isEmpty else {
      return try inner.addRows(lower: lower, upper: upper, starts: starts, columns: columns, values: values)
    }
    let added = whole.append(lower: lower, upper: upper, starts: starts, columns: columns, values: values)
    try inner.addRows(
      lower: lower, upper: upper, starts: added.starts, columns: added.columns, values: added.values)
  }

  /// Sets the status of every column of the whole program, then of every row.
  ///
  /// A basis that has more or fewer basic members without the columns left out is not taken over.
  package mutating func setBasis(_ status: UnsafePointer<UInt8>) {
    guard !given.isEmpty else { return inner.setBasis(status) }
    if let left = whole.reduce(status) { inner.setBasis(left) }
  }

  /// Status of every column of the whole program, then of every row.
  package var basis: UnsafePointer<UInt8> {
    given.isEmpty ? inner.basis : whole.expand(inner.basis)
  }

  /// Minimises, as `LPSolver` says.
  package mutating func solve(_ start: LPStart) throws(LPError) {
    guard !given.isEmpty else { return try inner.solve(start) }
    guard whole.fix(given, into: inner.arrays) else {
      throw LPError(.notSolved, detail: "a state that a row alone sets is not a number")
    }
    try inner.solve(start)
    whole.read(inner.arrays, given)
  }

  /// The whole program and its solution.
  package var arrays: LPArrays { given.isEmpty ? inner.arrays : whole.arrays }
  package var rowLower: UnsafeMutablePointer<Double> { arrays.rowLower }
  package var rowUpper: UnsafeMutablePointer<Double> { arrays.rowUpper }
  package var columnLower: UnsafeMutablePointer<Double> { arrays.columnLower }
  package var columnUpper: UnsafeMutablePointer<Double> { arrays.columnUpper }
  package var columnValues: UnsafePointer<Double> { arrays.columnValues }
  package var rowDuals: UnsafePointer<Double> { arrays.rowDuals }

  /// As `LPSolver` says.
  package var dualityGap: Double { inner.dualityGap }
  package var ladder: RetryLadder {
    get { inner.ladder }
    set { inner.ladder = newValue }
  }

  /// Writes the LP as the library got it in MPS format, and returns false if that failed.
  package func writeMPS(to path: String) -> Bool { inner.writeMPS(to: path) }
}
