import CobreBase
import CobreCase
import CobreEngine

extension CaseDraft {
  /// Two stages of one block with 730 h and a deterministic inflow, so that optima can be found by hand.
  ///
  /// Load 80 MW; a thermal of 100 MW at 50 $/MWh; a hydro of 1 MW/(m³/s), 50 m³/s, 0…200 hm³ with 100 hm³ at the
  /// start and 40, then 10 m³/s of inflow. Deficit 1000 $/MWh, violations 10,000, spill 0.01; 1 m³/s during a stage is
  /// 2.628 hm³. Without further equipment the optimum is 23,635,000/9 $.
  static let twoStages: CaseDraft = {
    var draft = CaseDraft.smallest
    let file = "system/hydros.json"
    draft.set(file, "hydros[0].id", 0)
    draft.set(file, "hydros[0].reservoir", ["min_storage_hm3": 0, "max_storage_hm3": 200])
    draft.set(file, "hydros[0].outflow.max_outflow_m3s", 50)
    draft.set(file, "hydros[0].generation.productivity_mw_per_m3s", 1)
    draft.set(file, "hydros[0].generation.max_generation_mw", 50)
    draft.set("initial_conditions.json", "storage", [["hydro_id": 0, "value_hm3": 100]])
    draft.set("system/thermals.json", "thermals[0].cost_per_mwh", 50)
    draft.set("system/thermals.json", "thermals[0].generation.max_mw", 100)
    for stage in 0..<2 {
      draft.set("stages.json", "stages[\(stage)].blocks[0].hours", 730)
      draft.set("stages.json", "stages[\(stage)].num_scenarios", 1)
      draft.set("stages.json", "stages[\(stage)].season_id", .int(Int64(stage)))
    }
    draft.set("penalties.json", "bus.deficit_segments[0].cost", 1000)
    for cost in [
      "turbined_violation_below_cost", "outflow_violation_below_cost", "outflow_violation_above_cost",
      "generation_violation_below_cost", "evaporation_violation_cost", "water_withdrawal_violation_cost",
    ] { draft.set("penalties.json", "hydro.\(cost)", 10_000) }
    draft.set("penalties.json", "hydro.fpha_turbined_cost", 0)
    draft.inflows(40, 10)
    draft.write("scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw\n1,0,80,0\n1,1,80,0\n")
    return draft
  }()

  /// Sets the inflow of the two stages, in m³/s.
  mutating func inflows(_ first: Double, _ second: Double) {
    write(
      "scenarios/inflow_openings.csv",
      "stage_id,opening_index,probability,hydro_id,value_m3s\n0,0,,0,\(first)\n1,0,,0,\(second)\n")
  }

  /// Lets the plant evaporate a depth in mm every month, on 0.5 km² when empty, 1 half full and 1.5 full.
  mutating func evaporate(_ depth: Int64) {
    set(
      "system/hydros.json", "hydros[0].evaporation",
      ["coefficients_mm": .array(.init(repeating: .int(depth), count: 12))])
    geometry("0,0,10,0.5\n0,100,20,1\n0,200,30,1.5\n")
  }

  /// Makes the plant one with production planes, given as rows `stage_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s`.
  mutating func planes(_ rows: [String]) {
    useFPHA()
    set("system/hydro_production_models.json", "production_models[0].hydro_id", 0)
    write(
      "system/fpha_hyperplanes.csv",
      "hydro_id,stage_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s\n" + rows.map { "0,\($0)\n" }.joined())
  }
}
