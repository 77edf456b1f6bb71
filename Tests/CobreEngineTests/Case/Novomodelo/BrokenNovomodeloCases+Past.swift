import CobreBase
import CobreCase

extension BrokenNovomodeloCase {
  private static let annual = "scenarios/inflow_annual_component.parquet"

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
    BrokenNovomodeloCase(567, "a lag of a season without statistics", "scenarios/inflow_ar_coefficients.parquet") {
      $0.inflows([[7, 0, 22, 1], [7, 1, 22, 1]])
      $0.addLag(1)
    },
    BrokenNovomodeloCase(567, "a lag of a season without deviation", "scenarios/inflow_ar_coefficients.parquet") {
      $0.inflows([[7, -1, 22, 0], [7, 0, 22, 1], [7, 1, 22, 1]])
      $0.addLag(1)
    },
    BrokenNovomodeloCase(567, "an annual component of months without means", annual) {
      $0.inflows([[7, -1, 22, 1], [7, 0, 22, 1], [7, 1, 22, 1]])
      $0.addAnnual()
      $0.addLag(1)
    },
    BrokenNovomodeloCase(634, "an annual component of weeks", annual) {
      $0.inflows([[7, -1, 22, 1], [7, 0, 22, 1], [7, 1, 22, 1]])
      $0.addAnnual()
      $0.set("stages.json", "season_definitions.cycle_type", "weekly")
      $0.addLag(1)
    },
    BrokenNovomodeloCase(
      112, "a lag before all history", "scenarios/inflow_ar_coefficients.parquet", "row 1, column lag"
    ) {
      $0.inflows([[7, -1, 22, 1], [7, 0, 22, 1], [7, 1, 22, 1]])
      $0.addLag(2_000_000_000)
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
    BrokenNovomodeloCase(629, "a week in two parts with a gap", initial, "past_anticipated_commitments") {
      $0.anticipate(hours: 1700)
      $0.follow([("2027-03-01", 168)])
      $0.commit([whole, ("2027-03-01", "2027-03-04", 5), ("2027-03-05", "2027-03-08", 5)])
    },
    BrokenNovomodeloCase(629, "a commitment across the end of the study", initial, "past_anticipated_commitments") {
      $0.anticipate(hours: 1700)
      $0.follow([("2027-03-01", 168)])
      $0.commit([("2027-01-01", "2027-03-08", 10)])
    },
    BrokenNovomodeloCase(629, "a commitment of what the study decides", initial, "past_anticipated_commitments") {
      $0.anticipate(hours: 1500)
      $0.follow([("2027-03-01", 240)], decided: [0])
      $0.commit([whole, ("2027-03-01", "2027-03-04", 5)])
    },
    BrokenNovomodeloCase(629, "a commitment above the capacity", initial, "past_anticipated_commitments[1].value_mw") {
      $0.anticipate(hours: 1416)
      $0.commit([("2027-01-01", "2027-02-01", 30), ("2027-02-01", "2027-03-01", 30.5)])
    },
    BrokenNovomodeloCase(
      629, "a commitment of a plant that has left", initial, "past_anticipated_commitments[1].value_mw"
    ) {
      $0.anticipate(hours: 1416)
      $0.set("system/thermals.json", "thermals[1].exit_stage_id", 1)
      $0.commit([("2027-01-01", "2027-02-01", 30), ("2027-02-01", "2027-03-01", 0.5)])
    },
    BrokenNovomodeloCase(626, "a stage in two commitments", initial, "past_anticipated_commitments") {
      $0.anticipate(hours: 1416)
      $0.commit([("2027-01-01", "2027-01-15", 3), ("2027-01-15", "2027-02-01", 7), ("2027-02-01", "2027-03-01", 7)])
    },
    BrokenNovomodeloCase(623, "ten days and a half are eleven", "post_study_stages.json", "stages[1].start_date") {
      $0.follow([("2027-03-01", 252), ("2027-03-11", 24)])
    },
    BrokenNovomodeloCase(623, "eleven hours are no day", "post_study_stages.json", "stages[0].duration_hours") {
      $0.follow([("2027-03-01", 11)])
    },
  ]

  private static let initial = "initial_conditions.json"
  /// The whole study.
  private static let whole = (start: "2027-01-01", end: "2027-03-01", power: 10.0)
}

extension CaseDraft {
  /// A coefficient in the first stage, after a year of observations.
  fileprivate mutating func addLag(_ lag: Int) {
    table("scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient", [[7, 0, Double(lag), 0.5]])
    set(
      "initial_conditions.json", "recent_observations",
      [["hydro_id": 7, "start_date": "2026-01-01", "end_date": "2027-01-01", "value_m3s": 20.0]])
  }

  fileprivate mutating func addAnnual() {
    table(
      "scenarios/inflow_annual_component", "hydro_id stage_id annual_coefficient annual_mean_m3s annual_std_m3s",
      [[7, 0, 0.3, 22, 1]])
  }
}
