internal import CobreCase

extension StageLPBuilder {
  /// Adds the user's constraints: a row per right-hand side and block, with its slacks.
  mutating func addGenericConstraints(
    _ study: StudyCase, stage: Int, states: StateLayout, layout: inout StageLPLayout
  ) {
    let blocks = study.stages[stage].blocks
    let transit = study.hydros.contains(where: \.travels) ? TransitPlan(study: study) : nil
    for bound in study.genericBounds(stage: stage) {
      let constraint = study.genericConstraints[bound.constraint]
      for (k, block) in blocks.enumerated()
      where bound.isStageRow ? k == 0 : bound.block == nil || bound.block == k {
        let row = addRow(lower: bound.lower, upper: bound.upper)
        for term in bound.terms ?? constraint.terms where term.coefficient != 0 {
          add(term, row: row, block: term.block ?? k, study: study, stage: stage, layout: layout)
          // Only what takes no time on its way counts there.
          if term.variable == .hydroInflow, let transit {
            addArriving(
              term, row: row, block: term.block ?? k, plan: transit, states: states, study: study, stage: stage,
              layout: layout)
          }
        }
        var place = StageLPLayout.GenericRow(constraint: bound.constraint, block: k, row: row, added: nil, taken: nil)
        if let penalty = constraint.slackPenalty {
          let hours = bound.isStageRow ? study.stages[stage].hours : block.hours
          let price = constraint.slackBasis == .perHour ? hours * penalty : penalty
          if bound.lower > -.infinity {
            let slack = addColumn(cost: price)
            add(1, row: row, column: slack)
            place.added = slack
          }
          if bound.upper < .infinity {
            let slack = addColumn(cost: price)
            add(-1, row: row, column: slack)
            place.taken = slack
          }
        }
        layout.generic.append(place)
      }
    }
  }

  /// Enters a term into a row.
  ///
  /// What does not exist in the stage contributes 0, except for the water of absent plants where the case counts it.
  private mutating func add(
    _ term: GenericTerm, row: Int, block: Int, study: StudyCase, stage: Int, layout: StageLPLayout
  ) {
    guard block < layout.blocks else { return }
    let factor = term.coefficient
    let entity = term.entity
    let position = entity * layout.blocks + block
    func countsStorage() -> Bool {
      study.conventions.countsStorageOfAbsentPlants || study.isPresent(stage: stage, hydro: entity)
    }
    switch term.variable {
    case .hydroStorage:
      if countsStorage() { add(factor, row: row, state: entity) }
    case .hydroStorageInitial:
      if countsStorage() { couple(row: row, component: entity, coefficient: -factor) }
    case .hydroUsefulVolumeInitial, .hydroUsefulVolumeFinal:
      guard countsStorage() else { return }
      // Measured above the minimum that the plant declares, as in stored energies, even if a table raises the stage's
      // minimum.
      shiftRow(row, by: factor * study.hydros[entity].limits.minStorage)
      if term.variable == .hydroUsefulVolumeInitial {
        couple(row: row, component: entity, coefficient: -factor)
      } else {
        add(factor, row: row, state: entity)
      }
    case .hydroEvaporation:
      enter(factor, row, layout.evaporation[position] ?? layout.evaporation[entity * layout.blocks])
    case .hydroWithdrawal:
      guard study.isPresent(stage: stage, hydro: entity) else { return }
      shiftRow(row, by: -factor * study.limits(stage: stage, hydro: entity).withdrawal)
      enter(-factor, row, layout.withdrawalBelow[entity])
      enter(factor, row, layout.withdrawalAbove[entity])
    case .hydroTurbined:
      for cell in layout.cells(of: entity)
      where term.bus == nil || term.bus == layout.cells[cell].bus {
        enter(factor, row, layout.turbined[cell * layout.blocks + block])
      }
    case .hydroSpillage: enter(factor, row, layout.spilled[position])
    case .hydroDiversion: enter(factor, row, layout.diverted[position])
    case .hydroOutflow:
      for column in layout.outflow(of: entity, block: block) { enter(factor, row, column) }
    case .hydroInflow:
      addInflow(factor, row: row, hydro: entity, block: block, study: study, stage: stage, layout: layout)
    case .hydroGeneration:
      for cell in layout.cells(of: entity)
      where term.bus == nil || term.bus == layout.cells[cell].bus {
        addGeneration(
          factor, row: row, cell: cell, block: block, study: study, stage: stage, layout: layout)
      }
    case .anticipatedDecision:
      for decision in layout.decisions[entity] { enter(factor, row, decision.column) }
    case .thermalGeneration: enter(factor, row, layout.thermal[position])
    case .lineDirect: enter(factor, row, layout.lineDirect[position])
    case .lineReverse: enter(factor, row, layout.lineReverse[position])
    case .lineExchange:
      enter(factor, row, layout.lineDirect[position])
      enter(-factor, row, layout.lineReverse[position])
    case .busDeficit: for column in layout.deficit[position] { enter(factor, row, column) }
    case .busExcess: enter(factor, row, layout.excess[position])
    case .pumpingFlow: enter(factor, row, layout.pumped[position])
    case .pumpingPower: enter(factor * study.pumpingStations[entity].consumption, row, layout.pumped[position])
    case .contractImport, .contractExport:
      guard study.contracts[entity].direction == (term.variable == .contractImport ? .imports : .exports) else {
        return
      }
      enter(factor, row, layout.contract[position])
    case .batteryCharge: enter(factor, row, layout.charge[position])
    case .batteryDischarge: enter(factor, row, layout.discharge[position])
    case .batteryEnergy:
      let component = batteryComponents.lowerBound + entity
      if study.exists(stage: stage, battery: entity), factor != 0 { add(factor, row: row, state: component) }
    case .nonControllableGeneration: enter(factor, row, layout.source[position])
    case .nonControllableCurtailment:
      // factor·(A·f − n): the available power moves to the right-hand side, with the noise.
      guard let column = layout.source[position] else { return }
      enter(-factor, row, column)
      let share = study.sourceFactor(stage: stage, source: entity, block: block)
      sourceTerms.append(NoiseTerm(row: row, entity: entity, coefficient: -factor * share))
    }
  }

  /// Enters a plant's inflow, in m³/s: its own, the inflows of absent plants whose water flows on to it, and what
  /// reaches it through the river or a diversion without delay.
  ///
  /// An absent plant counts what is sent to it. Pumped water and withdrawals do not count.
  private mutating func addInflow(
    _ factor: Double, row: Int, hydro: Int, block: Int, study: StudyCase, stage: Int, layout: StageLPLayout
  ) {
    let isPresent = study.isPresent(stage: stage, hydro: hydro)
    func reaches(_ target: Int?) -> Bool {
      target == hydro || (isPresent && Self.receiver(of: target, study: study, stage: stage) == hydro)
    }
    for (plant, description) in study.hydros.enumerated() {
      if reaches(plant) {
        inflowTerms.append(NoiseTerm(row: row, entity: plant, coefficient: -factor))
        // Truncation sets a negative inflow to 0, also if that is paid for. What `penalty` buys is no inflow.
        if study.configuration.inflowMethod.truncates { enter(factor, row, layout.virtualInflow[plant]) }
      }
      if !description.travels, reaches(description.downstream) {
        for column in layout.outflow(of: plant, block: block) { enter(factor, row, column) }
      }
      if reaches(description.diversion?.downstream) {
        enter(factor, row, layout.diverted[plant * layout.blocks + block])
      }
    }
  }

  private mutating func enter(_ value: Double, _ row: Int, _ column: Int?) {
    if let column, value != 0 { add(value, row: row, column: column) }
  }
}
