internal import CobreCase

/// Solves the LP of one stage for one incoming state and several openings, with cuts and columns added as needed.
///
/// A unit of work is `begin` followed by `solve` for its openings in a fixed order. `begin` builds a fresh solver
/// object, so the results of a unit depend on the unit, the pool and its warm start alone. Cuts and lazy rows outside
/// the program are evaluated at each solution and columns outside it are priced; what is violated joins and the program
/// is solved again, so every solution is optimal for the whole program with all rows and cuts.
///
/// An instance belongs to one thread at a time, and no method is called from inside another one's closure: what loops
/// read and write is not checked for overlapping accesses while it runs, which took 2 % of a training.
package final class StageSolver {
  package let template: StageLPTemplate
  @exclusivity(unchecked) private(set) var solver: ReducedSolver
  @exclusivity(unchecked) private(set) var assembly: LoadedStageLP
  private let cutRows: CutRows

  /// Linear programs solved so far, rounds that only added rows or columns included.
  @exclusivity(unchecked) package private(set) var solveCount = 0
  /// Minimum including the discounted future, in $, of the last solve.
  @exclusivity(unchecked) package private(set) var objective = 0.0
  /// What no optimum of the last solve is below, in $: `objective`, less what the solver's dual solution does not
  /// confirm.
  package var provenObjective: Double { objective - solver.dualityGap / StageLPTemplate.objectiveScale }
  /// Future cost under the stage's risk measure, in $ of the next stage, of the last solve.
  @exclusivity(unchecked) package private(set) var futureCost = 0.0

  /// MW/(m³/s) of the plants with linearized head, by plant, as `setHeads` left them.
  package private(set) var headProductivities: [Int: Double] = [:]

  /// Prices of the last solve in $/MWh, by process.
  private let prices: FixedBuffer<Double>
  /// The outgoing state of a stage with prices, whose columns hold slopes in them.
  private let leaving: FixedBuffer<Double>
  /// θ of the last solve in $, without what slopes in prices add.
  @exclusivity(unchecked) private var cutCost = 0.0
  /// Where storages may end the stage, or nil for all of their range.
  @exclusivity(unchecked) private var region: TrialRegion.Box?
  /// Whether a program of the unit has been solved, so that the next one starts from its basis.
  @exclusivity(unchecked) private var hasSolved = false

  @exclusivity(unchecked) private var isHot = false
  @exclusivity(unchecked) private var lastOpening = 0
  private let values: FixedBuffer<Double>
  private let incoming: FixedBuffer<Double>
  private let guess: FixedBuffer<Double>
  @exclusivity(unchecked) private var poolValues: FixedBuffer<Double>
  /// What incoming state and columns outside the program add to the bounds of each row.
  let rowShift: FixedBuffer<Double>
  /// What past inflows add to each inflow that is truncated at 0, in the order of the template.
  private let truncatedLags: FixedBuffer<Double>
  private let sampleBounds: SampleBounds
  private let costColumns: [Int]
  /// How many violated cuts are added at a time.
  ///
  /// 3, or 5 for more than 64 components; with multi-cut one for each future cost, up to 16. Measured.
  private let cutsPerRound: Int
  /// How many cuts join for each guessed outgoing state: measured.
  private static var cutsPerGuess: Int { 2 }

  /// - Parameters:
  ///   - template: the program of the stage.
  ///   - retrying: how a solve that fails is tried again.
  /// - Throws: `LPError` where the solver has no memory.
  package init(template: StageLPTemplate, retrying: RetryRules = RetryRules()) throws(LPError) {
    self.template = template
    solver = try ReducedSolver(template.library, given: template.givenColumns)
    solver.ladder.rules = retrying
    assembly = LoadedStageLP(template: template)
    values = FixedBuffer(capacity: template.model.columnCount, filledWith: 0)
    incoming = FixedBuffer(capacity: template.stateDimension, filledWith: 0)
    guess = FixedBuffer(capacity: template.stateDimension, filledWith: 0)
    poolValues = FixedBuffer(capacity: CutPool.lanes, filledWith: 0)
    rowShift = FixedBuffer(capacity: template.model.rowCount, filledWith: 0)
    truncatedLags = FixedBuffer(capacity: template.truncations.count, filledWith: 0)
    sampleBounds = SampleBounds(template: template)
    prices = FixedBuffer(capacity: template.prices.components.count, filledWith: 0)
    leaving = FixedBuffer(capacity: template.prices.isEmpty ? 0 : template.stateDimension, filledWith: 0)
    costColumns = template.model.objective.indices.filter { template.model.objective[$0] != 0 }
    cutsPerRound = max(template.stateDimension > 64 ? 5 : 3, min(template.futureCount, 16))
    cutRows = CutRows(limit: cutsPerRound, dimension: template.stateDimension)
  }

  /// Solves that needed more than a plain first attempt.
  package var retryCount: Int { solver.ladder.retries }

  /// Stage cost C_t = optimum − discounted future, in $, of the last solve.
  package var stageCost: Double { objective - template.discountFactor * futureCost }

  /// Outgoing state of the last solve.
  package var outgoingState: UnsafePointer<Double> {
    template.prices.isEmpty ? cutPoint : UnsafePointer(leaving.base)
  }

  /// Where the last solve met the cuts: its outgoing state, with the slopes in prices instead of the prices.
  var cutPoint: UnsafePointer<Double> { UnsafePointer(values.base + template.firstStateColumn) }

  /// Price of a process in the last solve, in $/MWh.
  package func price(_ process: Int) -> Double { prices[process] }

  /// Primal values by column of the template, of the last solve, in natural units except money.
  package var columnValues: UnsafePointer<Double> { UnsafePointer(values.base) }
  /// Duals by row of the template, lazy rows left out, of the last solve, times `StageLPTemplate.objectiveScale`.
  package var rowDuals: UnsafePointer<Double> { solver.rowDuals }

  /// Starts a unit.
  ///
  /// - Parameters:
  ///   - state: incoming state, `stateDimension` values.
  ///   - pool: the cuts on the future, or nil after the last stage.
  ///   - start: basis and cuts to start from.
  ///   - openings: those the unit is going to solve, for which useful cuts are guessed.
  ///   - extraCuts: cuts that join the program although the warm start does not hold them.
  ///   - region: where storages may end the stage; given up where the program has no solution there.
  /// - Throws: `LPError` where the solver has no memory.
  package func begin(
    state: UnsafePointer<Double>, pool: CutPool?, start: borrowing WarmStart, openings: Range<Int>,
    extraCuts: Range<Int>? = nil, region: TrialRegion.Box? = nil
  ) throws(LPError) {
    self.region = region
    incoming.base.update(from: state, count: template.stateDimension)
    for (index, truncation) in template.truncations.enumerated() {
      var sum = 0.0
      for lag in truncation.lags { sum += lag.coefficient * incoming[lag.component] }
      truncatedLags[index] = sum
    }
    hasSolved = false
    shiftRows()
    assembly.begin(pool: pool, start: start)
    // A warm start holds the rows that bound last time: guesses would mostly be slack, and rows cost pivots.
    if !template.lazyRows.isEmpty, !assembly.hasBasis { guessLazyRows() }
    let known = assembly.cuts.count
    if let extraCuts { for cut in extraCuts where !assembly.cuts.contains(cut) { assembly.cuts.join(cut) } }
    if let pool, pool.count > 0, !start.release.isEmpty {
      for opening in openings { joinCuts(of: pool, at: opening, release: start.release) }
    }
    assembly.completeBasis(from: known)
    try load(pool: pool)
  }

  /// Gives the plants with linearized head the productivity at their volume, for the units that begin from now on.
  ///
  /// - Parameter volume: hm³ by index of the plant.
  package func setHeads(volume: (Int) -> Double) {
    for plant in template.headPlants {
      let productivity = plant.line.productivity(at: volume(plant.hydro))
      headProductivities[plant.hydro] = productivity
      for term in plant.terms { assembly.setCoreEntry(term.entry, term.fixed + term.factor * productivity) }
      for column in plant.columns { assembly.setCoreUpper(column, plant.turbinedLimit(productivity)) }
    }
  }

  /// Takes over noise that is not an opening.
  ///
  /// It counts as the opening after the last one.
  package func take(_ sample: NoiseSample) { sampleBounds.take(sample, rows: template.noiseRows.count) }

  /// Solves the unit's LP for one opening.
  ///
  /// - Parameters:
  ///   - opening: index of the opening, or the number of openings for the sample taken last.
  ///   - pool: as given to `begin`.
  /// - Throws: `LPError` if there is no optimum.
  package func solve(opening: Int, pool: CutPool?) throws(LPError) {
    if !template.prices.isEmpty { try setPrices(opening: opening, pool: pool) }
    patch(opening: opening)
    lastOpening = opening
    while true {
      do throws(LPError) {
        try solver.solve(isHot ? .hot : .changed)
      } catch {
        // Whatever it was, without the box it comes again and is thrown, or it does not matter.
        guard region != nil else { throw error }
        region = nil
        try load(pool: pool)
        patch(opening: opening)
        continue
      }
      solveCount += 1
      isHot = true
      hasSolved = true
      var isComplete = !assembly.windows.grow(prices: solver.rowDuals)
      if isComplete {
        readSolution()
        isComplete = assembly.joinViolatedRows(at: values.base, shifts: rowShift.base) == 0
      }
      guard isComplete else {
        assembly.capture(solver.basis)
        try load(pool: pool)
        patch(opening: opening)
        continue
      }
      guard let pool, pool.count > 0, try addViolatedCuts(of: pool) else { return }
      isHot = false
    }
  }

  /// Adds the slopes of the optimum in the incoming state, in $ per unit, times `weight`, to `slopes`.
  package func addSlopes(weight: Double, to slopes: UnsafeMutablePointer<Double>) {
    let duals = solver.rowDuals
    let factor = weight / StageLPTemplate.objectiveScale
    for coupling in template.couplings {
      // A row outside the program is slack.
      guard let row = assembly.programRow(coupling.row) else { continue }
      slopes[coupling.component] += factor * (coupling.coefficient * duals[row])
    }
  }

  /// Remembers which cuts and lazy rows bind in the last solve; `store` keeps those.
  package func markBindingRows() { assembly.markBinding(duals: solver.rowDuals) }

  /// Adds 1 to the count of every cut whose dual in the last solve exceeds a tolerance.
  package func countTightCuts(above tolerance: Double, into counts: UnsafeMutablePointer<Int64>) {
    let duals = solver.rowDuals + assembly.templateRows
    for position in 0..<assembly.cuts.count where duals[position] > tolerance { counts[assembly.cuts[position]] += 1 }
  }

  /// Writes the current basis, and the cuts worth starting from, into the unit's warm start.
  ///
  /// - Parameters:
  ///   - start: what the unit starts from next time.
  ///   - onlyMarked: drops cuts and lazy rows that were not marked since `begin` and are slack now.
  package func store(into start: inout WarmStart, onlyMarked: Bool) {
    assembly.capture(solver.basis)
    assembly.store(into: &start, onlyMarked: onlyMarked)
    start.release.removeAll(keepingCapacity: true)
    for component in 0..<template.stateDimension {
      start.release.append(arrival(component, opening: lastOpening) - cutPoint[component])
    }
  }

  /// Frees the solver object, which is many times the rest in size, until the next unit begins.
  ///
  /// What the last solve left is no longer to be read.
  package func rest() { solver.unload() }

  /// Writes the current LP in MPS format, and returns false if that failed.
  package func writeMPS(to path: String) -> Bool { solver.writeMPS(to: path) }

  /// Computes what the incoming state adds to the bounds of rows.
  private func shiftRows() {
    for row in 0..<template.model.rowCount { rowShift[row] = 0 }
    for coupling in template.couplings {
      rowShift[coupling.row] += coupling.coefficient * incoming[coupling.component]
    }
  }

  /// Lets lazy rows join that a first solution is likely to violate: the tightest at the state as it comes in, with all
  /// flows at their limits, then at half of them.
  private func guessLazyRows() {
    for share in [1.0, 0.5] {
      for column in 0..<template.model.columnCount {
        let (lower, upper) = (template.model.columnLower[column], template.model.columnUpper[column])
        let least = lower > -.infinity ? lower : 0
        values[column] = upper < .infinity ? least + share * (upper - least) : least
      }
      let firstState = template.firstStateColumn
      for component in 0..<template.stateDimension { values[firstState + component] = incoming[component] }
      assembly.joinTightestRows(at: values.base, shifts: rowShift.base)
    }
  }

  /// Builds a fresh solver object with the rows, cuts and windows at hand.
  private func load(pool: CutPool?) throws(LPError) {
    shiftRows()
    for stack in 0..<assembly.windows.count {
      rowShift[assembly.windows.row(stack)] -= assembly.windows.impliedSupply(stack)
    }
    assembly.assemble(pool: pool, shifts: rowShift.base)
    try solver.load(assembly.view, firstColumn: assembly.firstStateColumn)
    if assembly.hasBasis { solver.setBasis(assembly.status) }
    isHot = false
  }

  /// Moves the bounds that noise moves.
  private func patch(opening: Int) {
    if let region { confine(to: region, opening: opening) }
    let rows = template.noiseRows.count
    let lower = solver.rowLower
    let upper = solver.rowUpper
    for position in 0..<rows {
      let row = template.noiseRows[position]
      let shift = rowShift[row] + noiseShift(position, opening: opening)
      lower[row] = template.model.rowLower[row] + shift
      upper[row] = template.model.rowUpper[row] + shift
    }
    for (index, truncation) in template.truncations.enumerated() {
      let innovation = isSample(opening) ? sampleBounds.innovations[index] : truncation.innovations[opening]
      let inflow = innovation + truncatedLags[index]
      if let column = truncation.column { solver.columnUpper[column] = max(0, -inflow) }
      guard inflow < 0 else { continue }
      for entry in truncation.rows {
        lower[entry.row] -= entry.coefficient * inflow
        upper[entry.row] -= entry.coefficient * inflow
      }
    }
    let columns = template.noiseColumns.count
    guard columns > 0 else { return }
    let columnUpper = solver.columnUpper
    for position in 0..<columns {
      columnUpper[template.noiseColumns[position]] =
        isSample(opening) ? sampleBounds.uppers[position] : template.noiseColumnUppers[opening * columns + position]
    }
    for position in template.mustRunPositions {
      let column = template.noiseColumns[position]
      solver.columnLower[column] = columnUpper[column]
    }
  }

  /// Keeps the storages at the end of the stage in a box, which begins no further up than the water that is there.
  private func confine(to region: TrialRegion.Box, opening: Int) {
    let (lower, upper) = (solver.columnLower, solver.columnUpper)
    for (hydro, centre) in region.centre.enumerated() {
      let own = template.firstStateColumn + hydro
      let (least, most) = (template.model.columnLower[own], template.model.columnUpper[own])
      guard least < most, least > -.infinity, most < .infinity else { continue }
      let middle = min(max(centre, least), most)
      let reach = region.share * (most - least)
      lower[assembly.firstStateColumn + hydro] = max(least, min(middle - reach, arrival(hydro, opening: opening)))
      upper[assembly.firstStateColumn + hydro] = min(most, middle + reach)
    }
  }

  private func isSample(_ opening: Int) -> Bool { opening >= template.openingCount }

  /// What noise adds to the bounds of a noise row.
  private func noiseShift(_ position: Int, opening: Int) -> Double {
    isSample(opening)
      ? sampleBounds.shifts[position] : template.noiseRowShifts[opening * template.noiseRows.count + position]
  }

  private func readSolution() {
    assembly.scatter(solver.columnValues, into: values.base)
    var sum = 0.0
    for column in costColumns { sum += template.model.objective[column] * values[column] }
    objective = sum / StageLPTemplate.objectiveScale
    guard template.futureCount > 1 else {
      futureCost = values[template.futureCostColumn] / StageLPTemplate.objectiveScale
      cutCost = futureCost
      if !template.prices.isEmpty { readPrices() }
      return
    }
    var discounted = 0.0
    for column in template.futureCostColumn..<template.model.columnCount {
      discounted += template.model.objective[column] * values[column]
    }
    futureCost = discounted / template.discountFactor / StageLPTemplate.objectiveScale
    cutCost = futureCost
  }

  /// Loads the program again with the prices of an opening, starting from the basis at hand.
  private func setPrices(opening: Int, pool: CutPool?) throws(LPError) {
    let terms = template.prices
    for (process, component) in terms.components.enumerated() {
      let innovation =
        isSample(opening) ? sampleBounds.prices[process] : terms.innovation(process, opening: opening)
      prices[process] = terms.price(process, after: incoming[component], innovation: innovation)
    }
    for term in terms.terms {
      let cost = term.factor * prices[term.process] * StageLPTemplate.objectiveScale
      assembly.setObjective(term.column, template.model.objective[term.column] + cost)
    }
    if hasSolved { assembly.capture(solver.basis) }
    try load(pool: pool)
  }

  /// Adds what prices cost to the optimum, and their slopes to the future cost; prices go on as outgoing state.
  private func readPrices() {
    for component in 0..<template.stateDimension { leaving[component] = cutPoint[component] }
    let terms = template.prices
    for term in terms.terms { objective += term.factor * prices[term.process] * values[term.column] }
    for (process, component) in terms.components.enumerated() {
      futureCost += cutPoint[component] * prices[process]
      leaving[component] = prices[process]
    }
  }

  /// Adds the most violated cuts that are not in the LP, and returns false if none is violated.
  private func addViolatedCuts(of pool: CutPool) throws(LPError) -> Bool {
    let tolerance = 1e-10 * max(1, abs(cutCost))
    let added: Int
    if pool.groups == 1 {
      added = assembly.cuts.joinViolated(
        of: pool, at: cutPoint, above: cutCost + tolerance, limit: cutsPerRound)
    } else {
      // Each cut bounds its own future cost: what counts is how far the cut is above that.
      poolValues.reserve(pool.evaluationCount, filledWith: 0)
      pool.evaluate(at: cutPoint, into: poolValues.base)
      for slot in 0..<pool.count {
        poolValues[slot] -= values[template.futureCostColumn + slot % pool.groups] / StageLPTemplate.objectiveScale
      }
      added = assembly.cuts.joinViolated(
        values: poolValues.base, count: pool.count, above: tolerance, limit: cutsPerRound)
    }
    guard added > 0 else { return false }
    cutRows.write(added, of: assembly.cuts, pool: pool, firstStateColumn: assembly.firstStateColumn)
    try solver.addRows(
      lower: cutRows.lower(added), upper: cutRows.upper(added), starts: cutRows.starts, columns: cutRows.columns,
      values: cutRows.values)
    return true
  }

  /// Incoming state plus what past inflows and noise add to it.
  private func arrival(_ component: Int, opening: Int) -> Double {
    var sum = 0.0
    let arrival = template.arrivals[component]
    for index in arrival.couplings {
      let coupling = template.couplings[index]
      sum += coupling.coefficient * incoming[coupling.component]
    }
    guard let position = arrival.noisePosition else { return sum }
    return sum + noiseShift(position, opening: opening)
  }

  /// Adds the cuts with the largest value at the expected outgoing state.
  private func joinCuts(of pool: CutPool, at opening: Int, release: [Double]) {
    for component in 0..<template.stateDimension {
      let column = template.firstStateColumn + component
      let value = arrival(component, opening: opening) - release[component]
      guess[component] = min(max(value, template.model.columnLower[column]), template.model.columnUpper[column])
    }
    guard pool.groups > 1 else {
      return assembly.cuts.joinHighest(of: pool, at: UnsafePointer(guess.base), limit: Self.cutsPerGuess)
    }
    poolValues.reserve(pool.evaluationCount, filledWith: 0)
    pool.evaluate(at: guess.base, into: poolValues.base)
    assembly.cuts.joinHighest(values: poolValues.base, count: pool.count, ofEach: pool.groups)
  }
}
