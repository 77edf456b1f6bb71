/// Where a solver keeps the current LP and its solution.
///
/// Valid until the next `load`, `unload`, `addRows` or the end of the solver. Bounds may be changed in place.
package struct LPArrays {
  package var rowLower: UnsafeMutablePointer<Double>
  package var rowUpper: UnsafeMutablePointer<Double>
  package var columnLower: UnsafeMutablePointer<Double>
  package var columnUpper: UnsafeMutablePointer<Double>
  package var columnValues: UnsafePointer<Double>
  /// Change of the optimum per unit of each row's bound.
  package var rowDuals: UnsafePointer<Double>
}

extension LPSolver where Self: ~Copyable {
  package var rowLower: UnsafeMutablePointer<Double> { arrays.rowLower }
  package var rowUpper: UnsafeMutablePointer<Double> { arrays.rowUpper }
  package var columnLower: UnsafeMutablePointer<Double> { arrays.columnLower }
  package var columnUpper: UnsafeMutablePointer<Double> { arrays.columnUpper }
  package var columnValues: UnsafePointer<Double> { arrays.columnValues }
  package var rowDuals: UnsafePointer<Double> { arrays.rowDuals }
}
