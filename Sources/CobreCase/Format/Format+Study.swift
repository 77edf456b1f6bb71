internal import CobreBase

extension CaseFormat {
  static let penalties: [Field] = [
    .nullable("version", .text, "Informational"),
    CommonFields.busPenalties,
    CommonFields.linePenalties,
    .required("hydro", .object(hydroPenalties), "Costs of hydro plants"),
    CommonFields.sourcePenalties,
  ]

  static let deficitSegments = Shape.list(
    .object([
      .nullable(
        "depth_mw", .number(NumberRange(minimum: 0, excludesMinimum: true, code: 505)), unit: "MW",
        "Width of the step; null = no limit, the last step only"),
      .required("cost", .positive, unit: "$/MWh", "Price, rising strictly from step to step"),
    ]), minimum: 1)

  /// The eleven hydro costs that every level of the cascade knows, with their units and meanings.
  static let hydroCosts: [(name: String, unit: String, summary: String)] = [
    ("spillage_cost", "$/(m³/s·h)", "Spilled flow"),
    ("fpha_turbined_cost", "$/(m³/s·h)", "Turbined flow of plants under FPHA"),
    ("diversion_cost", "$/(m³/s·h)", "Diverted flow"),
    ("storage_violation_below_cost", "$/hm³", "Volume missing to the minimum storage"),
    ("filling_target_violation_cost", "$/hm³", "Volume missing when filling ends"),
    ("turbined_violation_below_cost", "$/(m³/s·h)", "Turbined flow missing to its minimum"),
    ("outflow_violation_below_cost", "$/(m³/s·h)", "Outflow missing to its minimum"),
    ("outflow_violation_above_cost", "$/(m³/s·h)", "Outflow beyond its maximum"),
    ("generation_violation_below_cost", "$/MWh", "Generation missing to its minimum"),
    ("evaporation_violation_cost", "$/(m³/s·h)", "Deviation from computed evaporation, both signs"),
    ("water_withdrawal_violation_cost", "$/(m³/s·h)", "Deviation from scheduled withdrawal, both signs"),
  ]

  private static let hydroPenalties: [Field] =
    hydroCosts.map {
      .required($0.name, $0.name == "fpha_turbined_cost" ? .nonNegative : .positive, unit: $0.unit, $0.summary)
    } + [
      .nullable(
        "evaporation_violation_pos_cost", .nonNegative, unit: "$/(m³/s·h)", "Evaporating more than computed"),
      .nullable(
        "evaporation_violation_neg_cost", .nonNegative, unit: "$/(m³/s·h)", "Evaporating less than computed"),
      .nullable(
        "water_withdrawal_violation_pos_cost", .nonNegative, unit: "$/(m³/s·h)", "Withdrawing more than scheduled"),
      .nullable(
        "water_withdrawal_violation_neg_cost", .nonNegative, unit: "$/(m³/s·h)", "Withdrawing less than scheduled"),
      .nullable(
        "inflow_nonnegativity_cost", .nonNegative, default: 1000.0, unit: "$/(m³/s·h)",
        "Virtual inflow of the penalty methods"),
    ]

  static let stages: [Field] = [
    .required(
      "policy_graph",
      .object([
        .required("type", .oneOf(PolicyGraph.Kind.self), "Whether the horizon ends"),
        .required("annual_discount_rate", .nonNegative, unit: "1/year", "Discount rate"),
        .optional("transitions", .list(.object(transition)), default: [], "Empty = chain in id order"),
      ]), "Order of the stages in time"),
    CommonFields.seasonDefinitions,
    .optional(
      "pre_study_stages", .list(.object(preStudyStage), of: .stage, identity: "id"), default: [],
      "Periods before stage 0 that carry lag statistics"),
    .required("stages", .list(.object(stage), of: .stage, identity: "id"), "Study stages"),
  ]

  private static let transition: [Field] = [
    .required("source_id", .reference(.studyStage, 309), "Stage left"),
    .required("target_id", .reference(.studyStage, 309), "Stage reached"),
    .required("probability", .share(), "Probability; 1 in sum per source"),
    .nullable("annual_discount_rate_override", .nonNegative, unit: "1/year", "Replaces the global rate"),
  ]

  private static let preStudyStage: [Field] = [
    .required("id", .whole(nil, -1, code: 210), "−1 is the stage just before stage 0"),
    .required("start_date", .date, "First day"),
    .required("end_date", .date, "First day after the period"),
    .nullable("season_id", CommonFields.seasonID, "Season of the inflow model"),
  ]

  private static let stage: [Field] = [
    .required("id", .whole(0, code: 210), "0, 1, …, T−1"),
    .required("start_date", .date, "First day"),
    .required("end_date", .date, "First day after the stage"),
    .nullable("season_id", CommonFields.seasonID, "Season of the inflow model"),
    CommonFields.blocks,
    .optional("block_mode", .oneOf(BlockMode.self), default: "parallel", "One water balance or one per block"),
    .nullable(
      "state_variables",
      .object([
        .optional("storage", .boolean, default: true, "Storage is always state; false has no effect"),
        .optional("inflow_lags", .boolean, default: false, "Declares lagged inflow as state"),
      ]), default: [:], "State variables"),
    .optional(
      "risk_measure", riskMeasure(ignoresCase: true), default: "expectation",
      "How the stage weighs the costs of what follows it"),
    .required("num_scenarios", .whole(1), "Openings of the stage"),
    .optional("sampling_method", .oneOf(SamplingMethod.self), default: "saa", "How openings are drawn"),
  ]

  private static let anyHydro = Shape.reference(.entity(.hydro), 303)

  static let initialConditions: [Field] = [
    .required("storage", .list(.object(volume), of: .hydro, identity: "hydro_id"), "Start volumes of operating plants"),
    .required(
      "filling_storage", .list(.object(volume), of: .hydro, identity: "hydro_id"),
      "Start volumes of plants with filling"),
    .optional(
      "past_inflows",
      .list(
        .object([
          .required("hydro_id", anyHydro, "Plant"),
          .required("values_m3s", .list(.anyNumber), unit: "m³/s", "Most recent first"),
          .nullable("season_ids", .list(CommonFields.seasonID), "Season of each value"),
        ]), of: .hydro, identity: "hydro_id"), default: [], "Inflows before the study"),
    .optional(
      "recent_observations",
      .list(
        .object([
          .required("hydro_id", anyHydro, "Plant"),
          .required("start_date", .date, "First day"),
          .required("end_date", .date, "First day after the period"),
          .required("value_m3s", .nonNegative, unit: "m³/s", "Mean over the period"),
        ]), of: .hydro), default: [], "Inflow since the running season began"),
  ]

  private static let volume: [Field] = [
    .required("hydro_id", anyHydro, "Plant"),
    .required("value_hm3", .nonNegative, unit: "hm³", "Volume"),
  ]
}
