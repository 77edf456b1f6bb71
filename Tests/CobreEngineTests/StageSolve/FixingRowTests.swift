internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// The stage LP with the incoming state as columns held by rows, against the one that has it on the right-hand side.
///
/// Both must find the same optimum, and the dual of a fixing row is the slope that the other form adds up from the
/// duals of all rows that the component enters (mathematical reference 3.2), so that their cuts are the same ones.
@Suite struct FixingRowTests {
  private static let features = EquipmentTests.everything.union([
    .blocks, .network, .operatingLimits, .autoregression, .discount,
  ])

  @Test(arguments: 401...410)
  func givesTheSameCut(seed: Int) throws {
    let study = try RandomSystem(seed: UInt64(seed), features: Self.features).text.study()
    let tree = OpeningTree(study: study, seed: 1)
    var random = TestRandom(seed: UInt64(seed), label: "fixing rows")
    var compared = 0
    var different = 0
    for template in StageLPTemplate.all(study: study, tree: tree) {
      let solver = try StageSolver(template: template)
      let pool = template.stage + 1 < study.stages.count ? cuts(template, study, &random) : nil
      for opening in 0..<template.openingCount {
        let state = tree.inflow.initialState.indices.map {
          $0 < study.hydros.count
            ? random.number(0, study.hydros[$0].limits.maxStorage, digits: 3) : random.number(-5, 60, digits: 3)
        }
        try solver.begin(state: state, pool: pool, start: WarmStart(), openings: opening..<(opening + 1))
        try solver.solve(opening: opening, pool: pool)
        var slopes = [Double](repeating: 0, count: state.count)
        solver.addSlopes(weight: 1, to: &slopes)
        let fixed = try optimum(template, opening: opening, state: state, pool: pool)
        let scale = max(1, abs(fixed.value))
        #expect(abs(solver.objective - fixed.value) <= 1e-7 * scale)
        compared += 1
        let largest = fixed.slopes.map(abs).max() ?? 0
        // Where the optimum has a kink, the two forms may be on different sides of it.
        if zip(slopes, fixed.slopes).contains(where: { abs($0 - $1) > 1e-6 * max(1, largest) }) { different += 1 }
      }
    }
    #expect(compared > 0)
    #expect(different * 5 <= compared, "\(different) of \(compared) cuts differ")
  }

  /// Random cuts: water is worth something, and the more the less there is of it.
  private func cuts(_ template: StageLPTemplate, _ study: StudyCase, _ random: inout TestRandom) -> CutPool {
    let pool = CutPool(dimension: template.stateDimension)
    for _ in 0..<6 {
      let slopes = (0..<template.stateDimension).map {
        $0 < study.hydros.count ? -random.number(0, 5000, digits: 2) : -random.number(0, 300, digits: 2)
      }
      pool.append(intercept: random.number(100_000, 900_000, digits: 0), slopes: slopes)
    }
    return pool
  }

  /// Solves the variant with one column per component of the incoming state and a row that fixes it.
  private func optimum(
    _ template: StageLPTemplate, opening: Int, state: [Double], pool: CutPool?
  ) throws -> (value: Double, slopes: [Double]) {
    let old = template.model
    let count = state.count
    let (columns, rows) = (old.columnCount, old.rowCount)
    let scale = StageLPTemplate.objectiveScale
    var entries: [(row: Int, column: Int, value: Double)] = []
    for column in 0..<columns {
      for index in Int(old.starts[column])..<Int(old.starts[column + 1]) {
        entries.append((Int(old.rowIndices[index]), column, old.values[index]))
      }
    }
    var (rowLower, rowUpper) = (old.rowLower, old.rowUpper)
    for (position, row) in template.noiseRows.enumerated() {
      let shift = template.noiseRowShifts[opening * template.noiseRows.count + position]
      rowLower[row] += shift
      rowUpper[row] += shift
    }
    var columnUpper = old.columnUpper
    for (position, column) in template.noiseColumns.enumerated() {
      columnUpper[column] = template.noiseColumnUppers[opening * template.noiseColumns.count + position]
    }
    for coupling in template.couplings {
      entries.append((coupling.row, columns + coupling.component, -coupling.coefficient))
    }
    for component in 0..<count {
      entries.append((rows + component, columns + component, 1))
      rowLower.append(state[component])
      rowUpper.append(state[component])
    }
    for slot in 0..<(pool?.count ?? 0) {
      guard let pool else { break }
      entries.append((rowLower.count, template.futureCostColumn, 1))
      for component in 0..<count {
        entries.append((rowLower.count, template.firstStateColumn + component, -pool.slope(slot, component) * scale))
      }
      rowLower.append(pool.intercept(slot) * scale)
      rowUpper.append(.infinity)
    }
    let storage = LPModelStorage(
      LPModel(
        columnLower: old.columnLower + [Double](repeating: -.infinity, count: count),
        columnUpper: columnUpper + [Double](repeating: .infinity, count: count),
        objective: old.objective + [Double](repeating: 0, count: count), rowLower: rowLower, rowUpper: rowUpper,
        entries: entries))
    var solver = try ClpSolver()
    try solver.load(storage.view)
    try solver.solve(.changed)
    let value = old.objective.indices.reduce(0.0) { $0 + old.objective[$1] * solver.columnValues[$1] }
    return (value / scale, (0..<count).map { solver.rowDuals[rows + $0] / scale })
  }
}
