extension Rule {
  static let meaning: [Rule] = [
    .error(501, "The cascade (downstream_id) has no cycle."),
    .error(
      502,
      "min ≤ max for storage, turbined flow, outflow, generation, pumping, contracts; in the entity and "
        + "after applying the stage tables."),
    .error(503, "entry_stage_id < exit_stage_id when both are given."),
    .error(504, "storage within [min, max] storage; filling_storage within [0, min storage]."),
    .error(505, "Deficit costs strictly rising; the last depth_mw null, the others > 0."),
    .error(506, "filling: entry_stage_id given, start_stage_id < entry, filling_inflow_m3s > 0."),
    .warning(507, "Scheduled filling inflow alone reaches the minimum storage."),
    .error(508, "Geometry per plant: volume strictly increasing, level and area not decreasing."),
    .warning(509, "Geometry spans min to max storage."),
    .error(
      510,
      "FPHA planes: gamma_v (per hm³ of storage) ≥ 0, gamma_s (per m³/s spilled) ≤ 0, gamma_q (per m³/s "
        + "turbined) > 0, and kappa, which scales the plane, in (0, 1]."),
    .warning(511, "Fitted planes: kappa, the factor that brings them down to the exact production, is 0.95 at least."),
    .warning(512, "FPHA plants: fpha_turbined_cost > spillage_cost, else optima inside the envelope are possible."),
    .error(513, "Evaporation reference volumes within the storage limits."),
    .error(514, "Tailrace points strictly increasing in outflow."),
    .error(515, "losses_percent < 100."),
    .warning(516, "Reported: line with equal ends; pump with equal ends; export with positive price."),
    .warning(
      517,
      "max_diversion_m3s / filling_inflow_m3s rows only for plants with diversion / filling; no block_id in "
        + "thermal_bounds."),
    .warning(
      518,
      "available_generation_mw ≤ max_generation_mw; no source and stage in both ncs_bounds and "
        + "non_controllable_stats (statistics win)."),
    .error(519, "Transition probabilities sum to 1 per source within 1e-6."),
    .error(
      520,
      "Cyclic: annual_discount_rate > 0 and a transition with target ≤ source; finite: no such transition."),
    .warning(521, "Block hours sum to the stage length (1e-6 relative); the hours given are used."),
    .warning(522, "Each stage starts when those that lead to it end."),
    .error(523, "Stages of one season_id differ by at most 7 days in length."),
    .warning(
      524,
      "Stage dates lie in the calendar period of their season; monthly cycles have 12 seasons, weekly 52."),
    .warning(525, "Defined seasons are used by some stage."),
    .warning(526, "Reported: std_m3s = 0 (deterministic inflow)."),
    .error(527, "Reported: AR rows at a plant and stage with std_m3s = 0."),
    .error(528, "residual_std_ratio equal over the lags of a plant and stage."),
    .warning(529, "Reported: residual_std_ratio² < 0.01: hardly any noise left."),
    .warning(
      530,
      "PAR stationarity: per plant, the product of the companion matrices of one season cycle has spectral "
        + "radius < 1 (checked when the stages cover a whole cycle; order 0 counts as stable)."),
    .warning(
      531,
      "Reported, estimated model: a plant–season group has fewer than min_observations_per_season "
        + "observations."),
    .warning(532, "Reported, estimated model: a season has no observation and the inflow scheme is not external."),
    .warning(533, "Reported, estimated model: several observations per plant, season and year (they are averaged)."),
    .error(
      534,
      "Reported, estimated model: a plant lacks a season in a year other than its first and last (rows that "
        + "are missing, or data coarser than the seasons)."),
    .error(535, "Correlation: diagonal 1, entries in [−1, 1], symmetric to 1e-10, one type per group."),
    .warning(536, "Reported: correlation matrix with a negative eigenvalue (clipped to 0); unknown method."),
    .error(
      537,
      "Openings: probabilities equal within an opening, given for all or none of a stage, sum 1 within "
        + "1e-9, equal in both files within 1e-9."),
    .error(
      538,
      "Case with opening tables: load_seasonal_stats and non_controllable_stats have only deviation 0; "
        + "schemes are in_sample or external."),
    .warning(
      539,
      "Reported, case with opening tables: opening count ≠ num_scenarios; correlation.json present; a "
        + "sampling_method other than saa."),
    .warning(540, "Reported: qmc_sobol with num_scenarios not a power of 2."),
    .warning(
      541,
      "Reported: fewer external scenarios or historical windows than num_scenarios (openings are cut down), "
        + "or fewer windows than forward_passes (windows repeat)."),
    .warning(542, "Reported: max_active_per_stage < forward_passes."),
    .warning(543, "Penalty order: filling_target_violation_cost > storage_violation_below_cost."),
    .warning(544, "Penalty order: storage_violation_below_cost > largest deficit cost of any bus."),
    .warning(
      545,
      "Penalty order: largest deficit cost > largest of the violation costs of turbined flow, outflow "
        + "(both), generation, evaporation, withdrawal."),
    .warning(546, "Penalty order: smallest of those violation costs > larger of spillage_cost and diversion_cost."),
    .warning(547, "Penalty order: spillage_cost and diversion_cost > 0."),
    .note(548, "Reported: negative evaporation (net rain), which adds water to the reservoir."),
    .error(549, "Cyclic: the transitions are the chain of stages and one arc from the last stage back."),
    .error(550, "The transitions of one stage share its discount rate."),
    .warning(
      551,
      "Estimated model: the observations of every season carry max_order: more pairs of values than coefficients, and "
        + "some variance that is left."),
    .warning(
      552,
      "Reported: truncation of inflows with lags: cuts and vertices bound nothing, so no gap is certified (use penalty or "
        + "none where bounds matter)."),
    .warning(
      553,
      "Virtual inflow of a plant with lags costs more than the deficit that its water can serve: deficit cost × cumulative "
        + "productivity ≤ inflow_nonnegativity_cost."),
    .error(554, "Batteries: min_mwh ≤ max_mwh, with initial_mwh and target_mwh in between."),
    .error(555, "Batteries: target_mwh and target_violation_cost go together; neither on an infinite horizon."),
    .error(556, "Stages of several blocks are chronological where a battery is in service."),
    .error(557, "Batteries: from all contents that the stage before permits, every block can reach its own limits."),
    .error(558, "Lines: max_angle_degrees goes with reactance_pu."),
    .error(559, "Operating rules: the points of a curve rise and cover the storages of the plant."),
    .error(
      560,
      "Operating rules: min_outflow_curve is convex and max_spillage_curve concave; other curves would make the program "
        + "nonconvex."),
    .error(561, "Operating rules: alert storage ≤ flood control storage, both within the storages of the plant."),
    .error(562, "Operating rules: each has its price, and the prices of water_uses fall in order of priority."),
    .error(
      563, "Operating rules: stages of several blocks are chronological where a plant limits changes of its outflow."),
    .error(
      564,
      "Lines: resistance_pu excludes losses_percent, and at capacity one more MW does not lose more than itself."),
    .error(
      565,
      "Price processes: finite horizon, single cuts, no deterministic upper bound, no inner policy, no selection of cuts by "
        + "domination, no cuts after the last stage."),
    .warning(566, "Each price process has a contract."),
    .warning(
      567,
      "Every lag with a coefficient has statistics of its period, with a deviation above 0, and the annual component those "
        + "of twelve lags."),
    .error(
      568,
      "upper_bound_evaluation and the inner policy have a fallback_value where penalties do not bound how fast costs change "
        + "with the state."),
  ]
}
