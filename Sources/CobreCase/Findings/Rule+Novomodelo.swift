extension Rule {
  /// Rules for Novomodelo cases only.
  ///
  /// The rules of the other layers apply to them too, where they make sense.
  static let novomodelo: [Rule] = [
    .error(601, "Tables are readable Parquet files of flat columns."),
    .warning(602, "Tables are compressed by zstd or not at all."),
    .warning(603, "Reported: a column that the table does not know; it is ignored."),
    .warning(604, "Reported: a table as CSV, which Novomodelo passes over."),
    .error(605, "No files of earlier releases (exchange_factors.json, scalar_parameters.json)."),
    .warning(606, "Reported: an unknown key where Novomodelo lets one stand; it is ignored."),
    .error(
      608,
      "A gap rule gives a tolerance, and needs enumerated trajectories and expectations as risk measures everywhere."),
    .error(
      609,
      "Openings from a file need noise_openings.parquet, trajectories that are sampled, no nodes, and stand under "
        + "training."),
    .error(610, "Dynamic selection of cuts and a cap on their number need sampled trajectories."),
    .error(
      611,
      "A declared season_id is that of the stage's first day, where the seasons leave no choice; stages of a season differ "
        + "by at most 7 days."),
    .error(612, "Stages have num_openings, except where nodes bring external openings."),
    .error(613, "policy.path leads to a directory of its own, not to the output directory or one of its ancestors."),
    .error(614, "Enabled checkpoints have interval_iterations."),
    .error(
      615,
      "The maxima of the unit groups sum to no more than those of the plant, and the minima to no less."),
    .error(
      616,
      "Plants of constant productivity have one productivity per stage: from hydro_production_models.json or "
        + "hydro_energy_productivity.parquet. Plants declared with fpha have an element in the former."),
    .error(
      617,
      "Plants declared with fpha have an equivalent productivity at every stage: a row of the table, or geometry and a "
        + "specific productivity."),
    .error(
      618,
      "Rows with a block give no storage, filling, withdrawal or thermal cost, and no limits of plants committed in "
        + "advance."),
    .error(
      619,
      "hydro_bounds and hydro_unit_group_bounds: max_turbined_m3s and max_generation_mw stay within those of the plant or "
        + "group; min_diversion_m3s needs a diversion."),
    .error(620, "An enabled slack has penalty and penalty_basis, a disabled one neither."),
    .error(621, "Water that travels goes to plants that are in service from the first stage on."),
    .error(
      622,
      "anticipated_config gives either lead_stages or lead_time_hours, no longer than the study where no stages follow it."
    ),
    .error(
      623,
      "Post-study stages follow the horizon and each other without a hole, with limits of what the study decides for them."
    ),
    .warning(
      625, "Reported: a convention of this format that differs from Cobre's own and that the case depends on."),
    .warning(626, "Reported: Novomodelo's answer may differ from the true one here, which is what Cobre gives."),
    .warning(627, "Reported: a file or table that the settings leave unused."),
    .error(628, "Supplied coefficients belong to a stationary model, and deviations are above 0 where there are some."),
    .error(629, "Commitments, outflows and inflows before the study cover what the study needs of them."),
    .warning(630, "Reported: a risk measure that only Cobre knows; Novomodelo refuses the case."),
    .error(
      631,
      "Segments of a tailrace family follow each other without a gap or a jump; several families have different levels."
    ),
    .error(
      632,
      "Constraints with a relation are in force somewhere, others have limits and no constant; no lower limit is above "
        + "the upper one."),
    .error(
      633,
      "Values of parameters are given for stage positions, seasons and blocks that exist, each once, and for all of them."
    ),
    .error(634, "Annual components belong to a monthly cycle of seasons."),
    .error(
      640,
      "Policy nodes: one at the first stage and at least one at every other; arcs join known nodes of one stage and the "
        + "next, reach every node, leave every node before the last stage and have no discount rate of their own. Without "
        + "nodes arcs join stages that there are."),
    .error(
      641,
      "Nodes name a scenario exactly where trajectories are enumerated and classes are external, one that the tables "
        + "have; then every class with elements is external."),
    .error(
      642,
      "Enumerated trajectories have one opening per stage, and one way into every node."),
  ]
}
