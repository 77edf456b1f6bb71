internal import CobreCase
internal import CobreEngine

extension NodeProblem {
  mutating func addNetworkColumns(_ program: inout SparseProgram) {
    addPlantColumns(&program)
    for l in study.lines.indices {
      let exists = study.lines[l].service.contains(t)
      let cost = study.lineExchangeCosts[t * study.lines.count + l]
      func limit(_ k: Int) -> LineLimits {
        study.lineBlockLimits[t, l, k] ?? study.lineLimits[t * study.lines.count + l]
      }
      // A difference of angles θ gives 100·θ/x MW.
      let most = study.lines[l].maxAngle.map { 100 * $0 / (study.lines[l].reactance ?? 1) } ?? .infinity
      direct.append(
        blocks.map { k in
          guard exists else { return nil }
          let capacity = min(most, limit(k).direct * study.directExchangeFactors[t, l, k])
          return column(&program, 0, capacity, cost: hours(k) * cost)
        })
      reverse.append(
        blocks.map { k in
          guard exists else { return nil }
          let capacity = min(most, limit(k).reverse * study.reverseExchangeFactors[t, l, k])
          return column(&program, 0, capacity, cost: hours(k) * cost)
        })
    }
    addAngles(&program)
    for l in study.lines.indices { losses.append(blocks.map { loss(of: l, $0, &program) }) }
    for b in study.buses.indices {
      deficit.append(
        blocks.map { k in
          study.busDeficitSegments[b].map { column(&program, 0, $0.depth ?? .infinity, cost: hours(k) * $0.cost) }
        })
      excess.append(
        blocks.map { k in column(&program, cost: hours(k) * study.busExcessCosts[t * study.buses.count + b]) })
    }
  }

  /// Angles by bus and block, and the flow that their differences give.
  ///
  /// Only differences count, so that no bus needs the angle 0.
  private func addAngles(_ program: inout SparseProgram) {
    guard study.lines.contains(where: { $0.reactance != nil }) else { return }
    for k in blocks {
      let angles = study.buses.map { _ in program.addColumn(-10, 10) }
      for (l, line) in study.lines.enumerated() {
        guard let reactance = line.reactance, let forth = direct[l][k], let back = reverse[l][k] else { continue }
        program.addRow(
          0, 0,
          LinearExpression([
            (forth, 1), (back, -1), (angles[line.sourceBus], -100 / reactance),
            (angles[line.targetBus], 100 / reactance),
          ]))
      }
    }
  }

  /// What a line with a resistance r loses of f MW, r f² / 100: above its tangents, and below the line to its capacity.
  private mutating func loss(of l: Int, _ k: Int, _ program: inout SparseProgram) -> Int? {
    guard let resistance = study.lines[l].resistance, let forth = direct[l][k], let back = reverse[l][k] else {
      return nil
    }
    let (upper, lower) = (program.columnUpper[forth], program.columnUpper[back])
    let most = max(upper, lower)
    guard most > 0 else { return nil }
    let lost = column(&program)
    let pieces = study.lines[l].lossPieces
    for n in 1...pieces {
      let flow = most / Double(pieces) * Double(n)
      let slope = resistance * flow / 50
      // Through (flow, r flow² / 100).
      program.addRow(
        resistance * flow * flow / 100 - slope * flow, .infinity,
        LinearExpression([(lost, 1), (forth, -slope), (back, -slope)]))
    }
    program.addRow(
      -.infinity, 0,
      LinearExpression([(lost, 1), (forth, -resistance * upper / 100), (back, -resistance * lower / 100)]))
    program.addRow(-.infinity, upper * lower, LinearExpression([(forth, lower), (back, upper)]))
    return lost
  }

  private mutating func addPlantColumns(_ program: inout SparseProgram) {
    for n in study.thermals.indices {
      let exists = study.thermals[n].service.contains(t)
      let limit = study.thermalLimits[t * study.thermals.count + n]
      // What was decided before is paid for.
      let price = isCommitted(n) ? 0 : limit.cost
      thermal.append(
        blocks.map { k in
          let own = study.thermalBlockLimits[t, n, k] ?? limit
          return exists ? column(&program, own.minGeneration, own.maxGeneration, cost: hours(k) * price) : nil
        })
    }
    for p in study.pumpingStations.indices {
      // Where there is no reservoir there is nothing to pump.
      let exists = study.pumpingStations[p].service.contains(t) && hasHydro(study.pumpingStations[p].sourceHydro)
      let limit = study.pumpLimits[t * study.pumpingStations.count + p]
      pumped.append(
        blocks.map { k in
          let own = study.pumpBlockLimits[t, p, k] ?? limit
          return exists ? column(&program, own.minFlow, own.maxFlow) : nil
        })
    }
    for c in study.contracts.indices {
      let exists = study.contracts[c].service.contains(t)
      let limit = study.contractLimits[t * study.contracts.count + c]
      contract.append(
        blocks.map { k in
          let own = study.contractBlockLimits[t, c, k] ?? limit
          return exists ? column(&program, own.minPower, own.maxPower, cost: hours(k) * own.price) : nil
        })
    }
    for s in study.sources.indices {
      let exists = study.sources[s].service.contains(t)
      let cost = study.sourceCurtailmentCosts[t * study.sources.count + s]
      source.append(
        blocks.map { k in
          guard exists else { return nil }
          let most = node.availabilities[s] * study.sourceFactors[t, s, k]
          return column(&program, study.sources[s].allowsCurtailment ? 0 : most, most, cost: -hours(k) * cost)
        })
    }
  }

  /// Supply equals demand at every bus in every block.
  func addLoadBalances(_ program: inout SparseProgram) {
    for b in study.buses.indices {
      for k in blocks {
        var supply = LinearExpression()
        func add(_ sign: Double, _ column: Int?) { if let column { supply.add(sign, column) } }
        for n in study.thermals.indices where study.thermals[n].bus == b { add(1, thermal[n][k]) }
        for h in study.hydros.indices {
          for cell in cells[h] where cell.bus == b { supply += cell.generation[k] }
        }
        for s in study.sources.indices where study.sources[s].bus == b { add(1, source[s][k]) }
        for c in study.contracts.indices where study.contracts[c].bus == b {
          add(study.contracts[c].direction == .imports ? 1 : -1, contract[c][k])
        }
        for p in study.pumpingStations.indices where study.pumpingStations[p].bus == b {
          add(-study.pumpingStations[p].consumption, pumped[p][k])
        }
        for (index, battery) in study.batteries.enumerated() where battery.bus == b {
          add(1, discharge[index][k])
          add(-1, charge[index][k])
        }
        for (l, line) in study.lines.enumerated() {
          if let lost = losses[l][k], line.sourceBus == b || line.targetBus == b { supply.add(-0.5, lost) }
          // Losses are taken at the receiving end.
          let efficiency = line.losesPower ? 1 - line.lossesPercent / 100 : 1
          if line.sourceBus == b {
            add(-1, direct[l][k])
            add(efficiency, reverse[l][k])
          }
          if line.targetBus == b {
            add(efficiency, direct[l][k])
            add(-1, reverse[l][k])
          }
        }
        for segment in deficit[b][k] { add(1, segment) }
        add(-1, excess[b][k])
        let demand = node.loads[b] * study.loadFactors[t, b, k]
        program.addRow(demand, demand, supply)
      }
    }
  }
}
