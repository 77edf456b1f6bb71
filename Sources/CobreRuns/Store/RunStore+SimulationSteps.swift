package import CobreCase
package import CobreEngine
internal import GRDB

/// What a run stores of its simulation besides statistics per stage and entity.
package enum SimulationDetail: String, Codable, Sendable, CaseIterable {
  /// Nothing.
  case statistics
  /// Every scenario and stage.
  case stages
  /// Every scenario, stage and block.
  case blocks
}

extension RunStore {
  /// Forgets an earlier simulation.
  package func beginSimulation() throws {
    try write { database in
      for table in [
        // Tables that refer to a quantity are deleted before the quantities.
        "simulation", "simulation_scenario", "simulation_stage", "simulation_statistics", "simulation_point",
        "simulation_series", "simulation_period", "simulation_quantity",
      ] {
        try database.execute(sql: "DELETE FROM \(table)")
      }
      try database.execute(sql: "UPDATE stage SET visits = NULL")
    }
  }

  /// Writes the statistics of a step, and the requested part of its values, in one transaction.
  package func recordSimulationStep(_ step: SimulationStep, study: StudyCase, keeping detail: SimulationDetail) throws {
    try write { database in
      try database.execute(
        sql: "UPDATE stage SET visits = ? WHERE stage = ?", arguments: [storable(step.visits), step.step])
      let statistics = try database.makeStatement(
        sql: """
          INSERT OR REPLACE INTO simulation_statistics (stage, quantity, entity, mean, standard_deviation, minimum, p05,
            p25, p50, p75, p95, maximum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """)
      let values = try SimulationValueWriter(database)
      var quantities: [SimulationQuantity: Int64] = [:]
      for series in step.series {
        let quantity = try quantities[series.quantity] ?? Self.identify(series.quantity, in: database)
        quantities[series.quantity] = quantity
        let entity = series.quantity.entity.element(series.entity, in: study).id
        let figures = step.statistics(series)
        let spread =
          [figures.mean, figures.standardDeviation, figures.minimum] + figures.percentiles + [figures.maximum]
        try statistics.execute(
          arguments: [step.step, quantity, entity] + StatementArguments(spread.map { storable($0) }))
        guard detail != .statistics else { continue }
        let isByStage = detail == .stages || series.blocks == 1 && !series.quantity.isPerBlock
        try values.write(quantity: quantity, entity: entity, stage: step.step) { add in
          for scenario in 0..<step.scenarios {
            if isByStage {
              try add(step.scenarioIDs[scenario], -1, step.value(series, scenario: scenario))
              continue
            }
            for block in 0..<series.blocks {
              try add(step.scenarioIDs[scenario], block, step.value(series, scenario: scenario, block: block))
            }
          }
        }
      }
    }
  }

  /// Writes the statistics of a period over the scenarios of all its steps, in one transaction.
  ///
  /// - Parameters:
  ///   - steps: all of one period that scenarios have come to.
  ///   - study: the case.
  /// - Throws: `RunError`.
  package func recordSimulationPeriod(_ steps: [SimulationStep], study: StudyCase) throws {
    guard let first = steps.first else { return }
    try write { database in
      let statistics = try database.makeStatement(
        sql: """
          INSERT OR REPLACE INTO simulation_period (stage, quantity, entity, mean, standard_deviation, minimum, p05,
            p25, p50, p75, p95, maximum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """)
      for series in PeriodSeries.all(steps) {
        let figures = series.statistics
        let spread =
          [figures.mean, figures.standardDeviation, figures.minimum] + figures.percentiles + [figures.maximum]
        let quantity = try Self.identify(series.quantity, in: database)
        let entity = series.quantity.entity.element(series.entity, in: study).id
        try statistics.execute(
          arguments: [first.period ?? first.step, quantity, entity]
            + StatementArguments(spread.map { storable($0) }))
      }
    }
  }

  /// Number of a quantity in the database.
  ///
  /// It is entered if it is new.
  private static func identify(_ quantity: SimulationQuantity, in database: Database) throws -> Int64 {
    try database.execute(
      sql: "INSERT OR IGNORE INTO simulation_quantity (entity_kind, name, unit) VALUES (?, ?, ?)",
      arguments: [quantity.entity.rawValue, quantity.name, quantity.unit])
    let found = try Int64.fetchOne(
      database, sql: "SELECT id FROM simulation_quantity WHERE entity_kind = ? AND name = ?",
      arguments: [quantity.entity.rawValue, quantity.name])
    return found ?? 0
  }

  /// Mean of one quantity of one entity by stage; NULL figures are nil.
  package func simulatedMeans(_ kind: ElementKind, _ name: String, id: Int) throws -> [Double?] {
    try read {
      try Optional<Double>.fetchAll(
        $0,
        sql: """
          SELECT s.mean FROM simulation_statistics AS s JOIN simulation_quantity AS q ON q.id = s.quantity
          WHERE q.entity_kind = ? AND q.name = ? AND s.entity = ? ORDER BY s.stage
          """, arguments: [kind.rawValue, name, id])
    }
  }

  /// Number of single values that were kept.
  package func simulatedValueCount() throws -> Int {
    try read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM simulation_point") ?? 0 }
  }
}
