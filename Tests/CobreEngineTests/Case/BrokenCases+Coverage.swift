import CobreBase
import CobreCase
import CobreEngine

extension BrokenCase {
  static let coefficientsHeader = "hydro_id,stage_id,lag,coefficient,residual_std_ratio\n"
  private static let planesHeader = "hydro_id,stage_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s\n"
  private static let twoPlants = #"{"type": "inflow", "id": 2}, {"type": "inflow", "id": 7}"#

  static let coverage: [BrokenCase] = [
    BrokenCase("no bus", 401, F.buses, "buses") { $0.write(F.buses, #"{"buses": []}"#) },
    BrokenCase("one stage", 401, F.stages, "stages") { $0.set(F.stages, "stages[1]", nil) },
    BrokenCase("gap in stages", 402, F.stages, "stages[1].id") { $0.set(F.stages, "stages[1].id", 2) },
    BrokenCase("gap in pre-study stages", 402, F.stages, "pre_study_stages") {
      $0.set(F.stages, "pre_study_stages", [["id": -2, "start_date": "2026-11-01", "end_date": "2026-12-01"]])
    },
    BrokenCase("statistics of a plant missing", 403, F.inflowStats, base: .valley) {
      $0.replace(F.inflowStats, "7,1,20.0,2.5\n", "")
    },
    BrokenCase("load of a bus missing", 404, F.loadStats) { $0.replace(F.loadStats, "1,1,58.0,0.0\n", "") },
    BrokenCase("no load", 405, F.loadStats) { $0.files[F.loadStats] = nil },
    BrokenCase("gap in lags", 406, F.coefficients, base: .valley) {
      $0.write(F.coefficients, coefficientsHeader + "7,0,2,0.3,0.9\n")
    },
    BrokenCase("coefficients without statistics", 406, F.coefficients, base: .valley) {
      $0.set(F.stages, "pre_study_stages", [["id": -1, "start_date": "2026-12-01", "end_date": "2027-01-01"]])
      $0.write(F.coefficients, coefficientsHeader + "7,-1,1,0.3,0.9\n")
    },
    BrokenCase("opening without a plant", 407, F.inflowOpenings) {
      $0.set(F.hydros, "hydros[1]", $0.valueOfHydro(id: 8))
      $0.set(F.initial, "storage[1]", ["hydro_id": 8, "value_hm3": 60.0])
    },
    BrokenCase("gap in openings", 407, F.inflowOpenings, "row 4, column opening_index") {
      $0.replace(F.inflowOpenings, "1,1,0.6", "1,2,0.6")
    },
    BrokenCase("huge opening index", 407, F.inflowOpenings, "row 4, column opening_index") {
      $0.replace(F.inflowOpenings, "1,1,0.6", "1,2000000000,0.6")
    },
    BrokenCase("stage without opening", 407, F.inflowOpenings) { $0.replace(F.inflowOpenings, "0,0,,7,22.0\n", "") },
    BrokenCase("different openings", 408, F.loadOpenings) {
      $0.files[F.loadStats] = nil
      $0.write(F.loadOpenings, "stage_id,opening_index,bus_id,value_mw\n0,0,1,62\n1,0,1,58\n")
    },
    BrokenCase("noise without a plant", 409, F.noiseOpenings, base: .valley) {
      $0.write(F.noiseOpenings, "stage_id,opening_index,entity_index,value\n0,0,0,0.1\n0,0,1,0.1\n1,0,0,0.2\n")
    },
    BrokenCase("noise of a stage missing", 409, F.noiseOpenings, base: .valley) {
      $0.write(F.noiseOpenings, "stage_id,opening_index,entity_index,value\n0,0,0,0.1\n0,0,1,0.1\n")
    },
    BrokenCase("external scheme without table", 410, F.config, "training.scenario_source.inflow.scheme", base: .valley)
    {
      $0.set(F.config, "training.scenario_source", ["seed": 1, "inflow": ["scheme": "external"]])
    },
    BrokenCase("external scenario without a plant", 411, F.externalInflows, base: .valley) {
      $0.write(F.externalInflows, "stage_id,scenario_id,hydro_id,value_m3s\n0,0,2,1\n0,0,7,1\n1,0,2,1\n")
    },
    BrokenCase("external load of a quiet bus", 411, "scenarios/external_load_scenarios.csv", "row 2", base: .valley) {
      $0.write("scenarios/external_load_scenarios.csv", "stage_id,scenario_id,bus_id,value_mw\n0,0,1,1\n1,0,1,1\n")
    },
    BrokenCase(
      "matrix of another size", 412, F.correlation, "profiles.default.correlation_groups[0].matrix", base: .valley
    ) {
      $0.write(F.correlation, correlation(entities: twoPlants, matrix: "[[1]]"))
    },
    BrokenCase("no default profile", 413, F.correlation, "profiles", base: .valley) {
      $0.write(
        F.correlation,
        #"{"method": "spectral", "profiles": {"a": {"correlation_groups": []}, "b": {"correlation_groups": []}}}"#)
    },
    BrokenCase("stage without planes", 414, F.planes) {
      $0.useFPHA()
      $0.write(F.planes, planesHeader + "7,0,0,1,0,0.9,0\n")
    },
    BrokenCase("fit without geometry", 415, F.hydros, "hydros[0]") { $0.useFPHA(source: "computed") },
    BrokenCase("fitting window without volume", 415, F.models, "production_models[0]") {
      $0.fitPlanes()
      $0.setFit(["fitting_window": ["volume_max_hm3": 0]])
    },
    BrokenCase("linearized head with one point", 416, F.geometry) {
      $0.set(F.hydros, "hydros[0].generation.model", "linearized_head")
      $0.write(F.geometry, "hydro_id,volume_hm3,height_m,area_km2\n7,10,5,1\n")
    },
    BrokenCase("FPHA without production model", 417, F.hydros, "hydros[0].generation.model") {
      $0.useFPHA()
      $0.files[F.models] = nil
    },
    BrokenCase("FPHA of some stages", 417, F.hydros, "hydros[0].generation.model") {
      $0.useFPHA()
      $0.set(F.models, "production_models[0].stage_ranges[0].end_stage_id", 0)
    },
    BrokenCase("no start volume", 418, F.initial, "storage") { $0.set(F.initial, "storage", []) },
    BrokenCase("start volume in the wrong list", 418, F.initial, "filling_storage[0].hydro_id") {
      $0.set(F.initial, "storage", [])
      $0.set(F.initial, "filling_storage", [["hydro_id": 7, "value_hm3": 5.0]])
    },
    BrokenCase("too few past inflows", 419, F.initial, "past_inflows", base: .valley) {
      $0.write(F.coefficients, coefficientsHeader + "7,0,1,0.3,0.9\n")
    },
    BrokenCase("estimation without seasons", 420, F.stages, "season_definitions") { $0.useHistory("7,2020-01-01,5\n") },
    BrokenCase("estimation without observations", 420, F.history, base: .valley) {
      $0.files[F.inflowStats] = nil
      $0.write(F.history, "hydro_id,date,value_m3s\n7,2020-01-01,5\n")
    },
    BrokenCase("evaporation without geometry", 421, F.geometry) { $0.evaporate() },
    BrokenCase("evaporation without month", 421, F.stages, "stages[0].season_id") {
      $0.evaporate()
      $0.write(F.geometry, "hydro_id,volume_hm3,height_m,area_km2\n7,10,5,1\n7,150,9,2\n")
    },
    BrokenCase("lags without season", 422, F.stages, "stages[1].season_id", base: .valley) {
      $0.set(F.stages, "stages[1].season_id", nil)
      $0.write(F.coefficients, coefficientsHeader + "7,1,1,0.3,0.9\n")
    },
    BrokenCase("residuals without history", 423, F.stages, "stages[0].sampling_method", base: .valley) {
      $0.set(F.stages, "stages[0].sampling_method", "historical_residuals")
    },
    BrokenCase(
      "history without a complete window", 423, F.config, "training.scenario_source.inflow.scheme", base: .valley
    ) {
      $0.set(F.config, "training.scenario_source", ["seed": 1, "inflow": ["scheme": "historical"]])
      $0.write(F.coefficients, coefficientsHeader + "2,0,1,0,1\n2,1,1,0,1\n7,0,1,0,1\n7,1,1,0,1\n")
      $0.set(
        F.initial, "past_inflows",
        [["hydro_id": 2, "values_m3s": [40]], ["hydro_id": 7, "values_m3s": [20]]])
      $0.write(F.history, "hydro_id,date,value_m3s\n2,2020-01-01,5\n7,2020-01-01,5\n7,2020-02-01,5\n")
    },
    BrokenCase(
      "years without a complete window", 423, F.config, "training.scenario_source.historical_years", base: .valley
    ) {
      $0.set(
        F.config, "training.scenario_source",
        ["seed": 1, "inflow": ["scheme": "historical"], "historical_years": [1990]])
      $0.write(F.coefficients, coefficientsHeader + "2,0,1,0,1\n2,1,1,0,1\n7,0,1,0,1\n7,1,1,0,1\n")
      $0.set(
        F.initial, "past_inflows",
        [["hydro_id": 2, "values_m3s": [40]], ["hydro_id": 7, "values_m3s": [20]]])
      $0.write(
        F.history,
        "hydro_id,date,value_m3s\n2,2019-12-01,5\n2,2020-01-01,5\n2,2020-02-01,5\n"
          + "7,2019-12-01,5\n7,2020-01-01,5\n7,2020-02-01,5\n")
    },
    BrokenCase("selective sampling", 424, F.stages, "stages[0].sampling_method") {
      $0.set(F.stages, "stages[0].sampling_method", "selective")
    },
    BrokenCase("constraint without bound", 425, F.generic, "constraints[0]") {
      $0.write(F.generic, generic("thermal_generation(3)"))
    },
  ]
}

extension CaseDraft {
  /// The plant of the smallest case under another id.
  func valueOfHydro(id: Int64) -> JSONValue {
    let hydros = try? JSONParser.parse(files["system/hydros.json"] ?? [])
    var hydro = hydros?["hydros"]?.array?.first?.object ?? JSONObject()
    hydro["id"] = .int(id)
    return .object(hydro)
  }

  mutating func useFPHA(source: String = "precomputed") {
    set("system/hydros.json", "hydros[0].generation.model", "fpha")
    set("system/hydros.json", "hydros[0].generation.productivity_mw_per_m3s", nil)
    write(
      "system/hydro_production_models.json",
      """
      {"production_models": [{"hydro_id": 7, "selection_mode": "stage_ranges", "stage_ranges": [
        {"start_stage_id": 0, "model": "fpha", "fpha_config": {"source": "\(source)"}}]}]}
      """)
    write(
      "system/fpha_hyperplanes.csv",
      "hydro_id,stage_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s\n7,,0,1,0,0.9,0\n")
  }

  mutating func useHistory(_ rows: String) {
    files["scenarios/inflow_openings.csv"] = nil
    write("scenarios/inflow_history.csv", "hydro_id,date,value_m3s\n" + rows)
  }

  mutating func evaporate() {
    set(
      "system/hydros.json", "hydros[0].evaporation",
      ["coefficients_mm": [90, 85, 80, 70, 60, 50, 50, 60, 70, 80, 85, 90]])
  }
}
