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
      "Opening tables: the N openings of a stage are numbered 0…N−1; each has every plant in service or every "
        + "bus; every study stage is covered."),
    .error(408, "Both opening tables have the same openings per stage."),
    .error(
      409,
      "noise_openings: every study stage has openings 0…N−1, each with a value for entities 0…D−1, the D "
        + "elements whose inflow, load or availability is uncertain."),
    .error(410, "Class with scheme external: its table has rows."),
    .error(
      411,
      "External tables: every study stage has one scenario at least, numbered 0…n−1; each has every element of "
        + "its class (plants, buses or sources) and no other."),
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
      "Given coefficients: past_inflows has a value for each lag up to the largest of the plant, and 12 at least "
        + "where it has an annual component. Estimated model: where past_inflows does not, the history reaches the "
        + "study."),
    .error(420, "Estimated model: season_definitions present, every hydro has observations."),
    .error(
      421,
      "Evaporation: the plant has geometry rows, not all with area 0; every study stage has season_id in "
        + "0…11 (the month)."),
    .error(422, "Stages with AR rows or annual component have season_id."),
    .error(
      423,
      "Scheme historical or historical_residuals: inflow_history is there and has a complete window: values of "
        + "all plants for all study stages and for as many periods before them as the model has lags."),
    .error(424, "Reported: sampling_method: selective is not available."),
    .warning(425, "Reported: generic constraint without any bound row: never active."),
  ]
}
