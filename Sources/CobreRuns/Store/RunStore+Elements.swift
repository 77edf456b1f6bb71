internal import CobreCase
internal import CobreEngine
internal import GRDB

extension RunStore {
  /// Writes the names of the elements of a case and the dates and blocks of its stages, for those who read results.
  ///
  /// - Parameter study: the case that the run computes on.
  /// - Throws: `RunError`.
  func recordElements(of study: StudyCase) throws {
    let walk = StageWalk(study: study)
    try write { database in
      try database.execute(sql: "DELETE FROM element; DELETE FROM stage; DELETE FROM block;")
      let element = try database.makeStatement(sql: "INSERT OR IGNORE INTO element (kind, id, name) VALUES (?, ?, ?)")
      for kind in ElementKind.allCases {
        for index in 0..<kind.count(in: study) {
          let (id, name) = kind.element(index, in: study)
          try element.execute(arguments: [kind.rawValue, id, name])
        }
      }
      let stage = try database.makeStatement(
        sql: "INSERT INTO stage (stage, id, start_date, end_date, season, period) VALUES (?, ?, ?, ?, ?, ?)")
      let block = try database.makeStatement(sql: "INSERT INTO block (stage, block, hours) VALUES (?, ?, ?)")
      for (step, index) in walk.stages.enumerated() {
        let own = study.stages[index]
        try stage.execute(arguments: [
          step, own.declaredID ?? own.id, own.start.description, own.end.description, own.seasonID, walk.periods[step],
        ])
        for (number, part) in own.blocks.enumerated() { try block.execute(arguments: [step, number, part.hours]) }
      }
    }
  }
}
