import CobreBase
import CobreCase
import CobreEngine
import Testing

/// A case of monthly stages in which everything varies, made to order for tests of noise.
struct NoisyCase {
  var hydros = [3, 5]
  var buses = [1, 4]
  var sources = [8]
  var stages = 2
  var openings = 4
  var method = "saa"
  /// Writes every list and table in reverse.
  var isReversed = false
  var seed = 11
  /// Member of `config.json` at `training.scenario_source`.
  var source: JSONValue?
  var simulationSource: JSONValue?
  /// Seasons of the stages (nil = the month).
  var seasons: [Int]?
  /// Start of each stage and the end of the last (nil = months of 2024 and after).
  var dates: [String]?

  private func listed<T>(_ values: [T]) -> [T] { isReversed ? values.reversed() : values }

  private func month(_ index: Int) -> String {
    let month = index % 12 + 1
    return "\(2024 + index / 12)-\(month < 10 ? "0" : "")\(month)-01"
  }

  var draft: CaseDraft {
    var draft = CaseDraft.smallest
    draft.files["scenarios/inflow_openings.csv"] = nil
    draft.set("config.json", "training.tree_seed", .int(Int64(seed)))
    if let source { draft.set("config.json", "training.scenario_source", source) }
    if let simulationSource { draft.set("config.json", "simulation.scenario_source", simulationSource) }
    let dates = dates ?? (0...stages).map(month)
    let stageList = listed(Array(0..<stages)).map { id -> JSONValue in
      let season = JSONValue.int(Int64(seasons?[id] ?? id % 12))
      let count = JSONValue.int(Int64(openings))
      return [
        "id": .int(Int64(id)), "start_date": .string(dates[id]), "end_date": .string(dates[id + 1]),
        "num_scenarios": count, "sampling_method": .string(method), "season_id": season,
        "blocks": [["id": 0, "name": "ALL", "hours": 730]],
      ]
    }
    draft.set("stages.json", "stages", .array(stageList))
    let hydroList = listed(hydros).map { draft.valueOfHydro(id: Int64($0)) }
    draft.set("system/hydros.json", "hydros", .array(hydroList))
    let volumes = listed(hydros).map { id -> JSONValue in ["hydro_id": .int(Int64(id)), "value_hm3": 60.0] }
    draft.set("initial_conditions.json", "storage", .array(volumes))
    let busList = listed(buses).map { id -> JSONValue in ["id": .int(Int64(id)), "name": "B"] }
    draft.set("system/buses.json", "buses", .array(busList))
    let bus = JSONValue.int(Int64(buses[0]))
    let sourceList = listed(sources).map { id -> JSONValue in
      ["id": .int(Int64(id)), "name": "W", "bus_id": bus, "max_generation_mw": 10.0]
    }
    draft.set("system/non_controllable_sources.json", "non_controllable_sources", .array(sourceList))
    func table(_ file: String, _ head: String, _ ids: [Int], _ row: (Int, Int) -> String) {
      let rows = (0..<stages).flatMap { stage in ids.map { "\($0),\(stage),\(row($0, stage))" } }
      draft.write(file, ([head] + listed(rows)).joined(separator: "\n") + "\n")
    }
    table("scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s", hydros) { id, stage in
      "\(100 + id + stage),10"
    }
    table("scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", buses) { _, _ in "50,4" }
    table("scenarios/non_controllable_stats.csv", "ncs_id,stage_id,mean,std", sources) { _, _ in "0.5,0.05" }
    return draft
  }

  /// The case as the engine reads it.
  ///
  /// The test fails where it has errors.
  func study() throws -> StudyCase { try Self.study(of: draft) }

  static func study(of draft: CaseDraft) throws -> StudyCase {
    let report = draft.read()
    return try #require(report.study, "\(report.findings)")
  }

  /// Noise of the tree.
  func noise() throws -> OpeningNoise { OpeningNoise(study: try study(), seed: Int64(seed)) }
}

extension OpeningNoise {
  /// Noise of one component over the openings of a stage.
  func series(stage: Int, component: Int) -> [Double] {
    stride(from: component, to: values[stage].count, by: layout.dimension).map { values[stage][$0] }
  }
}
