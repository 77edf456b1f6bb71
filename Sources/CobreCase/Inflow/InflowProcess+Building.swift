extension InflowProcess {
  /// The model that a case gives, or that its history does.
  package init(study: StudyCase) {
    assert(study.hasInflowModel, "Rules ask GivenCase.resolved for the case.")
    self.init(study: study, tables: InflowTables(study: study))
  }

  /// Turns statistics and standardised coefficients into the recursion in original units.
  init(study: StudyCase, tables: InflowTables) {
    let hydros = study.hydros.count
    let calendar = LagCalendar(study: study)
    let lookup = LagStatistics(study: study, tables: tables, calendar: calendar)
    var bases: [Double] = []
    var deviations: [Double] = []
    var coefficients: [[Double]] = []
    for stage in study.stages.indices {
      for hydro in 0..<hydros {
        let equation = Equation(stage: stage, hydro: hydro, lookup: lookup)
        bases.append(equation.base)
        deviations.append(equation.deviation)
        coefficients.append(equation.coefficients)
      }
    }
    let coarse = CoarseLags(coefficients, hydros: hydros, calendar: calendar)
    let counts = Self.lagCounts(coefficients, hydros: hydros, coarse: coarse)
    let observed = RecentInflow(study: study, calendar: calendar)
    let commitments = CommitmentPlan(study: study)
    let transit = TransitPlan(study: study)
    let layout = StateLayout(
      lagCounts: counts, hasSums: calendar.needsSums || observed.weights.contains { $0 > 0 },
      commitmentCounts: commitments.counts, transitCounts: transit.counts,
      batteries: study.batteries.count, prices: study.priceProcesses.count)
    var transitions: [[Transition]] = []
    var weights = observed.weights
    // Stages at the same time position start from the same shares.
    var laterWeights = weights
    for (stage, step) in calendar.steps.enumerated() {
      if stage > 0, study.opensPlace(stage) { weights = laterWeights }
      for hydro in 0..<hydros {
        guard counts[hydro] > 0 else {
          transitions.append([])
          continue
        }
        var rows = Self.transition(step, weight: weights[hydro], lags: counts[hydro], hasSum: layout.hasSums)
        if let shares = coarse.shares[stage] {
          Self.coarsen(&rows, shares.prefix(coarse.orders[hydro]), lags: counts[hydro])
        }
        transitions.append(rows)
        laterWeights[hydro] = step.isLast ? step.spill : weights[hydro] + step.weight
      }
    }
    self.init(
      layout: layout, calendar: calendar,
      truncates: study.configuration.inflowMethod.truncates
        && study.conventions.truncationRule == .inflow,
      truncatesBalances: study.configuration.inflowMethod.truncates
        && study.conventions.truncationRule == .balance,
      initialState: Self.initialState(study, layout, observed, commitments, transit), bases: bases,
      deviations: deviations,
      lagCoefficients: coefficients, memoryTransitions: transitions)
  }

  /// Lags of each plant: the largest order of any stage, and the lags from which later, longer periods are computed.
  private static func lagCounts(_ coefficients: [[Double]], hydros: Int, coarse: CoarseLags) -> [Int] {
    var counts = [Int](repeating: 0, count: hydros)
    for (index, list) in coefficients.enumerated() { counts[index % hydros] = max(counts[index % hydros], list.count) }
    for shares in coarse.shares.values {
      for hydro in 0..<hydros where counts[hydro] > 0 {
        counts[hydro] = max(counts[hydro], shares.prefix(coarse.orders[hydro]).joined().map(\.lag).max() ?? 0)
      }
    }
    return counts
  }

  /// The memory after a stage, by the components of the memory before it.
  ///
  /// - Parameters:
  ///   - step: the stage in its lag period.
  ///   - weight: share of the period that earlier stages and observations have filled.
  ///   - lags: number of lags.
  ///   - hasSum: whether the sum of the running period is a component.
  /// - Returns: one row for each component, lags first.
  private static func transition(
    _ step: LagCalendar.Step, weight: Double, lags: Int, hasSum: Bool
  ) -> [Transition] {
    func unit(_ component: Int) -> Transition {
      Transition(inflow: 0, memory: [.init(component: component, factor: 1)])
    }
    guard step.isLast else {
      var sum = unit(lags)
      sum.inflow = step.weight
      return (0..<lags).map(unit) + [sum]
    }
    let filled = weight + step.weight
    // A stage outside its period represents it if nothing else does.
    var newest = Transition(inflow: filled > 0 ? step.weight / filled : 1, memory: [])
    if hasSum, weight > 0 { newest.memory = [.init(component: lags, factor: 1 / filled)] }
    var rows = [newest] + (0..<(lags - 1)).map(unit)
    if hasSum { rows.append(Transition(inflow: step.spill, memory: [])) }
    return rows
  }

  /// Replaces the lags by those of longer periods, means of the shorter ones.
  ///
  /// Lags beyond the required ones become 0.
  private static func coarsen(_ rows: inout [Transition], _ shares: ArraySlice<[LagCalendar.Share]>, lags: Int) {
    let fine = Array(rows.prefix(lags))
    for lag in 0..<lags {
      var mixed = Transition(inflow: 0, memory: [])
      for share in lag < shares.count ? shares[shares.startIndex + lag] : [] where share.lag <= lags {
        let row = fine[share.lag - 1]
        mixed.inflow += share.weight * row.inflow
        for term in row.memory {
          if let index = mixed.memory.firstIndex(where: { $0.component == term.component }) {
            mixed.memory[index].factor += share.weight * term.factor
          } else {
            mixed.memory.append(.init(component: term.component, factor: share.weight * term.factor))
          }
        }
      }
      rows[lag] = mixed
    }
  }

  private static func initialState(
    _ study: StudyCase, _ layout: StateLayout, _ observed: RecentInflow,
    _ commitments: CommitmentPlan,
    _ transit: TransitPlan
  ) -> [Double] {
    var state = [Double](repeating: 0, count: layout.dimension)
    for (hydro, plant) in study.hydros.enumerated() {
      state[hydro] = plant.initialStorage
      if let sum = layout.sum(hydro: hydro) { state[sum] = observed.sums[hydro] }
    }
    if study.conventions.seedsLagsFromWindows {
      let seeds = LagSeeds(study: study, calendar: LagCalendar(study: study), counts: layout.lagCounts)
      for (hydro, values) in seeds.values.enumerated() {
        for (position, value) in values.enumerated() { state[layout.lag(position + 1, hydro: hydro)] = value }
      }
    }
    for past in study.initialConditions.pastInflows {
      for (position, value) in past.values.prefix(layout.lagCounts[past.hydro]).enumerated() {
        state[layout.lag(position + 1, hydro: past.hydro)] = value
      }
    }
    for (thermal, values) in commitments.past.enumerated() {
      for (position, value) in values.prefix(layout.commitmentCounts[thermal]).enumerated() {
        state[layout.commitment(position + 1, thermal: thermal)] = value
      }
    }
    for (hydro, values) in transit.past.enumerated() {
      for (position, value) in values.prefix(layout.transitCounts[hydro]).enumerated() {
        state[layout.transit(position + 1, hydro: hydro)] = value
      }
    }
    for (battery, component) in zip(study.batteries, layout.batteries) { state[component] = battery.initialEnergy }
    for (process, component) in zip(study.priceProcesses, layout.prices) { state[component] = process.initialPrice }
    return state
  }
}

/// What lags of longer periods are made of, where stages change to them.
private struct CoarseLags {
  /// Largest order of each plant among the stages after the first change.
  var orders: [Int]
  /// By the stage before a change: for each longer lag its shares.
  var shares: [Int: [[LagCalendar.Share]]] = [:]

  init(_ coefficients: [[Double]], hydros: Int, calendar: LagCalendar) {
    orders = .init(repeating: 0, count: hydros)
    let changes = calendar.steps.indices.filter { calendar.coarsens(after: $0) }
    guard let first = changes.first else { return }
    for stage in calendar.steps.indices.dropFirst(calendar.following(first) ?? calendar.steps.count) {
      for hydro in 0..<hydros { orders[hydro] = max(orders[hydro], coefficients[stage * hydros + hydro].count) }
    }
    for stage in changes { shares[stage] = calendar.coarseShares(after: stage, order: orders.max() ?? 0) }
  }
}

/// One stage's equation of one plant, from standardised coefficients.
private struct Equation {
  var base = 0.0
  var deviation = 0.0
  var coefficients: [Double] = []

  init(stage: Int, hydro: Int, lookup: LagStatistics) {
    guard let own = lookup.own(stage: stage, hydro: hydro) else { return }
    let rows = lookup.coefficients(stage: stage, hydro: hydro)
    let annual = lookup.annualComponent(stage: stage, hydro: hydro)
    let count = max(rows.map(\.lag).max() ?? 0, annual == nil ? 0 : 12)
    deviation = own.deviation * (rows.first?.residualRatio ?? 1)
    base = own.mean
    guard count > 0 else { return }
    coefficients = .init(repeating: 0, count: count)
    let before = (1...count).map { lookup.before(stage: stage, lag: $0, hydro: hydro).statistics }
    for row in rows where before[row.lag - 1].deviation > 0 {
      coefficients[row.lag - 1] = row.coefficient * own.deviation / before[row.lag - 1].deviation
    }
    if let annual, annual.deviation > 0 {
      for lag in 0..<12 { coefficients[lag] += annual.coefficient * own.deviation / annual.deviation / 12 }
    }
    for lag in 0..<count { base -= coefficients[lag] * before[lag].mean }
  }
}

/// What has been observed of the lag period that is running when the study starts, by plant.
private struct RecentInflow {
  /// Σ share of the period · observed mean, in m³/s.
  var sums: [Double]
  /// Σ share of the period.
  var weights: [Double]

  init(study: StudyCase, calendar: LagCalendar) {
    sums = .init(repeating: 0, count: study.hydros.count)
    weights = sums
    guard let first = study.stages.first, let period = calendar.steps.first?.period, period.days > 0 else { return }
    for row in study.initialConditions.recentObservations {
      let share = Double(period.overlap(from: row.start, to: min(row.end, first.start))) / Double(period.days)
      sums[row.hydro] += share * row.value
      weights[row.hydro] += share
    }
  }
}
