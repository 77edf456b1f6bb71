import CobreBase
import CobreCase

extension BrokenNovomodeloCase {
  private static let hydros = "system/hydros.json"
  private static let thermals = "system/thermals.json"
  private static let loads = "scenarios/load_seasonal_stats.parquet"
  private static let inflows = "scenarios/inflow_seasonal_stats.parquet"
  private static let factors = "scenarios/load_factors.json"
  private static let models = "system/hydro_production_models.json"

  /// Numbers that are allowed and hardly meant, which are doubted as those of our own format are.
  static let plausibility: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(801, "deficit below a thermal plant", thermals, "thermals[0].cost_per_mwh") {
      $0.set(thermals, "thermals[0].cost_per_mwh", 900.0)
    },
    BrokenNovomodeloCase(802, "load in GW in one stage", loads, "column mean_mw") {
      $0.addThirdMonth()
      $0.loads([[1, 0, 62, 0], [1, 1, 0.058, 0], [1, 2, 60, 0]])
    },
    BrokenNovomodeloCase(803, "productivity in another unit", models, "production_models") {
      $0.json(models, ["production_models": [CaseDraft.productivity(7, 0.0009)]])
    },
    BrokenNovomodeloCase(803, "productivity beyond any head", models, "production_models") {
      $0.json(models, ["production_models": [CaseDraft.productivity(7, 90)]])
    },
    BrokenNovomodeloCase(804, "more must-run than load", thermals, "thermals") {
      $0.set(thermals, "thermals[0].generation", ["min_mw": 63.0, "max_mw": 70.0])
    },
    BrokenNovomodeloCase(805, "reservoir in m³", hydros, "hydros[0].reservoir.max_storage_hm3") {
      $0.set(hydros, "hydros[0].reservoir.max_storage_hm3", 1e7)
    },
    BrokenNovomodeloCase(806, "inflow in l/s in one stage", inflows, "column mean_m3s") {
      $0.addThirdMonth()
      $0.inflows([[7, 0, 22, 0], [7, 1, 22_000, 0], [7, 2, 22, 0]])
    },
    BrokenNovomodeloCase(806, "deviation in l/s", inflows, "column std_m3s") {
      $0.inflows([[7, 0, 22, 0], [7, 1, 22, 5000]])
    },
    BrokenNovomodeloCase(807, "discount rate in percent", "stages.json", "policy_graph.annual_discount_rate") {
      $0.set("stages.json", "policy_graph.annual_discount_rate", 8.0)
    },
    BrokenNovomodeloCase(808, "minimum outflow in l/s", hydros, "hydros[0].outflow.min_outflow_m3s") {
      $0.set(hydros, "hydros[0].outflow.min_outflow_m3s", 50_000.0)
    },
    BrokenNovomodeloCase(810, "more water than the study can use", "config.json", "policy.boundary") {
      $0.set(hydros, "hydros[0].reservoir.max_storage_hm3", 5000.0)
      $0.set("initial_conditions.json", "storage[0].value_hm3", 4000.0)
    },
    BrokenNovomodeloCase(811, "thermal plant without a limit", thermals, "thermals[0].generation.max_mw") {
      $0.set(thermals, "thermals[0].generation.max_mw", 999_999.0)
    },
    BrokenNovomodeloCase(812, "load in kW", loads, "column mean_mw") {
      $0.loads([[1, 0, 62_000, 0], [1, 1, 62_000, 0]])
    },
    BrokenNovomodeloCase(813, "deficit cost in $/GWh", "penalties.json", "bus.deficit_segments") {
      $0.set("penalties.json", "bus.deficit_segments[0].cost", 900_000.0)
    },
    BrokenNovomodeloCase(813, "a penalty out of scale", "penalties.json", "hydro.turbined_violation_below_cost") {
      $0.set("penalties.json", "hydro.turbined_violation_below_cost", 9.1e6)
    },
    BrokenNovomodeloCase(809, "factors of load in MW", factors, "load_factors") { $0.factors([62.0, 0.5]) },
    BrokenNovomodeloCase(814, "line dearer than a deficit", "penalties.json", "line.exchange_cost") {
      $0.addSecondBus()
      $0.set("penalties.json", "line.exchange_cost", 10_000.0)
    },
    BrokenNovomodeloCase(815, "deviation of the load in kW", loads, "column std_mw") {
      $0.loads([[1, 0, 62, 0], [1, 1, 62, 500]])
    },
    BrokenNovomodeloCase(816, "factors that sum to 1", factors, "load_factors") { $0.factors([0.25, 0.75]) },
    BrokenNovomodeloCase(816, "factors in tenths", factors, "load_factors") { $0.factors([10.0, 10.0]) },
    BrokenNovomodeloCase(817, "evaporation in µm", hydros, "hydros[0].evaporation") { $0.evaporation(40_000) },
    BrokenNovomodeloCase(817, "rain in µm", hydros, "hydros[0].evaporation") { $0.evaporation(-40_000) },
  ]
}

extension CaseDraft {
  /// Another month behind the two of the small case.
  fileprivate mutating func addThirdMonth() {
    set("stages.json", "stages[2]", Self.stage(2))
    inflows([[7, 0, 22, 0], [7, 1, 22, 0], [7, 2, 22, 0]])
    loads([[1, 0, 62, 0], [1, 1, 62, 0], [1, 2, 62, 0]])
  }

  /// Two blocks of equal length in the first month, with these factors of the load.
  fileprivate mutating func factors(_ values: [Double]) {
    set(
      "stages.json", "stages[0].blocks",
      [["id": 0, "name": "PEAK", "hours": 372.0], ["id": 1, "name": "BASE", "hours": 372.0]])
    let blocks = values.enumerated().map { ["block_id": .int(Int64($0)), "factor": .double($1)] as JSONValue }
    json(
      "scenarios/load_factors.json",
      ["load_factors": [["bus_id": 1, "stage_id": 0, "block_factors": .array(blocks)]]])
  }

  /// A bus with a little load behind a line.
  fileprivate mutating func addSecondBus() {
    set("system/buses.json", "buses[1]", ["id": 2, "name": "B2", "operational_start_date": "2000-01-01"])
    loads([[1, 0, 62, 0], [1, 1, 62, 0], [2, 0, 1, 0], [2, 1, 1, 0]])
    json(
      "system/lines.json",
      [
        "lines": [
          [
            "id": 0, "name": "L", "operational_start_date": "2000-01-01", "source_bus_id": 1, "target_bus_id": 2,
            "capacity": ["direct_mw": 1.0, "reverse_mw": 1.0], "losses_percent": 0.0,
          ]
        ]
      ])
  }

  /// Depths of every month, in mm, from a reservoir with geometry.
  fileprivate mutating func evaporation(_ depth: Double) {
    set(
      "system/hydros.json", "hydros[0].evaporation",
      ["coefficients_mm": .array(Array(repeating: .double(depth), count: 12))])
    table(
      "system/hydro_geometry", "hydro_id volume_hm3 height_m area_km2",
      [[7, 0, 400, 2], [7, 100, 420, 6], [7, 200, 430, 8]])
  }
}
