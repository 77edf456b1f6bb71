extension Rule {
  static let coverage: [Rule] = [
    .error(401, "At least one bus and two study stages."),
    .error(402, "Study stage ids are 0…T−1, pre-study ids −1, −2, … without gap."),
    .error(403, "If present, inflow_seasonal_stats has every hydro in service at every study stage."),
    .error(404, "If present, load_seasonal_stats has every bus at every study stage."),
    .warning(405, "Reported: no load file at all: load is 0."),
    .error(406, "AR lags are 1…p without gap; with inflow_seasonal_stats, AR and annual rows have a statistics row."),
    .error(
      407,
      "Opening tables: per stage opening_index is 0…N−1; each opening has every plant in service resp. "
        + "every bus; every study stage is covered."),
    .error(408, "Both opening tables have the same openings per stage."),
    .error(409, "noise_openings: every study stage, openings 0…N−1, each with entities 0…D−1."),
    .error(410, "Class with scheme external: its table has rows."),
    .error(
      411,
      "External tables: every study stage has ≥ 1 scenario; ids 0…n−1; each scenario has every entity of "
        + "the class and no other."),
    .error(412, "Correlation matrix is n × n for n entities."),
    .error(413, "Several correlation profiles include default."),
    .error(414, "Precomputed FPHA: each plant and stage has planes of its own or with null stage."),
    .error(415, "Computed FPHA: ≥ 2 geometry rows, tailrace, hydraulic_losses and efficiency given."),
    .error(416, "linearized_head plants have ≥ 2 geometry rows, if the geometry table is present."),
    .error(417, "Plants with generation.model: fpha have a production_models entry that covers every stage."),
    .error(
      418,
      "Each hydro with filling is in filling_storage, each other in storage; with min = max storage the "
        + "entry may be missing (that volume is used)."),
    .error(
      419,
      "Given AR rows, largest lag p: past_inflows has ≥ p values for the plant (12 for an annual component: "
        + "W); for an estimated model the history reaches the study where past_inflows does not."),
    .error(420, "Estimated model: season_definitions present, every hydro has observations."),
    .error(
      421,
      "Evaporation: the plant has geometry rows, not all with area 0; every study stage has season_id in "
        + "0…11 (the month)."),
    .error(422, "Stages with AR rows or annual component have season_id."),
    .error(
      423,
      "Scheme historical or historical_residuals: inflow_history present with at least one complete window "
        + "(all plants, all study stages plus p lags)."),
    .error(424, "Reported: sampling_method: selective is not available."),
    .warning(425, "Reported: generic constraint without any bound row: never active."),
  ]
}
