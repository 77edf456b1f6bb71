/// Limits of a linear program that contradict each other, while without any one of them the others can be met: an
/// irreducible infeasible set (Chinneck, Dravnieks 1991).
///
/// An elastic LP, in which rows may be missed at a price, gives a first set: the limits with a dual there prove that
/// not all of them can be met (Gleeson, Ryan 1990). The deletion filter then leaves out one limit after the other as
/// long as the rest still contradicts itself. That no column is negative is taken for granted, and never part of the
/// set.
package struct IrreducibleSet: Sendable, Equatable {
  package enum Limit: Sendable, Hashable {
    /// Both bounds of a row.
    case row(Int)
    case columnLower(Int)
    case columnUpper(Int)

    /// Rows first, in order of position.
    fileprivate var order: (Int, Int) {
      switch self {
      case .row(let index): (0, index)
      case .columnLower(let index): (1, index)
      case .columnUpper(let index): (2, index)
      }
    }
  }

  package let limits: [Limit]

  /// Searches a program; nil where it has a feasible point after all.
  ///
  /// - Parameters:
  ///   - model: a program without a feasible point; its objective does not matter.
  ///   - isLate: asked before each LP; ends the search.
  /// - Throws: `LPError` where an LP is neither solved nor infeasible, or the search was ended.
  package init?(of model: LPModel, isLate: () -> Bool = { false }) throws(LPError) {
    var plain = model
    plain.objective = .init(repeating: 0, count: model.columnCount)
    let all = Set(Self.limits(of: plain))
    guard try !Self.isFeasible(plain, all) else { return nil }
    var kept = try Self.proof(of: plain).intersection(all)
    // Tolerances may have hidden a limit of the proof.
    if try Self.isFeasible(plain, kept) { kept = all }
    for limit in kept.sorted(by: { $0.order < $1.order }) {
      if isLate() { throw LPError(.notSolved, detail: "the search for the smallest set took too long") }
      let fewer = kept.subtracting([limit])
      if try !Self.isFeasible(plain, fewer) { kept = fewer }
    }
    limits = kept.sorted { $0.order < $1.order }
  }

  /// All limits of a program but that a column is not negative.
  private static func limits(of model: LPModel) -> [Limit] {
    let rows = (0..<model.rowCount).filter { model.rowLower[$0].isFinite || model.rowUpper[$0].isFinite }
    let lower = (0..<model.columnCount).filter { model.columnLower[$0].isFinite && model.columnLower[$0] != 0 }
    let upper = (0..<model.columnCount).filter { model.columnUpper[$0].isFinite }
    return rows.map { .row($0) } + lower.map { .columnLower($0) } + upper.map { .columnUpper($0) }
  }

  /// The program with some of its limits only.
  package static func restricted(_ model: LPModel, to limits: Set<Limit>) -> LPModel {
    var model = model
    for row in 0..<model.rowCount where !limits.contains(.row(row)) {
      model.rowLower[row] = -.infinity
      model.rowUpper[row] = .infinity
    }
    for column in 0..<model.columnCount {
      if model.columnLower[column] != 0, !limits.contains(.columnLower(column)) {
        model.columnLower[column] = model.columnLower[column] > 0 ? 0 : -.infinity
      }
      if !limits.contains(.columnUpper(column)) { model.columnUpper[column] = .infinity }
    }
    return model
  }

  private static func isFeasible(_ model: LPModel, _ limits: Set<Limit>) throws(LPError) -> Bool {
    do {
      _ = try restricted(model, to: limits).solved()
      return true
    } catch {
      guard error.code == .infeasible else { throw error }
      return false
    }
  }

  /// The limits with a dual in the LP of the least sum by which rows are missed.
  private static func proof(of model: LPModel) throws(LPError) -> Set<Limit> {
    var elastic = model
    for row in 0..<model.rowCount {
      for sign in [1.0, -1.0] {
        elastic.columnLower.append(0)
        elastic.columnUpper.append(.infinity)
        elastic.objective.append(1)
        elastic.rowIndices.append(Int32(truncatingIfNeeded: row))
        elastic.values.append(sign)
        elastic.starts.append(Int32(truncatingIfNeeded: elastic.values.count))
      }
    }
    let duals = try elastic.solved().rowDuals
    var limits = Set((0..<model.rowCount).filter { abs(duals[$0]) > 1e-9 }.map { Limit.row($0) })
    for column in 0..<model.columnCount {
      var reduced = 0.0
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        reduced -= duals[Int(model.rowIndices[entry])] * model.values[entry]
      }
      if reduced > 1e-9 { limits.insert(.columnLower(column)) }
      if reduced < -1e-9 { limits.insert(.columnUpper(column)) }
    }
    return limits
  }
}
