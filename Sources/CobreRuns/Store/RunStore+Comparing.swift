internal import CobreEngine
internal import GRDB

/// Mean and deviation of a quantity of one entity at one stage, over the scenarios that come to it.
package struct StageFigure: Sendable, Equatable {
  package var entity: Int
  package var stage: Int
  package var mean: Double
  package var standardDeviation: Double
}

extension RunStore {
  /// Figures of a quantity of all entities of a kind, by entity and stage; those that are not finite are left out.
  package func figures(kind: String, name: String) throws -> [StageFigure] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT s.entity, s.stage, s.mean, s.standard_deviation FROM simulation_statistics AS s
          JOIN simulation_quantity AS q ON q.id = s.quantity
          WHERE q.entity_kind = ? AND q.name = ? AND s.mean IS NOT NULL AND s.standard_deviation IS NOT NULL
          ORDER BY s.entity, s.stage
          """, arguments: [kind, name]
      ).map {
        try StageFigure(entity: $0.value(0), stage: $0.value(1), mean: $0.value(2), standardDeviation: $0.value(3))
      }
    }
  }

  /// Values of a quantity of one entity at one stage by scenario, where the run has kept them; else empty.
  package func stageValues(kind: String, name: String, entity: Int, stage: Int) throws -> [Int: Double] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT v.scenario, v.value FROM simulation_value AS v JOIN simulation_quantity AS q ON q.id = v.quantity
          WHERE q.entity_kind = ? AND q.name = ? AND v.entity = ? AND v.stage = ? AND v.block = -1 AND v.value IS NOT NULL
          """, arguments: [kind, name, entity, stage]
      ).reduce(into: [:]) { values, row in try values[row.value(0)] = row.value(1) }
    }
  }

  /// All values of a quantity of one element, which are those of blocks where a run has kept them.
  ///
  /// - Returns: in order of stage, scenario and block; block -1 is the whole stage. Values that are no numbers are left
  ///   out.
  package func singleValues(kind: String, name: String, entity: Int) throws -> [SingleValue] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT v.stage, v.scenario, v.block, v.value FROM simulation_value AS v
          JOIN simulation_quantity AS q ON q.id = v.quantity
          WHERE q.entity_kind = ? AND q.name = ? AND v.entity = ? AND v.value IS NOT NULL
          ORDER BY v.stage, v.scenario, v.block
          """, arguments: [kind, name, entity]
      ).map { try SingleValue(stage: $0.value(0), scenario: $0.value(1), block: $0.value(2), value: $0.value(3)) }
    }
  }
}

/// A value of one element in one scenario.
package struct SingleValue: Sendable, Equatable {
  package var stage: Int
  package var scenario: Int
  /// Position of the block, or -1 for the whole stage.
  package var block: Int
  package var value: Double
}
