import CobreBase
import CobreCase

extension BrokenNovomodeloCase {
  /// The time before the study, and columns and keys that only few cases have.
  static let past: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(
      629, "an observation of the study", "initial_conditions.json", "recent_observations[0].end_date"
    ) {
      $0.set(
        "initial_conditions.json", "recent_observations",
        [["hydro_id": 7, "start_date": "2026-12-01", "end_date": "2027-01-02", "value_m3s": 20.0]])
    },
    BrokenNovomodeloCase(
      208, "dynamic selection before the first iteration", "config.json",
      "training.cut_selection.selection.start_iteration"
    ) {
      $0.set("config.json", "training.cut_selection", ["selection": ["method": "dynamic", "start_iteration": 0]])
    },
    BrokenNovomodeloCase(
      307, "coefficients of a period that is not declared", "scenarios/inflow_ar_coefficients.parquet"
    ) {
      $0.inflows([[7, -1, 22, 1], [7, 0, 22, 1], [7, 1, 22, 1]])
      $0.table("scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient", [[7, -1, 1, 0.5]])
    },
    BrokenNovomodeloCase(626, "a lag that is left out", "scenarios/inflow_ar_coefficients.parquet", "row 1, column lag")
    {
      $0.inflows([[7, -2, 22, 1], [7, -1, 22, 1], [7, 0, 22, 1], [7, 1, 22, 1]])
      $0.set(
        "initial_conditions.json", "recent_observations",
        [["hydro_id": 7, "start_date": "2026-11-01", "end_date": "2027-01-01", "value_m3s": 20.0]])
      $0.table("scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient", [[7, 0, 2, 0.5]])
    },
    BrokenNovomodeloCase(201, "sources without their column", "constraints/ncs_bounds.parquet") {
      $0.table("constraints/ncs_bounds", "ncs_id stage_id", [])
    },
    BrokenNovomodeloCase(
      629, "a delivery after the study that was decided before it", "initial_conditions.json",
      "past_anticipated_commitments"
    ) {
      $0.set("system/thermals.json", "thermals[0].anticipated_config", ["lead_time_hours": 1500.0])
      $0.set(
        "initial_conditions.json", "past_anticipated_commitments",
        [
          ["thermal_id": 3, "start_date": "2027-01-01", "end_date": "2027-02-01", "value_mw": 10.0],
          ["thermal_id": 3, "start_date": "2027-02-01", "end_date": "2027-03-01", "value_mw": 10.0],
        ])
      $0.json(
        "post_study_stages.json",
        ["stages": [["start_date": "2027-03-01", "duration_hours": 24.0]], "thermal_bounds": []])
    },
  ]
}
