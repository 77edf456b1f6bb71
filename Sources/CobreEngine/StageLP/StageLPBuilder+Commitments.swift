package import CobreCase

extension StageLPBuilder {
  /// Adds the later deliveries that are decided for anticipated thermal plants, and the rows that enforce earlier
  /// decisions.
  ///
  /// A delivery is one number of MW for its whole stage, paid for when it is decided. Component j of a plant is what it
  /// delivers j stages after this one. Each outgoing component has a row, which takes it from the decision of this
  /// stage or from the next component of the incoming state.
  mutating func addCommitments(
    _ study: StudyCase, plan: CommitmentPlan, states: StateLayout, stage: Int,
    layout: inout StageLPLayout
  ) {
    let position = study.position(of: stage)
    for thermal in study.thermals.indices where states.commitmentCounts[thermal] > 0 {
      if plan.isCommitted(thermal: thermal, delivery: position) {
        // Σ hours · generation = hours of the stage · MW. The generation enters with its columns.
        let row = addRow(lower: 0, upper: 0)
        couple(
          row: row, component: states.commitment(1, thermal: thermal),
          coefficient: study.stages[stage].hours)
        layout.deliveries[thermal] = row
      }
      for ahead in 1...states.commitmentCounts[thermal] {
        let component = states.commitment(ahead, thermal: thermal)
        let delivery = position + ahead
        let row = addRow(lower: 0, upper: 0)
        memoryRows.append(row)
        add(1, row: row, state: component)
        stateLower[component] = -.infinity
        if plan.decides(thermal: thermal, delivery: delivery, at: position),
          let limits = study.deliveryLimits(thermal: thermal, delivery: delivery)
        {
          let price =
            study.deliveryHours(delivery) * limits.cost
            * study.discountFactor(from: position, toDelivery: delivery)
          let column = addColumn(
            lower: limits.minGeneration, upper: limits.maxGeneration, cost: price)
          layout.decisions[thermal].append(.init(delivery: delivery, column: column))
          add(-1, row: row, column: column)
        } else if ahead < states.commitmentCounts[thermal] {
          couple(
            row: row, component: states.commitment(ahead + 1, thermal: thermal), coefficient: 1)
        }
      }
    }
  }
}

extension CommitmentPlan {
  /// Whether a later delivery is decided at a time position.
  package func decides(thermal: Int, delivery: Int, at stage: Int) -> Bool {
    deciders[thermal].indices.contains(delivery) && delivery > stage
      && deciders[thermal][delivery] == .stage(stage)
  }
}
