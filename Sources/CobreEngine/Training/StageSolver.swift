/// Solves the program of one stage for one incoming state and several openings, with cuts added as they are needed.
///
/// A unit of work is `begin` followed by `solve` for its openings in a fixed order. `begin` builds a fresh solver
/// object, so the results of a unit depend on the unit, the pool and its warm start alone. Cuts outside the program are
/// evaluated at each solution; violated ones join and the program is solved again, so every solution respects all cuts.
///
/// An instance belongs to one thread at a time.
package final class StageSolver<Solver: LPSolver & ~Copyable> {
  package let template: StageTemplate
  private var solver: Solver
  private var assembly: StageAssembly

  /// Linear programs solved so far, rounds that only added cuts included.
  package private(set) var solveCount = 0
  /// Minimum including the discounted future, in $, of the last solve.
  package private(set) var objective = 0.0
  /// Value of the future cost column, in $ of the next stage, of the last solve.
  package private(set) var futureCost = 0.0

  private var isHot = false
  private let outgoing: FixedBuffer<Double>
  private let incoming: FixedBuffer<Double>
  private var poolValues: FixedBuffer<Double>
  /// Bounds of every row before noise: template plus incoming state.
  private let rowShift: FixedBuffer<Double>
  private let costColumns: [Int]
  private let noisePosition: [Int?]
  private let guess: FixedBuffer<Double>
  /// How many cuts join for each guessed outgoing state: measured.
  private static var cutsPerGuess: Int { 2 }
  private var lastOpening = 0
  /// How many violated cuts join at a time: measured best at 1 for small states, 5 for large ones.
  private let cutsPerRound: Int

  package init(template: StageTemplate) throws(LPError) {
    self.template = template
    solver = try Solver()
    assembly = StageAssembly(template: template)
    outgoing = FixedBuffer(capacity: template.stateDimension, filledWith: 0)
    incoming = FixedBuffer(capacity: template.stateDimension, filledWith: 0)
    poolValues = FixedBuffer(capacity: CutPool.lanes, filledWith: 0)
    rowShift = FixedBuffer(capacity: template.model.rowCount, filledWith: 0)
    noisePosition = template.noisePositionOfComponent
    guess = FixedBuffer(capacity: template.stateDimension, filledWith: 0)
    costColumns = template.model.objective.indices.filter { template.model.objective[$0] != 0 }
    cutsPerRound = template.stateDimension > 64 ? 5 : 1
  }

  /// Solves that needed more than a plain first attempt.
  package var retryCount: Int { solver.retries }

  /// Stage cost C_t = optimum − discounted future, in $, of the last solve.
  package var stageCost: Double { objective - template.discountFactor * futureCost }

  /// Outgoing state of the last solve.
  package var outgoingState: UnsafePointer<Double> { UnsafePointer(outgoing.base) }

  /// Primal values by column, of the last solve, in natural units except money.
  package var columnValues: UnsafePointer<Double> { solver.columnValues }
  /// Duals by row, of the last solve, times `StageTemplate.objectiveScale`.
  package var rowDuals: UnsafePointer<Double> { solver.rowDuals }

  /// Starts a unit.
  ///
  /// - Parameters:
  ///   - state: incoming state, `stateDimension` values.
  ///   - extraCut: a cut that joins the program although the warm start does not hold it.
  package func begin(
    state: UnsafePointer<Double>, pool: CutPool?, start: borrowing WarmStart, openings: Range<Int>,
    extraCut: Int? = nil
  ) throws(LPError) {
    incoming.base.update(from: state, count: template.stateDimension)
    for row in 0..<template.model.rowCount { rowShift.base[row] = 0 }
    for coupling in template.couplings {
      rowShift.base[coupling.row] += coupling.coefficient * state[coupling.component]
    }
    assembly.begin(pool: pool, start: start, extraCut: extraCut, basicStatus: Solver.basicStatus)
    if let pool, pool.count > 0, !start.release.isEmpty {
      for opening in openings { joinCuts(of: pool, at: opening, release: start.release) }
    }
    assembly.finish(pool: pool)
    for coupling in template.couplings { assembly.setRow(coupling.row, shift: rowShift.base[coupling.row]) }
    try solver.load(assembly.view)
    if let status = assembly.status { solver.setBasis(status) }
    isHot = false
  }

  /// Solves the unit's program for one opening.
  package func solve(opening: Int, pool: CutPool?) throws(LPError) {
    patch(opening: opening)
    lastOpening = opening
    while true {
      try solver.solve(isHot ? .hot : .changed)
      solveCount += 1
      isHot = true
      readSolution()
      guard let pool, pool.count > 0, try addViolatedCuts(of: pool) else { return }
      isHot = false
    }
  }

  /// Adds the slopes of the optimum in the incoming state, in $ per unit, times `weight`, to `slopes`.
  package func addSlopes(weight: Double, to slopes: UnsafeMutablePointer<Double>) {
    let duals = solver.rowDuals
    let factor = weight / StageTemplate.objectiveScale
    for coupling in template.couplings {
      slopes[coupling.component] += factor * (coupling.coefficient * duals[coupling.row])
    }
  }

  /// Remembers which cuts bind in the last solve; `store` keeps those.
  package func markBindingCuts() {
    assembly.markBinding(duals: solver.rowDuals)
  }

  /// Writes the basis at hand, and the cuts worth starting from, into the unit's warm start.
  ///
  /// - Parameter onlyMarked: drops cuts that were not marked since `begin` and are slack now.
  package func store(into start: inout WarmStart, onlyMarked: Bool) {
    assembly.store(basis: solver.basis, into: &start, onlyMarked: onlyMarked, basicStatus: Solver.basicStatus)
    start.release.removeAll(keepingCapacity: true)
    for component in 0..<template.stateDimension {
      start.release.append(arrival(component, opening: lastOpening) - outgoing[component])
    }
  }

  /// Incoming state plus what noise adds to it.
  private func arrival(_ component: Int, opening: Int) -> Double {
    guard let position = noisePosition[component] else { return incoming[component] }
    return incoming[component] + template.noiseRowShifts[opening * template.noiseRows.count + position]
  }

  /// Lets the cuts join that are highest where the outgoing state is expected.
  private func joinCuts(of pool: CutPool, at opening: Int, release: [Double]) {
    for component in 0..<template.stateDimension {
      let column = template.firstStateColumn + component
      let value = arrival(component, opening: opening) - release[component]
      guess[component] = min(max(value, template.model.columnLower[column]), template.model.columnUpper[column])
    }
    poolValues.reserve(pool.evaluationCount, filledWith: 0)
    pool.evaluate(at: guess.base, into: poolValues.base)
    assembly.joinHighest(
      values: poolValues.base, count: pool.count, limit: Self.cutsPerGuess, basicStatus: Solver.basicStatus)
  }

  /// Writes the program at hand in MPS form; false where that failed.
  package func writeMPS(to path: String) -> Bool { solver.writeMPS(to: path) }

  private func patch(opening: Int) {
    let rows = template.noiseRows.count
    let lower = solver.rowLower
    let upper = solver.rowUpper
    for position in 0..<rows {
      let row = template.noiseRows[position]
      let shift = rowShift.base[row] + template.noiseRowShifts[opening * rows + position]
      lower[row] = template.model.rowLower[row] + shift
      upper[row] = template.model.rowUpper[row] + shift
    }
    let columns = template.noiseColumns.count
    guard columns > 0 else { return }
    let columnUpper = solver.columnUpper
    for position in 0..<columns {
      columnUpper[template.noiseColumns[position]] = template.noiseColumnUppers[opening * columns + position]
    }
  }

  private func readSolution() {
    let values = solver.columnValues
    var sum = 0.0
    for column in costColumns { sum += template.model.objective[column] * values[column] }
    objective = sum / StageTemplate.objectiveScale
    futureCost = values[template.futureCostColumn] / StageTemplate.objectiveScale
    outgoing.base.update(from: values + template.firstStateColumn, count: template.stateDimension)
  }

  /// Adds the most violated cuts that are not in the program; false where none is violated.
  private func addViolatedCuts(of pool: CutPool) throws(LPError) -> Bool {
    poolValues.reserve(pool.evaluationCount, filledWith: 0)
    pool.evaluate(at: outgoing.base, into: poolValues.base)
    let tolerance = 1e-10 * max(1, abs(futureCost))
    let added = assembly.collectViolated(
      values: poolValues.base, count: pool.count, above: futureCost + tolerance, limit: cutsPerRound)
    guard added > 0 else { return false }
    assembly.appendRows(of: pool, count: added)
    try solver.addRows(
      lower: assembly.newLower(added), upper: assembly.newUpper(added), starts: assembly.newStarts,
      columns: assembly.newColumns, values: assembly.newValues)
    return true
  }
}
