internal import CobreBase

extension CoverageChecks {
  /// Rules 407 and 408.
  mutating func checkOpenings() {
    let tables: [(CaseFileName, String, EntityKind)] = [
      (.inflowOpenings, "hydro_id", .hydro), (.loadOpenings, "bus_id", .bus),
    ]
    let study = study
    for (file, key, kind) in tables {
      guard let table = context.table(file) else { continue }
      let needed = { (stage: Int) in
        kind == .bus
          ? Array(study.buses.indices) : study.hydros.indices.filter { study.exists(stage: stage, hydro: $0) }
      }
      checkScenarios(
        407, table, "opening_index", "opening", key, context.registry(kind), needed, allowsOthers: true)
    }
    if let table = context.table(.priceOpenings) {
      checkScenarios(
        407, table, "opening_index", "opening", "price_process_id", context.registry(.priceProcess),
        { _ in Array(study.priceProcesses.indices) }, allowsOthers: true)
    }
    if let prices = study.priceOpenings {
      for stage in study.stages.indices where prices.count(stage) != study.stages[stage].openings {
        collector.report(
          408, file: .priceOpenings, entity: context.stages.entity(stage), value: "\(prices.count(stage)) openings",
          "Stage \(study.stages[stage].id) has \(study.stages[stage].openings) openings, but prices for "
            + "\(prices.count(stage)).",
          suggestion: "Give prices for each opening of the stage.")
      }
    }
    guard let inflow = study.inflowOpenings, let load = study.loadOpenings else { return }
    for stage in study.stages.indices where inflow.count(stage) != load.count(stage) {
      collector.report(
        408, file: .loadOpenings, entity: context.stages.entity(stage),
        value: "\(load.count(stage)) openings",
        "Stage \(study.stages[stage].id) has \(load.count(stage)) load openings but \(inflow.count(stage)) inflow openings.",
        suggestion: "Give both files the same openings.")
    }
  }

  /// Rule 411.
  mutating func checkExternals() {
    checkExternalSchemes()
    let hasOpenings = context.table(.inflowOpenings) != nil || context.table(.loadOpenings) != nil
    let noisy = Set(study.noiseBuses)
    let sources = study.sources.indices.filter { source in
      study.stages.indices.contains { study.sourceStatistics(stage: $0, source: source) != nil }
    }
    let buses = study.buses.indices.filter { hasOpenings || noisy.contains($0) }
    let tables: [(CaseFileName, String, EntityKind, [Int])] = [
      (.externalInflows, "hydro_id", .hydro, Array(study.hydros.indices)), (.externalLoads, "bus_id", .bus, buses),
      (.externalAvailabilities, "ncs_id", .nonControllableSource, sources),
    ]
    for (file, key, kind, needed) in tables {
      guard let table = context.table(file) else { continue }
      checkScenarios(
        411, table, "scenario_id", "scenario", key, context.registry(kind), { _ in needed }, allowsOthers: false)
    }
  }

  /// Rule 112: a table of which every scenario is filled up must stay in proportion to its rows.
  mutating func checkTableSizes() {
    let tables: [(CaseFileName, ScenarioTable?)] = [
      (.inflowOpenings, study.inflowOpenings), (.loadOpenings, study.loadOpenings),
      (.noiseOpenings, study.noiseOpenings), (.priceOpenings, study.priceOpenings),
      (.externalInflows, study.externalInflows),
      (.externalLoads, study.externalLoads), (.externalAvailabilities, study.externalAvailabilities),
    ]
    for (file, built) in tables where context.table(file) != nil && built == nil && !collector.hasErrors {
      collector.report(
        112, file: file, "The table has far more scenarios and elements than rows, so it is not read.",
        suggestion: "Give a row per scenario and element.")
    }
  }

  /// Rule 410.
  private mutating func checkExternalSchemes() {
    let files: [NoiseClass: CaseFileName] = [
      .inflow: .externalInflows, .load: .externalLoads, .ncs: .externalAvailabilities,
    ]
    let sources = [
      ("training", study.configuration.training.scenarioSource),
      ("simulation", study.configuration.simulation.scenarioSource),
    ]
    for (section, source) in sources where context.root(.config)[section]["scenario_source"].exists {
      for noiseClass in NoiseClass.allCases where source.scheme(noiseClass) == .external {
        guard let file = files[noiseClass], context.table(file) == nil else { continue }
        collector.report(
          410, file: .config, at: "\(section).scenario_source.\(noiseClass.rawValue).scheme", value: "external",
          "The scheme needs \(file.path), which has no rows.", suggestion: "Add the file, or use another scheme.")
      }
    }
  }

  /// Every stage has scenarios 0…n−1, each with the entities it needs.
  private mutating func checkScenarios(
    _ code: Int, _ table: Table, _ index: String, _ word: String, _ key: String, _ registry: Registry,
    _ needed: (Int) -> [Int], allowsOthers: Bool
  ) {
    var rows: [[(scenario: Int, entity: Int, row: Int)]] = Array(repeating: [], count: study.stages.count)
    let scenarios = table.integers(index)
    for (row, entity, stage) in context.rows(table, key, registry.kind) {
      rows[stage].append((scenarios[row], entity, row))
    }
    for stage in study.stages.indices {
      let id = study.stages[stage].id
      let sorted = rows[stage].sorted { ($0.scenario, $0.entity) < ($1.scenario, $1.entity) }
      guard !sorted.isEmpty else {
        collector.report(
          code, file: table.file, at: "column stage_id", entity: context.stages.entity(stage),
          "Stage \(id) has no \(word).",
          suggestion: "Add rows for every study stage.")
        continue
      }
      let required = needed(stage)
      let allowed = Set(required)
      var position = 0
      var expected = 0
      while position < sorted.count {
        let scenario = sorted[position].scenario
        if scenario != expected {
          collector.report(
            code, file: table.file, at: table.place(sorted[position].row, index), entity: context.stages.entity(stage),
            value: String(scenario), "Stage \(id) has \(word) \(scenario) but no \(word) \(expected).",
            suggestion: "Number them 0…n−1.")
          break
        }
        let start = position
        while position < sorted.count, sorted[position].scenario == scenario { position += 1 }
        let present = sorted[start..<position]
        checkMembers(
          code, table, present.map { ($0.entity, $0.row) }, required, allowed, allowsOthers, registry, word, scenario,
          id)
        expected += 1
      }
    }
  }

  private mutating func checkMembers(
    _ code: Int, _ table: Table, _ present: [(entity: Int, row: Int)], _ required: [Int], _ allowed: Set<Int>,
    _ allowsOthers: Bool, _ registry: Registry, _ word: String, _ scenario: Int, _ stageID: Int
  ) {
    if !allowsOthers, let other = present.first(where: { !allowed.contains($0.entity) }) {
      collector.report(
        code, file: table.file, at: table.place(other.row), entity: registry.entity(other.entity),
        "\(registry.kind.words.capitalizedFirst) \(registry.ids[other.entity]) does not belong to the class.",
        suggestion: "Remove its rows.")
    }
    // Both lists ascend, so a merge finds the first that is missing.
    var position = 0
    for entity in required {
      while position < present.count, present[position].entity < entity { position += 1 }
      if position < present.count, present[position].entity == entity { continue }
      collector.report(
        code, file: table.file, at: "column stage_id", entity: registry.entity(entity),
        value: "stage \(stageID), \(word) \(scenario)",
        "\(word.capitalizedFirst) \(scenario) of stage \(stageID) has no row for \(registry.kind.words) \(registry.ids[entity]).",
        suggestion: "Add the row.")
      return
    }
  }

  /// Rule 409.
  mutating func checkNoiseOpenings() {
    guard let table = context.table(.noiseOpenings) else { return }
    let dimension = study.noiseDimension
    let (stageIDs, openings) = (table.integers("stage_id"), table.integers("opening_index"))
    let entities = table.integers("entity_index")
    var rowsOf = [[Int]](repeating: [], count: study.stages.count)
    for row in 0..<table.rowCount {
      if let stage = context.stages.index[stageIDs[row]] { rowsOf[stage].append(row) }
    }
    for stage in study.stages.indices {
      let id = study.stages[stage].id
      let rows = rowsOf[stage].sorted { (openings[$0], entities[$0]) < (openings[$1], entities[$1]) }
      if rows.isEmpty {
        collector.report(
          409, file: .noiseOpenings, entity: context.stages.entity(stage), "Stage \(id) has no opening.",
          suggestion: "Add rows for every study stage.")
      }
      for (position, row) in rows.enumerated() {
        let (opening, entity) = (position / max(1, dimension), position % max(1, dimension))
        if dimension > 0, openings[row] == opening, entities[row] == entity { continue }
        collector.report(
          409, file: .noiseOpenings, at: table.place(row), entity: context.stages.entity(stage),
          value: "opening \(openings[row]), entity \(entities[row])",
          "Expected opening \(opening), entity \(entity) of \(dimension) here in the order of stage \(id).",
          suggestion: "Number openings 0…N−1 and give each the entities 0…\(max(0, dimension - 1)).")
        break
      }
      if dimension > 0, rows.count % dimension != 0 {
        collector.report(
          409, file: .noiseOpenings, entity: context.stages.entity(stage), value: "\(rows.count) rows",
          "The last opening of stage \(id) does not have all \(dimension) entities.",
          suggestion: "Add the missing rows.")
      }
    }
  }
}
