extension CaseBuilder {
  func fillOpenings(_ study: inout StudyCase) {
    let stageCount = study.stages.count
    study.inflowOpenings = scenarios(
      .inflowOpenings, "opening_index", "hydro_id", context.registry(.hydro), "value_m3s", stageCount)
    study.loadOpenings = scenarios(
      .loadOpenings, "opening_index", "bus_id", context.registry(.bus), "value_mw", stageCount)
    study.externalInflows = scenarios(
      .externalInflows, "scenario_id", "hydro_id", context.registry(.hydro), "value_m3s", stageCount)
    study.externalLoads = scenarios(
      .externalLoads, "scenario_id", "bus_id", context.registry(.bus), "value_mw", stageCount)
    study.externalAvailabilities = scenarios(
      .externalAvailabilities, "scenario_id", "ncs_id", context.registry(.nonControllableSource), "value", stageCount)
    study.noiseOpenings = noiseOpenings(study)
    shareProbabilities(&study)
    for stage in study.stages.indices {
      if let table = study.inflowOpenings ?? study.loadOpenings ?? study.noiseOpenings {
        study.stages[stage].openings = table.count(stage)
      }
    }
    capOpenings(&study)
  }

  /// Drawn openings number at most the external scenarios that the stage has.
  private func capOpenings(_ study: inout StudyCase) {
    guard study.inflowOpenings == nil, study.loadOpenings == nil, study.noiseOpenings == nil else { return }
    let source = study.configuration.training.scenarioSource
    let tables = [
      source.inflow == .external ? study.externalInflows : nil, source.load == .external ? study.externalLoads : nil,
      source.ncs == .external ? study.externalAvailabilities : nil,
    ].compactMap(\.self)
    for stage in study.stages.indices {
      // Empty tables are reported by the coverage checks.
      for limit in tables.map({ $0.count(stage) }) where limit > 0 {
        study.stages[stage].openings = min(study.stages[stage].openings, limit)
      }
    }
  }

  /// Either opening table may carry the probabilities for both.
  private func shareProbabilities(_ study: inout StudyCase) {
    guard let inflow = study.inflowOpenings, let load = study.loadOpenings, inflow.firstRow == load.firstRow else {
      return
    }
    let given = OpeningTableView(context.table(.inflowOpenings), context.stages)
    for stage in study.stages.indices {
      let range = inflow.firstRow[stage]..<inflow.firstRow[stage + 1]
      if given.hasProbability(stage) {
        study.loadOpenings?.probabilities.replaceSubrange(range, with: inflow.probabilities[range])
      } else {
        study.inflowOpenings?.probabilities.replaceSubrange(range, with: load.probabilities[range])
      }
    }
  }

  private func noiseOpenings(_ study: StudyCase) -> ScenarioTable? {
    guard let table = context.table(.noiseOpenings) else { return nil }
    let dimension = study.noiseDimension
    return scenarios(
      table, "opening_index", table.integers("entity_index").map { (0..<dimension).contains($0) ? $0 : -1 },
      dimension, "value", study.stages.count)
  }

  func scenarios(
    _ file: CaseFileName, _ index: String, _ key: String, _ registry: Registry, _ value: String, _ stageCount: Int
  ) -> ScenarioTable? {
    guard let table = context.table(file) else { return nil }
    return scenarios(
      table, index, table.integers(key).map { registry.index[$0] ?? -1 }, registry.count, value, stageCount)
  }

  private func scenarios(
    _ table: Table, _ index: String, _ entities: [Int], _ count: Int, _ value: String, _ stageCount: Int
  ) -> ScenarioTable? {
    CaseBuilder.scenarios(
      table, index, entities, count, value, stages: table.integers("stage_id").map { context.stages.index[$0] ?? -1 },
      stageCount: stageCount)
  }

  /// Builds a table of scenarios.
  ///
  /// Returns nil if some are missing or out of all proportion, which the coverage checks report.
  ///
  /// `index` names the column that numbers the scenarios of a stage. `entities` and `stages` say for each row where its
  /// value belongs, −1 = nowhere. `count` is the number of values in a scenario.
  static func scenarios(
    _ table: Table, _ index: String, _ entities: [Int], _ count: Int, _ value: String, stages: [Int], stageCount: Int
  ) -> ScenarioTable? {
    let indices = table.integers(index)
    let values = table.numbers(value)
    let probabilities = NumberColumn(table, "probability")
    var rows = [Int](repeating: 0, count: stageCount)
    var largest = [Int](repeating: -1, count: stageCount)
    for row in 0..<table.rowCount where stages[row] >= 0 {
      rows[stages[row]] += 1
      largest[stages[row]] = max(largest[stages[row]], indices[row])
    }
    // A scenario has at least one row, so a larger index means a gap.
    for stage in 0..<stageCount where largest[stage] >= rows[stage] { return nil }
    var firstRow = [0]
    for stage in 0..<stageCount { firstRow.append(firstRow[stage] + largest[stage] + 1) }
    let total = firstRow[stageCount]
    let (size, overflow) = total.multipliedReportingOverflow(by: count)
    guard !overflow, size <= CaseBuilder.largestTable(rows: table.rowCount) else { return nil }
    var result = ScenarioTable(
      entities: count, firstRow: firstRow, probabilities: Array(repeating: .nan, count: total),
      values: Array(repeating: 0, count: size))
    for row in 0..<table.rowCount where stages[row] >= 0 && entities[row] >= 0 {
      let scenario = firstRow[stages[row]] + indices[row]
      result.values[scenario * count + entities[row]] = values[row]
      if let probability = probabilities[row] { result.probabilities[scenario] = probability }
    }
    for stage in 0..<stageCount {
      let range = firstRow[stage]..<firstRow[stage + 1]
      let isGiven = !range.isEmpty && range.allSatisfy { !result.probabilities[$0].isNaN }
      if !isGiven { for scenario in range { result.probabilities[scenario] = 1 / Double(range.count) } }
    }
    return result
  }

  /// Values that a table of so many rows may hold once its scenarios are filled up.
  static func largestTable(rows: Int) -> Int { max(1_000_000, rows * 8) }
}

/// Which stages of an opening table carry probabilities.
struct OpeningTableView {
  private let given: Set<Int>

  init(_ table: Table?, _ stages: Registry) {
    guard let table else {
      given = []
      return
    }
    let column = NumberColumn(table, "probability")
    let ids = table.integers("stage_id")
    given = Set((0..<table.rowCount).compactMap { column[$0] == nil ? nil : stages.index[ids[$0]] })
  }

  func hasProbability(_ stage: Int) -> Bool { given.contains(stage) }
}
