import CobreBase
import CobreCase
import CobreEngine

extension BrokenNovomodeloCase {
  private static let constraints = "constraints/generic_constraints.json"
  private static let limits = "constraints/generic_constraint_bounds.parquet"
  private static let parameters = "constraints/generic_parameters.json"
  private static let models = "system/hydro_production_models.json"

  /// Formulas, parameters and the data of computed planes.
  static let formulas: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(213, "a product of quantities", constraints, "constraints[0].expression, column 21") {
      $0.constrain("hydro_turbined(7, 0)*hydro_turbined(7)", [[0, 0, nil, nil, 1]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(213, "half a formula", constraints, "constraints[0].expression, column 20") {
      $0.constrain("hydro_turbined(7) +", [[0, 0, nil, nil, 1]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(305, "an unknown plant in a formula", constraints, "constraints[0].expression") {
      $0.constrain("hydro_turbined(8)", [[0, 0, nil, nil, 1]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(305, "an unknown bus in a formula", constraints, "constraints[0].expression") {
      $0.constrain("hydro_turbined(7, bus=4)", [[0, 0, nil, nil, 1]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(308, "a block too many", limits, "row 1") {
      $0.constrain("hydro_turbined(7, 1)", [[0, 0, nil, nil, 1]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(632, "a relation that is never in force", constraints, "constraints[0].expression") {
      $0.constrain("hydro_turbined(7) <= 3", [], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(632, "no limit", limits, "row 1") {
      $0.constrain("hydro_turbined(7)", [[0, 0, nil, nil, nil]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(632, "a constant without a relation", limits, "row 1") {
      $0.constrain("hydro_turbined(7) + 1", [[0, 0, nil, nil, 4]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(632, "crossed limits", limits, "row 1") {
      $0.constrain("hydro_turbined(7)", [[0, 0, nil, 5, 4]], penalty: 1, basis: "per_unit")
    },
    BrokenNovomodeloCase(633, "a gap in the stages", parameters, "scalar_parameters[0].values") {
      $0.parameters([["id": 1, "name": "a", "kind": "per_stage", "values": [[0.0, 1.5], [2.0, 2.5]]]])
    },
    BrokenNovomodeloCase(633, "a stage without a value", parameters, "scalar_parameters[0].values") {
      $0.parameters([["id": 1, "name": "a", "kind": "per_stage", "values": [[0.0, 1.5]]]])
    },
    BrokenNovomodeloCase(633, "a block without a value", parameters, "scalar_parameters") {
      $0.parameters([["id": 1, "name": "a", "kind": "per_stage_block", "block_values": [[0.0, 0.0, 1.5]]]])
    },
    BrokenNovomodeloCase(633, "a season without a value", parameters, "scalar_parameters") {
      $0.parameters([["id": 1, "name": "a", "kind": "seasonal", "values": [[0.0, 1.5]]]])
    },
    BrokenNovomodeloCase(633, "a parameter of an unknown one", parameters, "scalar_parameters") {
      $0.parameters([["id": 1, "name": "a", "kind": "expression", "expression": "2 * @b"]])
    },
    BrokenNovomodeloCase(633, "a specific productivity that the plant lacks", parameters, "scalar_parameters") {
      $0.parameters([
        [
          "id": 1, "name": "a", "kind": "computed",
          "computed_spec": ["tag": "specific_productivity", "hydro_id": 7],
        ]
      ])
    },
    BrokenNovomodeloCase(207, "a name twice", parameters, "scalar_parameters[1].name") {
      $0.parameters([
        ["id": 1, "name": "a", "kind": "constant", "value": 1.0],
        ["id": 2, "name": "a", "kind": "constant", "value": 2.0],
      ])
    },
    BrokenNovomodeloCase(415, "a fit without a tailrace", models, "production_models[0].stage_ranges[0].fpha_config") {
      $0.set(
        models, "production_models[0].stage_ranges",
        [["start_stage_id": 0, "end_stage_id": nil, "model": "fpha", "fpha_config": ["source": "computed"]]])
    },
    BrokenNovomodeloCase(417, "a stage without planes or productivity", models, "production_models[0].stage_ranges") {
      $0.set(
        models, "production_models[0].stage_ranges",
        [["start_stage_id": 0, "end_stage_id": 0, "model": "fpha", "fpha_config": ["source": "computed"]]])
    },
    BrokenNovomodeloCase(212, "a parameter without a name", parameters, "scalar_parameters[0].name") {
      $0.parameters([["id": 1, "name": "", "kind": "constant", "value": 1.0]])
    },
    BrokenNovomodeloCase(631, "a jump of the tailrace", "system/tailrace_curves.parquet") {
      $0.table(
        "system/tailrace_curves",
        "hydro_id family_id downstream_reference_level_m segment_id outflow_min_m3s outflow_max_m3s coefficient_0 "
          + "coefficient_1 coefficient_2 coefficient_3 coefficient_4",
        [[7, 1, nil, 1, 0, 60, 300, 0, 0, 0, 0], [7, 1, nil, 2, 60, 90, 310, 0, 0, 0, 0]])
    },
  ]
}
