import CobreBase
import CobreCase
import CobreEngine

extension BrokenCase {
  /// Numbers that are allowed and hardly meant.
  static let plausibility: [BrokenCase] = [
    BrokenCase("deficit below a thermal plant", 801, F.thermals, "thermals[0].cost_per_mwh") {
      $0.set(F.thermals, "thermals[0].cost_per_mwh", 900.0)
    },
    BrokenCase("load in GW in one stage", 802, F.loadStats) {
      $0.addThirdStage()
      $0.write(F.loadStats, "bus_id,stage_id,mean_mw,std_mw\n1,0,62,0\n1,1,0.058,0\n1,2,60,0\n")
    },
    BrokenCase("productivity in another unit", 803, F.hydros, "hydros[0].generation.productivity_mw_per_m3s") {
      $0.set(F.hydros, "hydros[0].generation.productivity_mw_per_m3s", 0.0009)
    },
    BrokenCase("more must-run than load", 804, F.thermals, "thermals") {
      $0.set(F.thermals, "thermals[0].generation", ["min_mw": 63.0, "max_mw": 70.0])
    },
    BrokenCase("reservoir in m³", 805, F.hydros, base: .valley) {
      $0.set(F.hydros, "hydros[1].reservoir.max_storage_hm3", 1e7)
    },
    BrokenCase("inflow in l/s in one stage", 806, F.inflowStats, "column mean_m3s", base: .valley) {
      $0.addValleyStage(means: [25, 25_000, 30])
    },
    BrokenCase("deviation in l/s", 806, F.inflowStats, "column std_m3s", base: .valley) {
      $0.addValleyStage(means: [25, 26, 30], deviation: 5000)
    },
    BrokenCase("discount rate in percent", 807, F.stages, "policy_graph.annual_discount_rate") {
      $0.set(F.stages, "policy_graph.annual_discount_rate", 8.0)
    },
    BrokenCase("minimum outflow in l/s", 808, F.hydros, "hydros[1].outflow.min_outflow_m3s", base: .valley) {
      $0.set(F.hydros, "hydros[1].outflow.min_outflow_m3s", 50_000.0)
      $0.set(F.hydros, "hydros[1].outflow.max_outflow_m3s", 90_000.0)
    },
    BrokenCase("factors of load in MW", 809, F.loadFactors, "load_factors", base: .valley) {
      $0.set(F.loadFactors, "load_factors[0].block_factors[0].factor", 62.0)
    },
    BrokenCase("more water than the study can use", 810, F.config, "policy.boundary") {
      $0.set(F.hydros, "hydros[0].reservoir.max_storage_hm3", 5000.0)
      $0.set(F.initial, "storage[0].value_hm3", 4000.0)
    },
    BrokenCase("reservoir in m³ beside a history", 805, F.hydros, "hydros[0].reservoir.max_storage_hm3") {
      $0.useWaves(until: (2026, 12))
      $0.set(F.hydros, "hydros[0].reservoir.max_storage_hm3", 999_999.0)
    },
    BrokenCase("productivity beyond any head", 803, F.hydros, "hydros[0].generation.productivity_mw_per_m3s") {
      $0.set(F.hydros, "hydros[0].generation.productivity_mw_per_m3s", 90.0)
      $0.set(F.hydros, "hydros[0].generation.max_turbined_m3s", 0.5)
    },
    BrokenCase("thermal plant without a limit", 811, F.thermals, "thermals[0].generation.max_mw") {
      $0.set(F.thermals, "thermals[0].generation.max_mw", 999_999.0)
    },
    BrokenCase("hydro plant in kW", 811, F.hydros, "hydros[0].generation.max_generation_mw") {
      $0.set(F.hydros, "hydros[0].generation.max_generation_mw", 45_000.0)
    },
    BrokenCase("source in W", 811, F.sources, "non_controllable_sources[0].max_generation_mw", base: .valley) {
      $0.set(F.sources, "non_controllable_sources[0].max_generation_mw", 2e7)
    },
    BrokenCase("load in kW", 812, F.loadStats, "column mean_mw") {
      $0.write(F.loadStats, "bus_id,stage_id,mean_mw,std_mw\n1,0,62000,0\n1,1,58000,0\n")
    },
    BrokenCase("deficit beyond all fuel", 813, F.penalties, "bus.deficit_segments") {
      $0.set(F.penalties, "bus.deficit_segments[0].cost", 900_000.0)
      $0.set(F.penalties, "hydro.storage_violation_below_cost", 2e6)
      $0.set(F.penalties, "hydro.filling_target_violation_cost", 4e6)
    },
    BrokenCase("penalty beyond all deficit", 813, F.penalties, "hydro.storage_violation_below_cost") {
      $0.set(F.penalties, "hydro.storage_violation_below_cost", 1e10)
      $0.set(F.penalties, "hydro.filling_target_violation_cost", 1e9)
    },
    BrokenCase("line dearer than a deficit", 814, F.penalties, "line.exchange_cost", base: .valley) {
      $0.set(F.penalties, "line.exchange_cost", 10_000.0)
    },
    BrokenCase("deviation of the load as a variance", 815, F.loadStats, "column std_mw") {
      $0.write(F.loadStats, "bus_id,stage_id,mean_mw,std_mw\n1,0,62,0\n1,1,58,144\n")
      $0.files[F.inflowOpenings] = nil
      $0.write(F.inflowStats, "hydro_id,stage_id,mean_m3s,std_m3s\n7,0,22,3\n7,1,20,3\n")
    },
    BrokenCase("factors that sum to 1", 816, F.loadFactors, "load_factors") {
      $0.write(
        F.loadFactors,
        #"{ "load_factors": [{ "bus_id": 1, "stage_id": 0, "block_factors": [{ "block_id": 0, "factor": 0.25 }] }] }"#)
    },
    BrokenCase("evaporation in µm", 817, F.hydros, "hydros[1].evaporation", base: .valley) {
      $0.set(F.hydros, "hydros[1].evaporation.coefficients_mm", .array(Array(repeating: 40_000.0, count: 12)))
    },
  ]
}
