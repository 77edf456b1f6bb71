internal import CobreCase
internal import CobreEngine

extension NodeProblem {
  /// Levels at the end of the stage, flows by storage, changes from block to block: each with what is missing at a
  /// price.
  mutating func addOperatingRules(_ program: inout SparseProgram) {
    for h in study.hydros.indices where study.hydros[h].service.contains(t) {
      guard let rules = study.hydros[h].rules else { continue }
      let limit = limits(h)
      if let level = limit.alertStorage {
        program.addRow(level, .infinity, outgoing[h].adding(1, column(&program, cost: rules.alertCost)))
      }
      if let level = limit.floodStorage {
        program.addRow(-.infinity, level, outgoing[h].adding(-1, column(&program, cost: rules.floodCost)))
      }
      for k in blocks {
        addCurves(rules, h, k, &program)
        guard k > 0, stage.blockMode == .chronological else { continue }
        var change = released(h, k)
        change -= released(h, k - 1)
        let beyond = column(&program, cost: hours(k) * rules.rampCost)
        if let rise = limit.maxOutflowRise { program.addRow(-.infinity, rise, change.adding(-1, beyond)) }
        if let fall = limit.maxOutflowFall { program.addRow(-fall, .infinity, change.adding(1, beyond)) }
      }
    }
  }

  /// What leaves a plant downstream, in m³/s.
  func released(_ h: Int, _ k: Int) -> LinearExpression {
    var flow = turbined[h][k]
    if let spill = spilled[h][k] { flow.add(1, spill) }
    if study.conventions.countsDiversionAsOutflow, let side = diverted[h][k] { flow.add(1, side) }
    return flow
  }

  private mutating func addCurves(_ rules: OperatingRules, _ h: Int, _ k: Int, _ program: inout SparseProgram) {
    // One price for what the outflow lacks to the larger of the fixed minimum and the curve.
    if let missing = missingOutflow[h * blocks.count + k] {
      for piece in rules.leastOutflow {
        var row = released(h, k)
        row -= piece.slope * incoming[h]
        program.addRow(piece.constant, .infinity, row.adding(1, missing))
      }
    }
    guard let spill = spilled[h][k], !rules.mostSpillage.isEmpty else { return }
    let beyond = column(&program, cost: hours(k) * rules.spillageCost)
    let isChronological = stage.blockMode == .chronological
    for piece in rules.mostSpillage {
      var mean = 0.5 * blockStorage[h][isChronological ? k : 0]
      mean += 0.5 * (isChronological && k > 0 ? blockStorage[h][k - 1] : incoming[h])
      var row = LinearExpression([(spill, 1), (beyond, -1)])
      row -= piece.slope * mean
      program.addRow(-.infinity, piece.constant, row)
    }
  }

  /// Flow that the uses of a plant take, in m³/s.
  mutating func addWaterUses(_ h: Int, _ program: inout SparseProgram) {
    guard study.hydros[h].service.contains(t) else { return }
    for use in study.hydros[h].rules?.uses ?? [] {
      let served = column(&program, 0, use.demands[t], cost: -stageHours * use.cost)
      // Serving all of it costs nothing.
      let all = program.addColumn(1, 1)
      costs.append((all, stageHours * use.cost * use.demands[t]))
      withdrawal[h].add(1, served)
    }
  }
}

extension LinearExpression {
  fileprivate func adding(_ value: Double, _ column: Int) -> LinearExpression {
    var sum = self
    sum.add(value, column)
    return sum
  }
}
