internal import CobreEngine
internal import GRDB

/// A quantity that a simulation has left.
package struct StoredQuantity: Sendable, Equatable {
  package var kind: String
  package var name: String
  package var unit: String
}

/// Spread of a quantity of one entity at one stage, over the scenarios.
///
/// Where stages lie side by side in time, over the scenarios of all of them, under the first.
package struct StageSpread: Sendable, Equatable {
  package var stage: Int
  package var mean: Double?
  package var minimum: Double?
  /// 5, 25, 50, 75 and 95 %.
  package var percentiles: [Double?]
  package var maximum: Double?
}

/// Mean of a quantity of one entity at one stage, as `StageSpread`.
package struct StageMean: Sendable, Equatable {
  package var entity: Int
  package var stage: Int
  package var mean: Double?
}

extension RunStore {
  /// Number of rows of each table, by name.
  package func rowCounts() throws -> [String: Int] {
    try read { database in
      var counts: [String: Int] = [:]
      // Counting the rows of a view costs as much as reading them.
      for table in ResultTable.all where table.group != .answer {
        counts[table.name] = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM \(table.base ?? table.name)") ?? 0
      }
      return counts
    }
  }

  /// Names of tables and columns as they are, in their order.
  package func tableColumns() throws -> [String: [String]] {
    try read { database in
      let tables = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")
      return try Dictionary(
        uniqueKeysWithValues: tables.map {
          (
            $0,
            try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info(?) ORDER BY cid", arguments: [$0])
          )
        })
    }
  }

  /// What the simulation has figures of, by kind of entity and name.
  package func quantities() throws -> [StoredQuantity] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT entity_kind, name, unit FROM simulation_quantity ORDER BY entity_kind, id"
      ).map { try StoredQuantity(kind: $0.value(0), name: $0.value(1), unit: $0.value(2)) }
    }
  }

  /// The spread of a quantity of one entity by stage.
  package func spreads(kind: String, name: String, entity: Int) throws -> [StageSpread] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.stage, s.mean, s.minimum, s.p05, s.p25, s.p50, s.p75, s.p95, s.maximum
          FROM period_statistics AS s JOIN simulation_quantity AS q ON q.id = s.quantity
          WHERE q.entity_kind = ? AND q.name = ? AND s.entity = ? ORDER BY s.stage
          """, arguments: [kind, name, entity]
      ).map { row in
        try StageSpread(
          stage: row.value(0), mean: row.value(1), minimum: row.value(2),
          percentiles: (3...7).map { try row.value($0) }, maximum: row.value(8))
      }
    }
  }

  /// The first stage of the time of each stage, where that is another one.
  package func periods() throws -> [Int: Int] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT stage, period FROM stage WHERE period <> stage")
        .reduce(into: [:]) { found, row in try found[row.value(0)] = row.value(1) }
    }
  }

  /// Means of a quantity of all entities of a kind, by entity and stage.
  package func means(kind: String, name: String) throws -> [StageMean] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.entity, s.stage, s.mean FROM period_statistics AS s
          JOIN simulation_quantity AS q ON q.id = s.quantity
          WHERE q.entity_kind = ? AND q.name = ? ORDER BY s.entity, s.stage
          """, arguments: [kind, name]
      ).map { try StageMean(entity: $0.value(0), stage: $0.value(1), mean: $0.value(2)) }
    }
  }
}
