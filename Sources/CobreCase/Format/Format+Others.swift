internal import CobreBase

extension CaseFormat {
  static let productionModels: [Field] = [
    .required(
      "production_models",
      .list(
        .tagged(
          TaggedShape(
            tag: "selection_mode", summary: "Whether models change by stage or by season",
            common: [.required("hydro_id", .reference(.entity(.hydro), 303), "Plant, unique in the list")],
            variants: [
              (
                "stage_ranges",
                [
                  .required(
                    "stage_ranges",
                    .list(
                      .object(
                        [
                          .required("start_stage_id", .id, "First stage"),
                          .nullable("end_stage_id", .id, "Last stage, included; null = to the end"),
                        ] + modelFields)), "First match wins")
                ]
              ),
              (
                "seasonal",
                [
                  .required(
                    "default_model", .oneOf(ProductionModel.Kind.self), "Model of other seasons and of stages without"),
                  .required(
                    "seasons",
                    .list(.object([.required("season_id", .reference(.season, 310), "Season")] + modelFields)),
                    "Models by season"),
                ]
              ),
            ])), of: .hydro, identity: "hydro_id"), "Plants not listed keep generation.model")
  ]

  private static let modelFields: [Field] = [
    .required("model", .oneOf(ProductionModel.Kind.self), "Production model"),
    .nullable("productivity_override", .positive, unit: "MW/(m³/s)", "Replaces the plant's value; not with fpha"),
    .nullable(
      "fpha_config",
      .object([
        .required("source", .oneOf(FPHASettings.Source.self), "Given planes or fitted ones"),
        .nullable("volume_discretization_points", .whole(2), default: 5, "Grid of the fit"),
        .nullable("turbine_discretization_points", .whole(2), default: 5, "Grid of the fit"),
        .nullable("spillage_discretization_points", .whole(2), default: 5, "Grid of the fit"),
        .nullable("max_planes_per_hydro", .whole(1), default: 10, "Planes kept"),
        .nullable(
          "fitting_window",
          .object([
            .nullable("volume_min_hm3", .anyNumber, unit: "hm³", "Lower end"),
            .nullable("volume_max_hm3", .anyNumber, unit: "hm³", "Upper end"),
            .nullable("volume_min_percentile", .share(), "Lower end as share of the storage range"),
            .nullable("volume_max_percentile", .share(), "Upper end as share of the storage range"),
          ]), "Volumes of the fit; null = whole table"),
      ]), "Settings of the FPHA; null = precomputed"),
  ]

  static let loadFactors = factors("load_factors", "bus_id", .bus, "Load multiplier per block")
  static let nonControllableFactors = factors(
    "non_controllable_factors", "ncs_id", .nonControllableSource, "Availability multiplier per block")

  private static func factors(_ list: String, _ key: String, _ kind: EntityKind, _ summary: String) -> [Field] {
    CommonFields.factors(
      list, key, kind, [.required("factor", .nonNegative, "Multiplier; 0 = nothing in that block")], summary)
  }

  static let exchangeFactors = CommonFields.factors(
    "exchange_factors", "line_id", .line,
    [
      .required("direct_factor", .nonNegative, "Multiplier of the direct capacity; 0 = closed"),
      .required("reverse_factor", .nonNegative, "Multiplier of the reverse capacity; 0 = closed"),
    ], "Line capacity multiplier per block")

  static let correlation: [Field] =
    [
      .required("method", .string(StringShape(refusesEmpty: true)), "spectral; cholesky is an alias")
    ]
    + CommonFields.correlation(
      rows: "Rows of the matrix", stage: .required("stage_id", .reference(.studyStage, 307), "Stage"))

  static let genericConstraints: [Field] = [
    .required(
      "constraints",
      .registry(
        .genericConstraint,
        [
          .nullable("description", .text, "Free text"),
          .required("expression", .text, "Left-hand side: [number *] variable(entity_id[, block_id]) with + and −"),
          .required("sense", .oneOf(GenericConstraint.Sense.self), "Direction"),
          .required(
            "slack",
            .object([
              .required("enabled", .boolean, "Allow violation"),
              .nullable(
                "penalty", .number(NumberRange(minimum: 0, excludesMinimum: true, code: 214)),
                unit: "$ per unit and hour", "Price of violation; required when enabled"),
            ]), "Violation"),
        ]), "User-written linear constraints")
  ]
}
