/// How much of the previous solve the next one starts from.
package enum LPStart: Sendable {
  /// Only the basis is kept: the first solve after loading, adding rows or setting a basis.
  case changed
  /// Only bounds have moved: factorisation and work areas are kept.
  case hot
}

/// A model in memory that its owner keeps alive and unchanged while it is being loaded.
package struct LPModelView {
  package var columnCount: Int
  package var rowCount: Int
  package var starts: UnsafePointer<Int32>
  package var rowIndices: UnsafePointer<Int32>
  package var values: UnsafePointer<Double>
  package var columnLower: UnsafePointer<Double>
  package var columnUpper: UnsafePointer<Double>
  package var objective: UnsafePointer<Double>
  package var rowLower: UnsafePointer<Double>
  package var rowUpper: UnsafePointer<Double>

  package init(
    columnCount: Int, rowCount: Int, starts: UnsafePointer<Int32>, rowIndices: UnsafePointer<Int32>,
    values: UnsafePointer<Double>, columnLower: UnsafePointer<Double>, columnUpper: UnsafePointer<Double>,
    objective: UnsafePointer<Double>, rowLower: UnsafePointer<Double>, rowUpper: UnsafePointer<Double>
  ) {
    self.columnCount = columnCount
    self.rowCount = rowCount
    self.starts = starts
    self.rowIndices = rowIndices
    self.values = values
    self.columnLower = columnLower
    self.columnUpper = columnUpper
    self.objective = objective
    self.rowLower = rowLower
    self.rowUpper = rowUpper
  }
}

/// A simplex solver that holds one linear program at a time.
///
/// Contract from one solve to the next: after `load` the results do not depend on anything solved before, bit for bit.
/// After `setBasis`, `addRows` or a change of bounds they depend only on what happened since `load`. Pointers handed
/// out are valid until the next `load`, `unload`, `addRows` or the end of the solver. An instance belongs to one thread
/// at a time.
package protocol LPSolver: ~Copyable {
  /// - Parameter library: the library, if the type has several.
  /// - Throws: `LPError` if this build lacks the library, or memory ran out.
  init(_ library: SolverLibrary) throws(LPError)

  mutating func load(_ model: LPModelView) throws(LPError)
  /// Frees the memory of the current LP.
  ///
  /// Pointers handed out are no longer valid, and `load` comes next.
  mutating func unload()
  /// Appends `lower.count` rows given row-major.
  ///
  /// They enter the basis as basic.
  mutating func addRows(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>) throws(LPError)

  /// Sets the status of every column, then of every row, as `basis` once gave it.
  mutating func setBasis(_ status: UnsafePointer<UInt8>)
  /// Status of every column, then of every row.
  var basis: UnsafePointer<UInt8> { get }

  /// Minimises.
  ///
  /// On return the solution is optimal within the tolerances. Failures climb a fixed ladder of retries first.
  mutating func solve(_ start: LPStart) throws(LPError)

  /// The program that was loaded and its solution.
  var arrays: LPArrays { get }
  /// By how much the objective of the last solve exceeds its dual one, below which no optimum lies.
  ///
  /// 0 for solvers whose every optimum is checked more closely than that would show.
  var dualityGap: Double { get }
  /// What is tried if the plain attempt fails, and how often that happened.
  var ladder: RetryLadder { get set }

  /// Writes the current LP in MPS format, and returns false if that failed.
  func writeMPS(to path: String) -> Bool
}

extension LPSolver where Self: ~Copyable {
  package var dualityGap: Double { 0 }
}

/// The statuses of columns and rows in a basis, in the coding of Clp whatever the library.
package enum BasisStatus {
  package static let basic: UInt8 = 1
  /// Outside the basis, at the upper or at the lower bound.
  package static let atUpper: UInt8 = 2
  package static let atLower: UInt8 = 3
  /// In a warm start alone: basic, of a lazy row that stands in the program all the same.
  package static let keptBasic: UInt8 = 0x41
  /// Outside the basis, with bounds that are equal.
  package static let fixed: UInt8 = 5
}

/// Why a linear program has no solution to offer.
package struct LPError: Error, Sendable, Equatable {
  package enum Code: String, Sendable {
    case infeasible
    case unbounded
    case notSolved
    case outOfMemory
    /// A value is not a number, or too large for the library.
    case outOfRange
    /// This build lacks the library.
    case notBuilt
  }
  package var code: Code
  /// What the library reported, for the log.
  package var detail: String

  package init(_ code: Code, detail: String) {
    self.code = code
    self.detail = detail
  }
}
