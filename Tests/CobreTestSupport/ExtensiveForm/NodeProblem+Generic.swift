internal import CobreCase
internal import CobreEngine

extension NodeProblem {
  /// One row per bound and block, with its slacks.
  mutating func addGenericConstraints(_ program: inout SparseProgram) {
    for bound in study.genericBounds where bound.stage == t {
      let constraint = study.genericConstraints[bound.constraint]
      for k in bound.isStageRow ? 0..<1 : blocks where bound.isStageRow || bound.block == nil || bound.block == k {
        var row = LinearExpression()
        for term in bound.terms ?? constraint.terms { row += term.coefficient * value(term, block: term.block ?? k) }
        if let penalty = constraint.slackPenalty {
          let price =
            constraint.slackBasis == .perUnit ? penalty : (bound.isStageRow ? stageHours : hours(k)) * penalty
          if bound.lower > -.infinity { row.add(1, column(&program, cost: price)) }
          if bound.upper < .infinity { row.add(-1, column(&program, cost: price)) }
        }
        program.addRow(bound.lower, bound.upper, row)
      }
    }
  }

  private func outflow(_ h: Int, _ k: Int) -> LinearExpression {
    var flow = turbined[h][k]
    if let spill = spilled[h][k] { flow.add(1, spill) }
    return flow
  }

  private func countsStorage(_ h: Int) -> Bool { hasHydro(h) || study.conventions.countsStorageOfAbsentPlants }

  /// What the balance of a plant receives but pumped water, of an absent one what is sent to it.
  private func inflow(of h: Int, block k: Int) -> LinearExpression {
    let isPresent = hasHydro(h)
    let members = study.hydros.indices.filter { $0 == h || (isPresent && receiver($0) == h) }
    var flow = LinearExpression()
    for plant in members {
      flow += arrivingFlow(at: plant, block: k)
      // An inflow below 0 counts as 0 where it is truncated.
      guard study.configuration.inflowMethod.truncates else { continue }
      flow.constant += balanceInflow(plant) - node.inflows[plant]
      if let raised = virtualInflow[plant] { flow.add(1, raised) }
    }
    for (plant, hydro) in study.hydros.enumerated() {
      if let next = hydro.downstream, members.contains(next), !hydro.travels { flow += outflow(plant, k) }
      if let next = hydro.diversion?.downstream, members.contains(next), let column = diverted[plant][k] {
        flow.add(1, column)
      }
    }
    return flow
  }

  private func value(_ term: GenericTerm, block k: Int) -> LinearExpression {
    let e = term.entity
    func single(_ column: Int?) -> LinearExpression {
      column.map { LinearExpression(column: $0) } ?? LinearExpression()
    }
    func sum(_ columns: [Int?]) -> LinearExpression { LinearExpression(columns.compactMap { $0.map { ($0, 1) } }) }
    switch term.variable {
    case .hydroStorage: return countsStorage(e) ? outgoing[e] : LinearExpression()
    case .hydroEvaporation: return single(evaporation[e][k])
    case .hydroWithdrawal: return withdrawal[e]
    case .hydroTurbined:
      return cells[e].reduce(into: LinearExpression()) {
        if term.bus == nil || term.bus == $1.bus { $0 += $1.turbined[k] }
      }
    case .hydroSpillage: return single(spilled[e][k])
    case .hydroDiversion: return single(diverted[e][k])
    case .hydroOutflow: return outflow(e, k)
    case .hydroGeneration:
      return cells[e].reduce(into: LinearExpression()) {
        if term.bus == nil || term.bus == $1.bus { $0 += $1.generation[k] }
      }
    case .hydroStorageInitial: return countsStorage(e) ? incoming[e] : LinearExpression()
    case .hydroUsefulVolumeInitial, .hydroUsefulVolumeFinal:
      guard countsStorage(e) else { return LinearExpression() }
      var useful = term.variable == .hydroUsefulVolumeFinal ? outgoing[e] : incoming[e]
      useful.constant -= study.hydros[e].limits.minStorage
      return useful
    case .hydroInflow:
      return inflow(of: e, block: k)
    case .anticipatedDecision: return decisions[e].reduce(into: LinearExpression()) { $0.add(1, $1) }
    case .thermalGeneration: return single(thermal[e][k])
    case .lineDirect: return single(direct[e][k])
    case .lineReverse: return single(reverse[e][k])
    case .lineExchange:
      var flow = single(direct[e][k])
      flow -= single(reverse[e][k])
      return flow
    case .busDeficit: return sum(deficit[e][k])
    case .busExcess: return single(excess[e][k])
    case .pumpingFlow: return single(pumped[e][k])
    case .pumpingPower: return study.pumpingStations[e].consumption * single(pumped[e][k])
    case .contractImport: return study.contracts[e].direction == .imports ? single(contract[e][k]) : LinearExpression()
    case .contractExport: return study.contracts[e].direction == .exports ? single(contract[e][k]) : LinearExpression()
    case .batteryCharge: return single(charge[e][k])
    case .batteryDischarge: return single(discharge[e][k])
    case .batteryEnergy: return study.batteries[e].service.contains(t) ? energy[e] : LinearExpression()
    case .nonControllableGeneration: return single(source[e][k])
    case .nonControllableCurtailment:
      guard let column = source[e][k] else { return LinearExpression() }
      return LinearExpression(
        [(column, -1)], constant: node.availabilities[e] * study.sourceFactors[t, e, k])
    }
  }
}
