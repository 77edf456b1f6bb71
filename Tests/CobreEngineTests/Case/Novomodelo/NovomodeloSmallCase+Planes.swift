import CobreBase
import CobreCase
import CobreEngine

/// Production planes that are fitted from geometry.
extension NovomodeloSmallCase {
  static let planes: [NovomodeloSmallCase] = [
    NovomodeloSmallCase("computed planes", 3_456_163.5874453937) { fit(&$0) },
    NovomodeloSmallCase("merged planes", 3_452_137.506850052) {
      fit(&$0)
      $0.set(models, "fpha_plane_reduction", ["method": "angle", "tolerance_deg": 1.0])
    },
    NovomodeloSmallCase("window and ends of the fit", 3_485_228.8736954825) {
      fit(
        &$0,
        [
          "source": "computed", "fitting_window": ["volume_min_percentile": 0.1, "volume_max_hm3": 140.0],
          "turbined_fit_max_m3s": 40.0, "spillage_fit_max_m3s": 20.0, "volume_discretization_points": 4,
          "turbine_discretization_points": 6,
        ])
    },
    NovomodeloSmallCase("fit at one volume", 3_692_826.3019040986) {
      fit(&$0, ["source": "computed", "volume_discretization_points": 1])
    },
    NovomodeloSmallCase("planes in one stage only", 9_150_783.29578529) {
      fit(&$0)
      $0.set(
        models, "production_models[0].stage_ranges",
        [
          ["start_stage_id": 0, "end_stage_id": 0, "model": "fpha", "fpha_config": ["source": "computed"]],
          [
            "start_stage_id": 1, "end_stage_id": nil, "model": "constant_productivity",
            "productivity_mw_per_m3s": 0.5,
          ],
        ])
    },
    // The productivity of the table holds where no range does.
    NovomodeloSmallCase("given planes in one stage, nothing said on the other", 10_304_676.132930508) {
      $0.set("system/hydros.json", "hydros[0].generation.model", "fpha")
      $0.set(
        models, "production_models[0].stage_ranges",
        [["start_stage_id": 0, "end_stage_id": 0, "model": "fpha", "fpha_config": ["source": "precomputed"]]])
      $0.table(
        "system/fpha_hyperplanes", "hydro_id stage_id plane_id gamma_0 gamma_v gamma_q gamma_s kappa",
        [[7, nil, 0, 1, 0.02, 0.8, -0.01, 0.9], [7, nil, 1, 4, 0, 0.85, 0, 1]])
      $0.table(
        "system/hydro_energy_productivity",
        "hydro_id stage_id equivalent_productivity_mw_per_m3s reference_outflow_m3s "
          + "specific_productivity_mw_per_m3s_per_m integrated_equivalent_productivity_mw_per_m3s",
        [[7, nil, 0.5, nil, nil, nil]])
    },
    // Novomodelo lets the plant produce nothing in the second stage (19,512,437.02). With the equivalent productivity
    // 0.0088·0.97·(420.1 − 301) written into the stage it reaches the same optimum as here.
    NovomodeloSmallCase("stage without a productivity", 3_231_617.175964541) {
      fit(&$0)
      $0.set(
        models, "production_models[0].stage_ranges",
        [
          ["start_stage_id": 0, "end_stage_id": 0, "model": "fpha", "fpha_config": ["source": "computed"]],
          ["start_stage_id": 1, "end_stage_id": nil, "model": "constant_productivity"],
        ])
    },
    NovomodeloSmallCase("families of tailrace curves", 3_462_623.953804487) { addFamilies(&$0) },
  ]

  private static let models = "system/hydro_production_models.json"

  private static func fit(_ draft: inout CaseDraft, _ settings: JSONValue = ["source": "computed"]) {
    draft.addHead()
    draft.set("system/hydros.json", "hydros[0].generation.model", "fpha")
    draft.set(
      models, "production_models[0].stage_ranges",
      [["start_stage_id": 0, "end_stage_id": nil, "model": "fpha", "fpha_config": settings]])
  }

  /// A plant below at another reference volume in each stage, whose level chooses among three curves.
  private static func addFamilies(_ draft: inout CaseDraft) {
    fit(&draft)
    draft.addHead(plants: [7, 9])
    draft.set("system/hydros.json", "hydros[1]", CaseDraft.plant(9, storage: (10, 150)))
    draft.set("system/hydros.json", "hydros[0].downstream_id", 9)
    func entry(_ first: Int64, _ last: JSONValue, _ volume: JSONValue) -> JSONValue {
      [
        "start_stage_id": .int(first), "end_stage_id": last, "model": "constant_productivity",
        "productivity_mw_per_m3s": 0.8, "reference_volume": volume,
      ]
    }
    draft.set(
      models, "production_models[1]",
      [
        "hydro_id": 9, "selection_mode": "stage_ranges",
        "stage_ranges": [entry(0, 0, ["percentile": 0.2]), entry(1, nil, ["volume_hm3": 120.0])],
      ])
    draft.set(
      "initial_conditions.json", "storage",
      [["hydro_id": 7, "value_hm3": 60.0], ["hydro_id": 9, "value_hm3": 60.0]])
    draft.table(
      "system/tailrace_curves",
      "hydro_id family_id downstream_reference_level_m segment_id outflow_min_m3s outflow_max_m3s coefficient_0 "
        + "coefficient_1 coefficient_2 coefficient_3 coefficient_4",
      [
        [7, 1, 380, 1, 0, 60, 300, 0.05, 0, 0, 0], [7, 1, 380, 2, 60, 500, 301.2, 0.03, 0, 0, 0],
        [7, 2, 420, 1, 0, 500, 310, 0.02, 0, 0, 0], [7, 3, 440, 1, 0, 500, 315, 0.01, 0, 0, 0],
      ])
    draft.inflows([[7, 0, 22, 0], [7, 1, 22, 0], [9, 0, 22, 0], [9, 1, 22, 0]])
    draft.loads([[1, 0, 100, 0], [1, 1, 100, 0]])
  }
}
