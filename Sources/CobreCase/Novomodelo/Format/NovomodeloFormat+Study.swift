internal import CobreBase

extension NovomodeloFormat {
  /// The eleven hydro costs that every level of the cascade knows, with their units and meanings.
  static let hydroCosts: [(name: String, unit: String, summary: String)] = CaseFormat.hydroCosts.map {
    $0.name == "fpha_turbined_cost" ? ("turbined_cost", $0.unit, "Turbined flow of every plant") : $0
  }

  /// Costs of one direction: of `penalties.json` and the table of overrides, not of a plant.
  static let directionalCosts: [(name: String, unit: String, summary: String)] = [
    ("evaporation_violation_pos_cost", "$/(m³/s·h)", "Evaporating more than computed"),
    ("evaporation_violation_neg_cost", "$/(m³/s·h)", "Evaporating less than computed"),
    ("water_withdrawal_violation_pos_cost", "$/(m³/s·h)", "Withdrawing more than scheduled"),
    ("water_withdrawal_violation_neg_cost", "$/(m³/s·h)", "Withdrawing less than scheduled"),
  ]

  static let inflowCost = (
    name: "inflow_nonnegativity_cost", unit: "$/(m³/s·h)", summary: "Virtual inflow of the penalty methods"
  )

  static let penalties: [Field] = [
    CommonFields.busPenalties,
    CommonFields.linePenalties,
    .required(
      "hydro",
      .object(
        hydroCosts.map {
          .required($0.name, $0.name == "turbined_cost" ? .nonNegative : .positive, unit: $0.unit, $0.summary)
        } + directionalCosts.map { .nullable($0.name, .anyNumber, unit: $0.unit, $0.summary + "; null = symmetric") }
          + [
            .nullable(inflowCost.name, .nonNegative, default: 1000.0, unit: inflowCost.unit, inflowCost.summary)
          ]), "Costs of hydro plants"),
    CommonFields.sourcePenalties,
  ]

  static let stages: [Field] = [
    .required(
      "policy_graph",
      .object([
        .required(
          "type", .string(StringShape(values: [PolicyGraph.Kind.finiteHorizon.rawValue])), "Whether the horizon ends"),
        .required("annual_discount_rate", .nonNegative, unit: "1/year", "Discount rate"),
        .nullable("nodes", .list(.object(node), identity: "id"), default: [], "Scenario nodes; none = chain of stages"),
        .nullable(
          "transitions", .list(.object(transition)), default: [],
          "Arcs between nodes; without nodes only the rates count"),
      ]), "Order of the stages in time"),
    CommonFields.seasonDefinitions,
    .nullable(
      "pre_study_stages", .list(.object(preStudyStage), of: .stage, identity: "id"), default: [],
      "Periods before the study that carry lag statistics"),
    .required("stages", .list(.object(stage), minimum: 2, of: .stage, identity: "id"), "Study stages, at least two"),
  ]

  private static let node: [Field] = [
    .required("id", .id, "Id, unique"),
    .required("stage_id", .reference(.studyStage, 307), "Stage of the node"),
    .nullable("scenario_id", .whole(0), "Column of the external tables"),
    .nullable("label", .text, "Name"),
  ]

  private static let transition: [Field] = [
    .required("source_id", .id, "Node left (without nodes: stage)"),
    .required("target_id", .id, "Node reached (without nodes: stage)"),
    .required("probability", .share(), "Probability; 1 in sum per source"),
    .nullable(
      "annual_discount_rate_override", .nonNegative, unit: "1/year", "Replaces the global rate; not with nodes"),
  ]

  private static let preStudyStage: [Field] = [
    .required("id", .whole(nil, -1, code: 210), "Below 0; −1 is the period just before the study"),
    .required("start_date", .date, "First day"),
    .required("end_date", .date, "First day after the period"),
    .nullable("season_id", CommonFields.seasonID, "Season of the inflow model"),
  ]

  private static let stage: [Field] = [
    .required("id", .whole(0, code: 210), "Id, unique; stages follow each other by id"),
    .required("start_date", .date, "First day"),
    .required("end_date", .date, "First day after the stage"),
    .nullable("season_id", CommonFields.seasonID, "Season of the inflow model; null = that of the first day"),
    CommonFields.blocks,
    .nullable("block_mode", .oneOf(BlockMode.self), default: "parallel", "One water balance or one per block"),
    .nullable("num_openings", .whole(1), "Openings of the stage; none where nodes bring external openings"),
    .nullable("sampling_method", .oneOf(SamplingMethod.self), default: "saa", "How openings are drawn"),
    .nullable(
      "risk_measure", CaseFormat.riskMeasure(ignoresCase: false), default: "expectation",
      "How the stage weighs the costs of what follows it; Novomodelo knows expectation and cvar only"),
    .nullable("annual_discount_rate_override", .nonNegative, unit: "1/year", "Beats the rate of the transition"),
    .nullable(
      "state_variables",
      .object([
        .nullable("storage", .boolean, default: true, "Storage is always state; false has no effect"),
        .nullable("inflow_lags", .boolean, default: false, "Whether cuts on the stage have slopes in past inflows"),
      ]), default: [:], "State variables"),
  ]

  static let postStudyStages: [Field] = [
    .required(
      "stages",
      .list(
        .object([
          .required("start_date", .date, "First day"),
          .required("duration_hours", .positive, unit: "h", "Duration"),
        ])), "Periods after the study, one after the other"),
    .required(
      "thermal_bounds",
      .list(
        .object([
          .required("thermal_id", .reference(.entity(.thermal), 304), "Plant committed in advance"),
          .required("post_study_stage_index", .whole(0), "Position in the list of stages"),
          .required("cost_per_mwh", .nonNegative, unit: "$/MWh", "Cost of generation"),
          .required("min_mw", .nonNegative, unit: "MW", "Lower limit"),
          .required("max_mw", .nonNegative, unit: "MW", "Upper limit"),
        ])), "Limits and costs of deliveries after the study"),
  ]

  static let anyHydro = Shape.reference(.entity(.hydro), 303)

  private static func volumes(_ summary: String) -> Shape {
    .list(
      .object([
        .required("hydro_id", anyHydro, "Plant"), .required("value_hm3", .nonNegative, unit: "hm³", summary),
      ]), of: .hydro, identity: "hydro_id")
  }

  private static func windows(
    _ key: String, _ target: Shape, _ value: String, _ unit: String, _ range: Shape, of kind: EntityKind
  ) -> Shape {
    .list(
      .object([
        .required(key, target, "Plant"),
        .required("start_date", .date, "First day"),
        .required("end_date", .date, "First day after the window"),
        .required(value, range, unit: unit, "Mean over the window"),
      ]), of: kind)
  }

  static let initialConditions: [Field] = [
    .required("storage", volumes("Volume"), "Start volumes; plants not listed start empty"),
    .required("filling_storage", volumes("Volume, below the minimum storage"), "Start volumes of plants with filling"),
    .nullable(
      "recent_observations", windows("hydro_id", anyHydro, "value_m3s", "m³/s", .anyNumber, of: .hydro), default: [],
      "Inflows before the study"),
    .nullable(
      "past_anticipated_commitments",
      windows("thermal_id", .reference(.entity(.thermal), 304), "value_mw", "MW", .nonNegative, of: .thermal),
      default: [], "Deliveries that were committed before the study"),
    .nullable(
      "past_defluences", windows("hydro_id", anyHydro, "value_m3s", "m³/s", .nonNegative, of: .hydro), default: [],
      "Outflows before the study of plants with a travel time"),
  ]
}
