internal import CobreEngine

extension NodeProblem {
  /// One balance per plant, or per plant and block where blocks follow each other.
  mutating func addWaterBalances(_ program: inout SparseProgram) {
    for h in study.hydros.indices where hasHydro(h) {
      // Inflow of plants that do not exist goes on to the next one that does.
      let inflow = study.hydros.indices.filter { receiver($0) == h }.reduce(0.0) { $0 + node.inflows[$1] }
      var before = incoming[h]
      let groups = stage.blockMode == .chronological ? blocks.map { $0...$0 } : [0...(blocks.count - 1)]
      for (index, group) in groups.enumerated() {
        var row = blockStorage[h][index]
        row -= before
        for k in group {
          row += volume(k) * netOutflow(h, k)
          row += volume(k) * withdrawal[h]
          row.constant -= volume(k) * inflow
          if let e = evaporation[h] { row.add(volume(k), e) }
          if let virtual = virtualInflow[h] { row.add(-volume(k), virtual) }
        }
        program.addRow(0, 0, row)
        before = blockStorage[h][index]
      }
      addFillingRows(h, &program)
    }
  }

  /// Water that leaves the plant in a block minus what reaches it from other plants, in m³/s.
  private func netOutflow(_ h: Int, _ k: Int) -> LinearExpression {
    var flow = LinearExpression()
    for column in [turbined[h][k], spilled[h][k], diverted[h][k]] {
      if let column { flow.add(1, column) }
    }
    for other in study.hydros.indices where hasHydro(other) {
      if receiver(study.hydros[other].downstream) == h {
        for column in [turbined[other][k], spilled[other][k]] {
          if let column { flow.add(-1, column) }
        }
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

  /// Retention and target while filling, soft minimum afterwards.
  private mutating func addFillingRows(_ h: Int, _ program: inout SparseProgram) {
    guard study.hydros[h].filling != nil else { return }
    let end = outgoing[h]
    if isFilling(h) {
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
    for h in study.hydros.indices where hasHydro(h) {
      let limit = limits(h)
      let cost = prices(h)
      for k in blocks {
        let outflow = LinearExpression(
          [turbined[h][k], spilled[h][k], diverted[h][k]].compactMap { $0.map { (column: $0, value: 1.0) } })
        if limit.minOutflow > 0 {
          var row = outflow
          row.add(1, column(&program, cost: hours(k) * cost.outflowViolationBelow))
          program.addRow(limit.minOutflow, .infinity, row)
        }
        if let most = limit.maxOutflow {
          var row = outflow
          row.add(-1, column(&program, cost: hours(k) * cost.outflowViolationAbove))
          program.addRow(-.infinity, most, row)
        }
        guard let flow = turbined[h][k] else { continue }
        if limit.minTurbined > 0 {
          let missing = column(&program, cost: hours(k) * cost.turbinedViolationBelow)
          program.addRow(limit.minTurbined, .infinity, LinearExpression([(flow, 1), (missing, 1)]))
        }
        if limit.minGeneration > 0 {
          var row = generation[h][k]
          row.add(1, column(&program, cost: hours(k) * cost.generationViolationBelow))
          program.addRow(limit.minGeneration, .infinity, row)
        }
      }
    }
  }

  /// g − (γ_v/2)·(v + v_in) − γ_q·q − γ_s·s ≤ κ·γ_0 for every plane; volumes of the block where blocks follow each other.
  mutating func addProductionPlanes(_ program: inout SparseProgram) {
    for h in study.hydros.indices where hasHydro(h) && !isFilling(h) && model(h).kind == .fpha {
      let own = study.fphaPlanes.filter { $0.hydro == h && $0.stage == t }
      let given = own.isEmpty ? study.fphaPlanes.filter { $0.hydro == h && $0.stage == nil } : own
      // The fit itself is tested against its recipe; here its planes are taken as they are.
      let planes = model(h).fpha?.source == .computed ? study.fittedPlanes[h]?.planes ?? [] : given
      for k in blocks {
        guard let flow = turbined[h][k], let spill = spilled[h][k] else { continue }
        let chronological = stage.blockMode == .chronological
        let after = blockStorage[h][chronological ? k : 0]
        let before = chronological && k > 0 ? blockStorage[h][k - 1] : incoming[h]
        for plane in planes {
          var row = generation[h][k]
          row -= (plane.gammaVolume / 2) * after
          row -= (plane.gammaVolume / 2) * before
          row.add(-plane.gammaTurbined, flow)
          row.add(-plane.gammaSpilled, spill)
          program.addRow(-.infinity, plane.kappa * plane.gamma0, row)
        }
      }
    }
  }
}
