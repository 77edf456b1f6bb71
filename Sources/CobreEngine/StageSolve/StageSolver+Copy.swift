/// Copies of the whole program at hand, to be looked at.
extension StageSolver {
  /// How far, relative, a cut outside the program may be below the future cost and still meet it.
  private static let meeting = 1e-7

  /// A copy of the whole program with the last solution: supply outside the windows, rows outside the working set and
  /// cuts that meet the future cost are in it, since they decide what a change of the program costs.
  ///
  /// - Parameter pool: as given to `begin`.
  /// - Returns: what the last solve left.
  package func solvedStage(pool: CutPool?) -> SolvedStage {
    let outside = pool.map { meetingCuts(of: $0) } ?? []
    let program = program(pool: pool, adding: outside)
    let model = program.model
    let values = columnValues
    var rowDuals = [Double](repeating: 0, count: model.rowCount)
    // Rows and cuts outside are slack or redundant at the solution.
    var basis = [UInt8](repeating: BasisStatus.basic, count: model.columnCount + model.rowCount)
    for stack in 0..<assembly.windows.count {
      let window = assembly.windows.window(stack)
      let all = template.stacks[stack].columns
      for column in all.lowerBound..<window.lowerBound { basis[column] = BasisStatus.atUpper }
      for column in window.upperBound..<all.upperBound { basis[column] = BasisStatus.atLower }
    }
    let (status, duals) = (solver.basis, solver.rowDuals)
    for column in 0..<assembly.columnCount { basis[assembly.origin(of: column)] = status[column] }
    let first = model.columnCount
    for row in 0..<program.templateRows {
      guard let position = assembly.programRow(row) else { continue }
      rowDuals[row] = duals[position]
      basis[first + row] = status[assembly.columnCount + position]
    }
    for position in 0..<(model.rowCount - program.templateRows - outside.count) {
      rowDuals[program.templateRows + position] = duals[assembly.templateRows + position]
      basis[first + program.templateRows + position] =
        status[
          assembly.columnCount + assembly.templateRows + position]
    }
    return SolvedStage(
      lp: SolvedLP(
        model: model, columnValues: (0..<model.columnCount).map { values[$0] }, rowDuals: rowDuals, basis: basis),
      templateRows: program.templateRows, stage: template.stage, firstStateColumn: template.firstStateColumn,
      futureCostColumn: template.futureCostColumn)
  }

  /// A copy of the program that the solver holds, solved or not, as `writeMPS` numbers it, but without its cuts.
  ///
  /// - Returns: the program, and the column of the template by column.
  package func loadedProgram() -> (model: LPModel, origins: [Int]) {
    let view = assembly.view
    let rows = assembly.templateRows
    var model = LPModel()
    model.objective = Array(UnsafeBufferPointer(start: view.objective, count: view.columnCount))
    model.columnLower = (0..<view.columnCount).map { solver.columnLower[$0] }
    model.columnUpper = (0..<view.columnCount).map { solver.columnUpper[$0] }
    model.rowLower = (0..<rows).map { solver.rowLower[$0] }
    model.rowUpper = (0..<rows).map { solver.rowUpper[$0] }
    for column in 0..<view.columnCount {
      for entry in Int(view.starts[column])..<Int(view.starts[column + 1]) where Int(view.rowIndices[entry]) < rows {
        model.rowIndices.append(view.rowIndices[entry])
        model.values.append(view.values[entry])
      }
      model.starts.append(Int32(truncatingIfNeeded: model.values.count))
    }
    return (model, (0..<view.columnCount).map { assembly.origin(of: $0) })
  }

  /// A copy of the whole program: columns and rows of the template, then cuts.
  ///
  /// - Parameters:
  ///   - pool: as given to `begin`; without it, there are no cuts.
  ///   - added: slots of cuts outside the program that are in the copy.
  /// - Returns: the program, and the rows before those of cuts.
  private func program(pool: CutPool?, adding added: [Int]) -> (model: LPModel, templateRows: Int) {
    let source = template.model
    var model = LPModel()
    (model.columnLower, model.columnUpper) = (source.columnLower, source.columnUpper)
    model.objective = (0..<source.columnCount).map { assembly.cost(of: $0) }
    for column in 0..<assembly.columnCount {
      model.columnLower[assembly.origin(of: column)] = solver.columnLower[column]
      model.columnUpper[assembly.origin(of: column)] = solver.columnUpper[column]
    }
    var implied = [Double](repeating: 0, count: source.rowCount)
    for stack in 0..<assembly.windows.count {
      implied[assembly.windows.row(stack)] += assembly.windows.impliedSupply(stack)
    }
    for row in 0..<source.rowCount {
      if let position = assembly.programRow(row) {
        model.rowLower.append(solver.rowLower[position] + implied[row])
        model.rowUpper.append(solver.rowUpper[position] + implied[row])
      } else {
        model.rowLower.append(source.rowLower[row] + rowShift[row])
        model.rowUpper.append(source.rowUpper[row] + rowShift[row])
      }
    }
    let slots = pool == nil ? [] : (0..<assembly.cuts.count).map { assembly.cuts[$0] } + added
    if let pool {
      for slot in slots {
        model.rowLower.append(pool.intercept(slot) * StageLPTemplate.objectiveScale)
        model.rowUpper.append(.infinity)
      }
    }
    for column in 0..<source.columnCount {
      for entry in Int(source.starts[column])..<Int(source.starts[column + 1]) {
        model.rowIndices.append(source.rowIndices[entry])
        model.values.append(assembly.entry(entry, of: column))
      }
      if let pool, column >= template.firstStateColumn {
        for (position, slot) in slots.enumerated() {
          let value = cutEntry(slot, column - template.firstStateColumn, of: pool)
          guard value != 0 else { continue }
          model.rowIndices.append(Int32(truncatingIfNeeded: source.rowCount + position))
          model.values.append(value)
        }
      }
      model.starts.append(Int32(truncatingIfNeeded: model.values.count))
    }
    return (model, source.rowCount)
  }

  /// How far a solution can move along changes of its columns before a cut outside the program is above the future
  /// cost.
  ///
  /// - Parameters:
  ///   - pool: as given to `begin`.
  ///   - changes: by column of the template.
  /// - Returns: a multiple of the changes; nil for ever.
  package func reach(ofCutsOf pool: CutPool, along changes: [Double]) -> Double? {
    let dimension = template.stateDimension
    let place = FixedBuffer<Double>(capacity: max(1, dimension), filledWith: 0)
    let here = cutValues(of: pool, at: cutPoint)
    for component in 0..<dimension {
      place[component] = cutPoint[component] + changes[template.firstStateColumn + component]
    }
    let there = cutValues(of: pool, at: UnsafePointer(place.base))
    var least: Double?
    for slot in 0..<pool.count where pool.isActive(slot) && !assembly.cuts.contains(slot) {
      let column = template.futureCostColumn + slot % pool.groups
      let slack = columnValues[column] / StageLPTemplate.objectiveScale - here[slot]
      let approach = there[slot] - here[slot] - changes[column] / StageLPTemplate.objectiveScale
      guard approach > 1e-9 * max(1, abs(here[slot])) else { continue }
      least = min(least ?? .infinity, max(0, slack) / approach)
    }
    return least
  }

  /// Slots of the cuts outside the program that meet the future cost of the last solution.
  private func meetingCuts(of pool: CutPool) -> [Int] {
    guard pool.count > 0 else { return [] }
    let values = cutValues(of: pool, at: cutPoint)
    return (0..<pool.count).filter { slot in
      guard pool.isActive(slot), !assembly.cuts.contains(slot) else { return false }
      let cost = columnValues[template.futureCostColumn + slot % pool.groups] / StageLPTemplate.objectiveScale
      return values[slot] >= cost - Self.meeting * max(1, abs(cost))
    }
  }

  private func cutValues(of pool: CutPool, at state: UnsafePointer<Double>) -> FixedBuffer<Double> {
    let values = FixedBuffer<Double>(capacity: max(1, pool.evaluationCount), filledWith: 0)
    pool.evaluate(at: state, into: values.base)
    return values
  }

  /// Entry of a cut in the column of a state or a future cost, counted from the first state; no other column has one.
  private func cutEntry(_ slot: Int, _ component: Int, of pool: CutPool) -> Double {
    if component < template.stateDimension { return -pool.slope(slot, component) * StageLPTemplate.objectiveScale }
    return component - template.stateDimension == slot % pool.groups ? 1 : 0
  }
}
