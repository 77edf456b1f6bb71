internal import CobreEngine

extension NodeProblem {
  /// One row per bound and block, with its slacks.
  mutating func addGenericConstraints(_ program: inout SparseProgram) {
    for bound in study.genericBounds where bound.stage == t {
      let constraint = study.genericConstraints[bound.constraint]
      for k in blocks where bound.block == nil || bound.block == k {
        var row = LinearExpression()
        for term in constraint.terms { row += term.coefficient * value(term, block: term.block ?? k) }
        if let penalty = constraint.slackPenalty {
          if constraint.sense != .lessOrEqual { row.add(1, column(&program, cost: hours(k) * penalty)) }
          if constraint.sense != .greaterOrEqual { row.add(-1, column(&program, cost: hours(k) * penalty)) }
        }
        program.addRow(bound.lower, bound.upper, row)
      }
    }
  }

  private func value(_ term: GenericTerm, block k: Int) -> LinearExpression {
    let e = term.entity
    func single(_ column: Int?) -> LinearExpression {
      column.map { LinearExpression(column: $0) } ?? LinearExpression()
    }
    func sum(_ columns: [Int?]) -> LinearExpression { LinearExpression(columns.compactMap { $0.map { ($0, 1) } }) }
    switch term.variable {
    case .hydroStorage: return hasHydro(e) ? outgoing[e] : LinearExpression()
    case .hydroEvaporation: return single(evaporation[e])
    case .hydroWithdrawal: return withdrawal[e]
    case .hydroTurbined: return single(turbined[e][k])
    case .hydroSpillage: return single(spilled[e][k])
    case .hydroDiversion: return single(diverted[e][k])
    case .hydroOutflow: return sum([turbined[e][k], spilled[e][k]])
    case .hydroGeneration: return generation[e][k]
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
    case .nonControllableGeneration: return single(source[e][k])
    case .hydroStorageInitial, .hydroUsefulVolumeInitial, .hydroUsefulVolumeFinal, .hydroInflow, .anticipatedDecision:
      return LinearExpression()
    case .nonControllableCurtailment:
      guard let column = source[e][k] else { return LinearExpression() }
      return LinearExpression(
        [(column, -1)], constant: node.availabilities[e] * study.sourceFactors[t, e, k])
    }
  }
}
