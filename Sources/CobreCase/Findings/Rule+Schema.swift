extension Rule {
  static let schema: [Rule] = [
    .error(201, "Required keys and columns are there."),
    .error(
      202,
      "No unknown key or column; the nearest known name is suggested. The scenario source belongs in "
        + "config.json."),
    .error(203, "Values have the stated type."),
    .error(204, "Numbers are finite and at most 1e20 in size, integers fit their width."),
    .error(205, "No null where none is allowed."),
    .error(206, "Enumerated strings, and the tags type, model, selection_mode, are from their list."),
    .error(
      207,
      "Ids unique per registry; table keys unique (null counts as a value); hydro_id unique in "
        + "production_models, storage, filling_storage, past_inflows; pairs and block ids unique in factor "
        + "files; season ids and schedule stages unique."),
    .error(208, "Numbers lie in the range of their key or column, which get_schema and the finding state."),
    .error(209, "Dates are valid; end > start."),
    .error(210, "Study stage ids ≥ 0, pre-study ids < 0."),
    .error(211, "Each stage has blocks with ids 0…n−1 and hours > 0."),
    .error(
      212,
      "deficit_segments not empty; evaporation arrays have 12 values; tailrace lists not empty; method and "
        + "profiles not empty."),
    .error(213, "Expressions parse, variables are known, stage-level variables have no block argument."),
    .error(214, "Generic constraints: a slack that is enabled has a penalty > 0."),
    .error(
      215,
      "productivity_override goes with any model but fpha; start_stage_id ≤ end_stage_id; each end of a fitting "
        + "window is given as a volume or as a percentile, not as both."),
    .error(216, "season_ids as long as values_m3s."),
    .error(217, "recent_observations of one plant do not overlap."),
    .error(218, "stopping_rules hold an iteration_limit."),
    .error(219, "A cut selection that is enabled names its method."),
    .error(
      220,
      "Scenario source: historical for inflow only; historical_years only with it; from ≤ to; seed given "
        + "unless all classes are in_sample."),
    .warning(
      221,
      "Reported: deprecated or unused keys: threshold in place of its successors, penalty_cost ≠ 1000, "
        + "order_selection: fixed, gnl_config, state_variables.storage: false."),
    .warning(222, "tree_seed is given (default 42 in use otherwise)."),
    .warning(
      223,
      "Reported: an option without effect, because nothing uses it or what it belongs to is off or of another kind."),
    .error(224, "policy.path leads to a directory of its own, not to the run's directory or to a file that runs keep."),
    .error(
      225,
      "A risk_measure names one measure; the weights of a convex_combination, 16 at most, sum to 1 within 1e-9."),
  ]
}
