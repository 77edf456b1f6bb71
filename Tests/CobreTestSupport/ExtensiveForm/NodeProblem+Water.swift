internal import CobreCase
internal import CobreEngine

extension NodeProblem {
  /// One balance per plant, or per plant and block where blocks follow each other.
  mutating func addWaterBalances(_ program: inout SparseProgram) {
    for h in study.hydros.indices where hasHydro(h) {
      // Inflow of plants that do not exist goes on to the next one that does.
      let members = study.hydros.indices.filter { receiver($0) == h }
      let inflow = members.reduce(0.0) { $0 + balanceInflow($1) }
      let duties = study.conventions.keepsDutiesOfAbsentPlants ? members : [h]
      var before = incoming[h]
      let groups = stage.blockMode == .chronological ? blocks.map { $0...$0 } : [0...(blocks.count - 1)]
      for (index, group) in groups.enumerated() {
        var row = blockStorage[h][index]
        row -= before
        for k in group {
          row += volume(k) * netOutflow(h, k)
          row.constant -= volume(k) * inflow
          if let e = evaporation[h][k] { row.add(volume(k), e) }
          for member in duties {
            row += volume(k) * withdrawal[member]
            if let virtual = virtualInflow[member] { row.add(-volume(k), virtual) }
          }
        }
        for target in members { row -= arrival(at: target, block: group.count == 1 ? group.lowerBound : nil) }
        program.addRow(0, 0, row)
        before = blockStorage[h][index]
      }
      addFillingRows(h, &program)
    }
  }

  /// Water that leaves the plant in a block minus what reaches it from other plants, in m³/s.
  private func netOutflow(_ h: Int, _ k: Int) -> LinearExpression {
    var flow = LinearExpression()
    flow += turbined[h][k]
    for column in [spilled[h][k], diverted[h][k]] {
      if let column { flow.add(1, column) }
    }
    for other in study.hydros.indices where hasHydro(other) {
      if receiver(study.hydros[other].downstream) == h, (study.hydros[other].travelTime ?? 0) == 0 {
        flow -= turbined[other][k]
        if let column = spilled[other][k] { flow.add(-1, column) }
      }
      if let diversion = study.hydros[other].diversion, receiver(diversion.downstream) == h,
        let column = diverted[other][k]
      {
        flow.add(-1, column)
      }
    }
    for (p, pump) in study.pumpingStations.enumerated() {
      guard let column = pumped[p][k] else { continue }
      if pump.sourceHydro == h { flow.add(1, column) }
      if receiver(pump.destinationHydro) == h { flow.add(-1, column) }
    }
    return flow
  }

  /// Inflow in m³/s as it enters the balance of the plant.
  func balanceInflow(_ h: Int) -> Double {
    let raises = study.conventions.truncationRule == .balance && study.configuration.inflowMethod == .truncation
    return raises ? max(0, node.inflows[h]) : node.inflows[h]
  }

  /// Retention and target while filling, soft minimum afterwards.
  private mutating func addFillingRows(_ h: Int, _ program: inout SparseProgram) {
    guard let filling = study.hydros[h].filling else { return }
    let end = outgoing[h]
    if isFilling(h), filling.rule == .schedule {
      var target = study.hydros[h].limits.minStorage
      for later in study.stages.indices where later > t && later < study.hydros[h].service.entry ?? 0 {
        let rate = study.hydroLimits[later * study.hydros.count + h].fillingInflow
        target -= 0.0036 * study.stages[later].blocks.reduce(0) { $0 + $1.hours } * rate
      }
      var row = end
      row.add(1, column(&program, cost: prices(h).fillingTargetViolation))
      program.addRow(max(0, min(target, limits(h).minStorage)), .infinity, row)
    } else if isFilling(h) {
      // Rows whose bound is 0 do not exist.
      if limits(h).fillingInflow > 0 {
        var retention = end
        retention -= incoming[h]
        retention.add(1, column(&program, cost: prices(h).storageViolationBelow))
        program.addRow(0.0036 * stageHours * limits(h).fillingInflow, .infinity, retention)
      }
      if t + 1 == study.hydros[h].service.entry {
        var target = end
        target.add(1, column(&program, cost: prices(h).fillingTargetViolation))
        program.addRow(limits(h).minStorage, .infinity, target)
      }
    } else {
      var soft = end
      soft.add(1, column(&program, cost: prices(h).storageViolationBelow))
      program.addRow(limits(h).minStorage, .infinity, soft)
    }
  }

  /// Minimum and maximum outflow, minimum turbined flow and generation, each with its slack.
  mutating func addOperatingRows(_ program: inout SparseProgram) {
    for h in study.hydros.indices where hasHydro(h) || study.conventions.keepsDutiesOfAbsentPlants {
      let cost = prices(h)
      for k in blocks {
        let limit = limits(h, k)
        let outflow = released(h, k)
        let hasCurve = study.hydros[h].service.contains(t) && study.hydros[h].rules?.leastOutflow.isEmpty == false
        if limit.minOutflow > 0 || hasCurve {
          let missing = column(&program, cost: hours(k) * cost.outflowViolationBelow)
          missingOutflow[h * blocks.count + k] = missing
          var row = outflow
          row.add(1, missing)
          program.addRow(limit.minOutflow, .infinity, row)
        }
        if let most = limit.maxOutflow {
          var row = outflow
          row.add(-1, column(&program, cost: hours(k) * cost.outflowViolationAbove))
          program.addRow(-.infinity, most, row)
        }
        guard !isFilling(h) || study.conventions.keepsDutiesOfAbsentPlants else { continue }
        // What the machines of a bus miss counts for the plant, so that it is paid for once.
        var (flow, power) = (turbined[h][k], generation[h][k])
        for c in cells[h].indices {
          let groups = groupLimits(h, c, k)
          flow += addFloor(
            groups.reduce(0) { $0 + $1.minTurbined }, cells[h][c].turbined[k], hours(k) * cost.turbinedViolationBelow,
            &program)
          power += addFloor(
            groups.reduce(0) { $0 + $1.minGeneration }, cells[h][c].generation[k],
            hours(k) * cost.generationViolationBelow, &program)
        }
        let totals = limit.totals
        addFloor(totals.minTurbined ?? 0, flow, hours(k) * cost.turbinedViolationBelow, &program)
        addFloor(totals.minGeneration ?? 0, power, hours(k) * cost.generationViolationBelow, &program)
        if let most = totals.maxTurbined { program.addRow(-.infinity, most, turbined[h][k]) }
        if let most = totals.maxGeneration { program.addRow(-.infinity, most, generation[h][k]) }
      }
    }
  }

  /// Adds expression + slack ≥ minimum, and returns the slack.
  @discardableResult
  private mutating func addFloor(
    _ minimum: Double, _ expression: LinearExpression, _ price: Double, _ program: inout SparseProgram
  ) -> LinearExpression {
    var slack = LinearExpression()
    guard minimum > 0 else { return slack }
    slack.add(1, column(&program, cost: price))
    var row = expression
    row += slack
    program.addRow(minimum, .infinity, row)
    return slack
  }

  /// g − (γ_v/2)·(v + v_in) − γ_q·q − γ_s·s ≤ κ·γ_0 for every plane.
  ///
  /// Volumes of the block where blocks follow each other.
  mutating func addProductionPlanes(_ program: inout SparseProgram) {
    for h in study.hydros.indices where hasHydro(h) && !isFilling(h) && model(h).kind == .fpha {
      let own = study.fphaPlanes.filter { $0.hydro == h && $0.stage == t }
      let given = own.isEmpty ? study.fphaPlanes.filter { $0.hydro == h && $0.stage == nil } : own
      // The fit itself is tested against its recipe. Here its planes are taken as they are.
      let planes = model(h).fpha?.source == .computed ? study.fittedPlanes[h]?.planes ?? [] : given
      for k in blocks {
        guard let spill = spilled[h][k] else { continue }
        let chronological = stage.blockMode == .chronological
        let after = blockStorage[h][chronological ? k : 0]
        let before = chronological && k > 0 ? blockStorage[h][k - 1] : incoming[h]
        for cell in cells[h] {
          for plane in planes {
            var row = cell.generation[k]
            row -= (cell.share * plane.gammaVolume / 2) * after
            row -= (cell.share * plane.gammaVolume / 2) * before
            row -= plane.gammaTurbined * cell.turbined[k]
            row.add(-cell.share * plane.gammaSpilled, spill)
            program.addRow(-.infinity, cell.share * plane.kappa * plane.gamma0, row)
          }
        }
      }
    }
  }
}
