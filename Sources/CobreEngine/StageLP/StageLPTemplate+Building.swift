package import CobreCase

extension StageLPTemplate {
  /// Builds the LPs of all stages of a case.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - tree: the openings that move the bounds.
  ///   - stackMinimum: number of columns from which a supply stack pays.
  ///   - formulation: one cut per trial point, or one per opening.
  ///   - boundary: fixed cuts after the last stage.
  ///   - takesSamples: whether noise other than the openings will move the bounds too.
  ///   - fewestLazyPlanes: number of production planes of a stage from which they become lazy rows.
  /// - Returns: a template per stage.
  package static func all(
    study: StudyCase, tree: OpeningTree, stackMinimum: Int = 8, formulation: CutFormulation = .single,
    boundary: CutPool? = nil, takesSamples: Bool = false, fewestLazyPlanes: Int = LazyRows.fewest
  ) -> [StageLPTemplate] {
    let count = study.stages.count
    let cycleStart = study.graph.cycleStart(stages: count)
    var templates = study.stages.indices.map { stage in
      let next = study.graph.successors(of: stage)
      let probabilities = next.flatMap { arc in tree.stages[arc.stage].probabilities.map { arc.probability * $0 } }
      let future =
        study.hasFutureByOutcome(formulation, stage: stage) && !next.isEmpty
        ? FutureCosts(probabilities: probabilities, measure: study.stages[stage].riskMeasure) : .one
      return StageLPTemplate(
        study: study, stage: stage, openings: tree.stages[stage], process: tree.inflow,
        stackMinimum: stackMinimum, future: future, takesSamples: takesSamples, fewestLazyPlanes: fewestLazyPlanes)
    }
    templates.limitPrices(study)
    // From the end: the future costs at least what later stages can earn at most.
    var leastAtEnd = 0.0
    if let cycleStart {
      leastAtEnd = leastCostOfCycle(templates[cycleStart...])
    } else if let boundary, let last = templates.last {
      leastAtEnd = last.leastValue(of: boundary)
    }
    // What the time from each stage on costs at least.
    var from = [Double](repeating: 0, count: count)
    for stage in templates.indices.reversed() {
      let next = study.graph.successors(of: stage)
      // Leaves at the last time position share what follows the last stage.
      let isLast = study.position(of: stage) == study.position(of: count - 1)
      let least = isLast ? leastAtEnd : next.map { from[$0.stage] }.min() ?? 0
      let isEnd = next.isEmpty && (!isLast || boundary == nil)
      for column in templates[stage]
        .futureCostColumn..<(templates[stage].futureCostColumn + templates[stage].futureCount)
      {
        templates[stage].model.columnLower[column] = isEnd ? 0 : least * objectiveScale
        templates[stage].model.columnUpper[column] = isEnd ? 0 : .infinity
      }
      from[stage] = templates[stage].leastStageCost + templates[stage].discountFactor * least
    }
    return templates
  }

  /// The least cost of repeating a cycle forever, in $ of its first stage.
  private static func leastCostOfCycle(_ stages: ArraySlice<StageLPTemplate>) -> Double {
    var sum = 0.0
    var discount = 1.0
    for stage in stages {
      sum += discount * stage.leastStageCost
      discount *= stage.discountFactor
    }
    return sum == 0 ? 0 : sum / (1 - discount)
  }

  /// The best of the bounds that cuts give over the whole box of states.
  ///
  /// Unbounded components count as ±10⁶.
  private func leastValue(of cuts: CutPool) -> Double {
    (0..<cuts.count).map { slot in
      (0..<cuts.dimension).reduce(cuts.intercept(slot)) { sum, component in
        let slope = cuts.slope(slot, component)
        let lower = max(model.columnLower[firstStateColumn + component], -1e6)
        let upper = min(model.columnUpper[firstStateColumn + component], 1e6)
        return sum + min(slope * lower, slope * upper)
      }
    }.max() ?? 0
  }

  /// Builds the LP of one stage.
  ///
  /// The bounds of the future cost are still open.
  init(
    study: StudyCase, stage: Int, openings: StageOpenings, process: InflowProcess, stackMinimum: Int,
    future: FutureCosts, takesSamples: Bool, fewestLazyPlanes: Int
  ) {
    var layout = StageLPLayout(study: study, stage: stage)
    var program = StageLPBuilder(stateDimension: process.layout.dimension)
    program.addPumps(study, stage: stage, layout: &layout)
    let defersPlanes = Self.defersPlanes(study, stage: stage, future: future, fewest: fewestLazyPlanes)
    program.addHydros(study, stage: stage, defersPlanes: defersPlanes, layout: &layout)
    program.addInflowMemory(process, stage: stage)
    if process.layout.commitmentCounts.contains(where: { $0 > 0 }) {
      program.addCommitments(
        study, plan: CommitmentPlan(study: study), states: process.layout, stage: stage,
        layout: &layout)
    }
    if study.hydros.contains(where: \.travels) {
      program.addTransit(
        study, plan: TransitPlan(study: study), states: process.layout, stage: stage, layout: &layout
      )
    }
    program.limitVirtualInflows(study, stage: stage, process: process, layout: layout)
    program.addNetwork(study, stage: stage, layout: &layout)
    program.addBatteries(study, states: process.layout, stage: stage, layout: &layout)
    let coupledTerms = program.inflowTerms.count
    program.addGenericConstraints(study, stage: stage, states: process.layout, layout: &layout)
    program.coupleLags(process, stage: stage, from: coupledTerms)
    if defersPlanes {
      for hydro in study.hydros.indices where study.isPresent(stage: stage, hydro: hydro) {
        program.addProductionPlanes(study, stage: stage, hydro: hydro, layout: layout)
      }
    }
    var prices = program.priceTerms(
      study, stage: stage, openings: openings, layout: layout, components: process.layout.prices,
      firstState: program.cost.count, discount: study.discountFactor(stage: stage))
    let firstState = program.cost.count
    let order = program.columnOrder(
      balances: layout.loadBalance, priced: prices.terms.map(\.column).filter { $0 < firstState },
      minimum: stackMinimum)
    prices.moveColumns(to: order.position)
    layout.moveColumns(to: order.position)
    let blocks = layout.blocks
    for hydro in study.hydros.indices {
      layout.storage[hydro * blocks + blocks - 1] = program.cost.count + hydro
    }
    for (battery, component) in process.layout.batteries.enumerated() {
      layout.energy[battery * blocks + blocks - 1] = program.cost.count + component
    }

    self.stage = stage
    self.layout = layout
    self.prices = prices
    stateDimension = process.layout.dimension
    stacks = order.stacks
    firstStackColumn = order.coreCount
    firstStateColumn = program.cost.count
    discountFactor = study.discountFactor(stage: stage)
    futureCount = future.count
    lazyRows =
      defersPlanes
      ? LazyRows(groups: program.planeGroups, rowCount: program.rowLower.count)
      : LazyRows(none: program.rowLower.count + future.rowCount)
    couplings = program.couplings.sorted { ($0.row, $0.component) < ($1.row, $1.component) }
    arrivals = []
    probabilities = openings.probabilities
    tour = OpeningOrder(count: openings.count, values: [])
    truncations = []
    noiseRows = []
    noiseRowShifts = []
    noiseColumns = []
    mustRunPositions = []
    noiseColumnUppers = []
    let largest = study.sources.indices.map { source in
      (0..<openings.count).map { openings.availabilities[$0 * study.sources.count + source] }.max() ?? 0
    }
    leastStageCost = program.leastCost(largestAvailability: largest)
    headPlants = []
    model = LPModel()

    var shifts = Self.shifts(of: program, openings: openings, study: study)
    var uppers = Self.uppers(of: program, openings: openings, study: study)
    if process.truncatesBalances {
      truncations = program.raisedInflows(
        process, stage: stage, openings: openings, layout: layout,
        isPriced: study.configuration.inflowMethod.hasSlack, takesSamples: takesSamples)
    } else {
      truncations =
        program.truncations(process, stage: stage, openings: openings)
        + StageLPBuilder.virtualInflows(
          study, stage: stage, process: process, openings: openings, layout: layout, takesSamples: takesSamples)
    }
    let moved = Set(truncations.flatMap { $0.rows.map(\.row) })
    // What is the same in every opening becomes part of the LP itself.
    for (row, values) in shifts where !takesSamples && Set(values).count == 1 && !moved.contains(row) {
      program.shiftRow(row, by: values[0])
      shifts[row] = nil
    }
    var columnUpper = program.columnUpper
    for (column, values) in uppers {
      columnUpper[column] = values.max() ?? 0
      guard !takesSamples, Set(values).count == 1 else { continue }
      uppers[column] = nil
      if program.mustRunColumns.contains(column) { program.fixColumn(column, at: values[0]) }
    }
    noiseRows = shifts.keys.sorted()
    arrivals = Self.arrivals(
      couplings: couplings, noiseRows: noiseRows, storages: study.hydros.count, memoryRows: program.memoryRows,
      prices: process.layout.prices.count)
    let movedUppers = Dictionary(uniqueKeysWithValues: uppers.map { (order.position[$0.key], $0.value) })
    noiseColumns = movedUppers.keys.sorted()
    let mustRun = Set(program.mustRunColumns.map { order.position[$0] })
    mustRunPositions = noiseColumns.indices.filter { mustRun.contains(noiseColumns[$0]) }
    tour = OpeningOrder(
      count: openings.count,
      values: noiseRows.compactMap { shifts[$0] } + noiseColumns.compactMap { movedUppers[$0] }
        + truncations.map(\.innovations))
    noiseRowShifts = NumberTable(
      (0..<openings.count).flatMap { opening in noiseRows.map { shifts[$0]?[opening] ?? 0 } })
    noiseColumnUppers = NumberTable(
      (0..<openings.count).flatMap { opening in noiseColumns.map { movedUppers[$0]?[opening] ?? 0 } })
    if takesSamples { sampleTerms = sampleTerms(of: program, columnPosition: order.position) }
    model = Self.model(
      of: program, order: order, columnUpper: columnUpper, future: future, discountFactor: discountFactor)
    headPlants = Self.headPlants(of: program, order: order, model: model, study: study, layout: layout, stage: stage)
    givenColumns = GivenColumn.all(
      in: model, columns: firstStateColumn..<futureCostColumn, rows: 0..<lazyRows.rows.lowerBound)
  }

  /// Whether the production planes come after all other rows and are added to an LP only if they are violated.
  ///
  /// Not where rows of a risk measure come last, nor where the entries of some plants follow their head.
  private static func defersPlanes(_ study: StudyCase, stage: Int, future: FutureCosts, fewest: Int) -> Bool {
    guard future.rowCount == 0 else { return false }
    var planes = 0
    for hydro in study.hydros.indices where study.isPresent(stage: stage, hydro: hydro) {
      switch study.production(stage: stage, hydro: hydro).kind {
      case .linearizedHead: return false
      case .fpha: planes += study.planes(stage: stage, hydro: hydro).count
      default: continue
      }
    }
    return planes * study.stages[stage].blocks.count >= max(1, fewest)
  }

  /// Puts the columns into their final order, adds the future costs and scales money.
  private static func model(
    of program: StageLPBuilder, order: StageLPBuilder.ColumnOrder, columnUpper: [Double], future: FutureCosts,
    discountFactor: Double
  ) -> LPModel {
    let firstState = program.cost.count
    let states = program.stateLower.count
    let rows = program.rowLower.count
    let excessRows = [Double](repeating: 0, count: future.rowCount)
    return LPModel(
      columnLower: order.columns.map { program.columnLower[$0] } + program.stateLower + future.columnLower,
      columnUpper: order.columns.map { columnUpper[$0] } + program.stateUpper
        + [Double](repeating: .infinity, count: future.columnLower.count),
      objective: order.columns.map { program.cost[$0] * objectiveScale } + [Double](repeating: 0, count: states)
        + future.weights.map { discountFactor * $0 },
      rowLower: program.rowLower + excessRows,
      rowUpper: program.rowUpper + excessRows.map { _ in Double.infinity },
      entries: program.entries.map { entry in
        switch entry.column {
        case .index(let column): (entry.row, order.position[column], entry.value)
        case .state(let component): (entry.row, firstState + component, entry.value)
        }
      } + future.entries(firstRow: rows, firstColumn: firstState + states))
  }

  /// What each opening adds to the bounds of each row that inflow, load or available power enters.
  private static func shifts(
    of program: StageLPBuilder, openings: StageOpenings, study: StudyCase
  ) -> [Int: [Double]] {
    var shifts: [Int: [Double]] = [:]
    for opening in 0..<openings.count {
      for term in program.inflowTerms {
        let value = openings.inflows[opening * study.hydros.count + term.entity]
        shifts[term.row, default: .init(repeating: 0, count: openings.count)][opening] += term.coefficient * value
      }
      for term in program.loadTerms {
        let value = openings.loads[opening * study.buses.count + term.entity]
        shifts[term.row, default: .init(repeating: 0, count: openings.count)][opening] += term.coefficient * value
      }
      for term in program.sourceTerms {
        let value = openings.availabilities[opening * study.sources.count + term.entity]
        shifts[term.row, default: .init(repeating: 0, count: openings.count)][opening] += term.coefficient * value
      }
    }
    return shifts
  }

  /// Upper bound of each source column in each opening.
  private static func uppers(
    of program: StageLPBuilder, openings: StageOpenings, study: StudyCase
  ) -> [Int: [Double]] {
    var uppers: [Int: [Double]] = [:]
    for entry in program.sourceColumns {
      uppers[entry.column] = (0..<openings.count).map {
        entry.factor * openings.availabilities[$0 * study.sources.count + entry.source]
      }
    }
    return uppers
  }
}
