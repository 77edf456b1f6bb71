internal import CobreCase
internal import CobreEngine
internal import GRDB

extension RunStore {
  /// Writes the names of the elements of a case and the dates and blocks of its stages, for those who read results.
  ///
  /// - Parameter study: the case that the run computes on.
  /// - Throws: `RunError`.
  func recordElements(of study: StudyCase) throws {
    let stages = StageWalk(study: study).stages
    try write { database in
      try database.execute(sql: "DELETE FROM element; DELETE FROM stage; DELETE FROM block;")
      let element = try database.makeStatement(sql: "INSERT OR IGNORE INTO element (kind, id, name) VALUES (?, ?, ?)")
      for kind in SimulationQuantity.Entity.allCases {
        for index in 0..<SimulationQuantity.count(kind, in: study) {
          try element.execute(arguments: [
            kind.rawValue, SimulationQuantity.id(kind, index, in: study),
            SimulationQuantity.name(kind, index, in: study),
          ])
        }
      }
      let stage = try database.makeStatement(
        sql: "INSERT INTO stage (stage, id, start_date, end_date, season) VALUES (?, ?, ?, ?, ?)")
      let block = try database.makeStatement(sql: "INSERT INTO block (stage, block, hours) VALUES (?, ?, ?)")
      for (step, index) in stages.enumerated() {
        let own = study.stages[index]
        try stage.execute(arguments: [
          step, own.declaredID ?? own.id, own.start.description, own.end.description, own.seasonID,
        ])
        for (number, part) in own.blocks.enumerated() { try block.execute(arguments: [step, number, part.hours]) }
      }
    }
  }
}
