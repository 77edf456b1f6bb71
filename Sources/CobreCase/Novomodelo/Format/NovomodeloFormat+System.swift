internal import CobreBase

extension NovomodeloFormat {
  /// Id, name and date of an element, and the stages in which it exists.
  private static func registry(_ kind: EntityKind, hasService: Bool = true, _ fields: [Field]) -> Shape {
    .registry(
      kind,
      [.required("operational_start_date", .date, "Sets the order of elements, together with the id; no other effect")]
        + (hasService ? CommonFields.service : []) + fields)
  }

  static let buses: [Field] = [
    .required(
      "buses",
      registry(
        .bus, hasService: false,
        [.nullable("deficit_segments", CaseFormat.deficitSegments, "Replaces the whole global list")]), "Buses")
  ]

  static let lines: [Field] = [
    .required(
      "lines",
      registry(
        .line,
        [
          .required("source_bus_id", .bus, "Bus where direct flow starts"),
          .required("target_bus_id", .bus, "Bus where direct flow arrives"),
          .required(
            "capacity",
            .object([
              .required("direct_mw", .nonNegative, unit: "MW", "Limit from source to target"),
              .required("reverse_mw", .nonNegative, unit: "MW", "Limit from target to source"),
            ]), "Capacity per direction"),
          CommonFields.exchangeCost,
          .nullable(
            "losses_percent", .number(NumberRange(minimum: 0, maximum: 100)), default: 0.0, unit: "%",
            "Losses that are reported; flow arrives whole"),
        ]), "Lines")
  ]

  static let thermals: [Field] = [
    .required(
      "thermals",
      registry(
        .thermal,
        [.required("bus_id", .bus, "Bus")] + CommonFields.thermal + [
          .nullable(
            "anticipated_config",
            .object([
              .nullable("lead_stages", .whole(1), "Stages between decision and delivery"),
              .nullable("lead_time_hours", .positive, unit: "h", "Hours between decision and end of delivery"),
            ]), "Commitment in advance: one of the two keys")
        ]), "Thermal plants")
  ]

  static let nonControllableSources: [Field] = [
    .required(
      "non_controllable_sources",
      registry(
        .nonControllableSource,
        [
          .required("bus_id", .bus, "Bus"),
          CommonFields.sourceCapacity,
          .nullable("curtailment_cost", .nonNegative, unit: "$/MWh", "Reward of generation; null = global"),
          .nullable("allow_curtailment", .boolean, default: true, "false: whatever is available is generated"),
        ]), "Wind, solar and other sources without reservoir")
  ]

  static let pumpingStations: [Field] = [
    .required(
      "pumping_stations",
      registry(.pumpingStation, CommonFields.pumpEnds + CommonFields.pump), "Pumps between reservoirs")
  ]

  static let energyContracts: [Field] = [
    .required(
      "contracts",
      registry(
        .contract, CommonFields.contractEnds + [CommonFields.contractPrice, CommonFields.contractLimits]),
      "Import and export contracts")
  ]

  private static let plantLimits = CommonFields.units(generation: .nonNegative)

  static let hydros: [Field] = [
    .required(
      "hydros",
      registry(
        .hydro,
        [
          CommonFields.downstream,
          .nullable("travel_time_hours", .nonNegative, unit: "h", "Time the water takes to that plant; null = none"),
          CommonFields.reservoir,
          CommonFields.outflow(of: "Least turbined + spilled flow"),
          .required(
            "generation",
            .tagged(
              TaggedShape(
                tag: "model", summary: "Production model", common: plantLimits,
                variants: [("constant_productivity", []), ("fpha", [])])), "Production model and limits of the plant"),
          .required(
            "unit_groups",
            .list(
              .object(
                [
                  .required("id", .id, "Id, unique in the plant"), .required("name", .text, "Name"),
                  .required("bus_id", .bus, "Bus that the group feeds"),
                ] + plantLimits), minimum: 1, identity: "id"), "Groups of units, at least one"),
        ] + hydroEquipment), "Hydro plants")
  ]

  private static let hydroEquipment: [Field] =
    [
      CommonFields.tailrace("Tailwater level; null = 0. Rows of tailrace_curves.parquet replace it")
    ] + CommonFields.lossesToEvaporation + [
      .nullable(
        "diversion",
        .object([
          .required("downstream_id", CommonFields.otherHydro, "Plant that receives the water"),
          .nullable("max_flow_m3s", .nonNegative, unit: "m³/s", "Capacity; null = no limit"),
        ]), "Side channel to another plant; null = none"),
      .nullable(
        "filling",
        .object([
          .required("start_stage_id", .reference(.studyStage, 307), "First stage of filling"),
          .nullable(
            "filling_min_rate_m3s", .nonNegative, default: 0.0, unit: "m³/s", "Rate behind the filling targets"),
        ]), "Filling of a new reservoir up to entry_stage_id; null = none"),
      .nullable(
        "specific_productivity_mw_per_m3s_per_m", .nonNegative, unit: "MW/(m³/s)/m", "Productivity per metre of head"),
      .nullable(
        "penalties",
        .object(
          (hydroCosts + [inflowCost]).map {
            .nullable($0.name, .nonNegative, unit: $0.unit, $0.summary + "; null = global")
          }),
        "Costs of this plant"),
    ]

  static let productionModels: [Field] = [
    .nullable(
      "fpha_plane_reduction",
      .tagged(
        TaggedShape(
          tag: "method", summary: "How similar planes are found", common: [],
          variants: [
            ("angle", [.required("tolerance_deg", .number(NumberRange(minimum: 0, maximum: 90)), unit: "°", "Angle")]),
            (
              "distance",
              [
                .required("tolerance_pct", .nonNegative, unit: "%", "Mean square distance, of the largest output"),
                .required("n_samples", .whole(1), "Random points"),
              ]
            ),
          ])), "Merging of similar fitted planes; null = none"),
    .required(
      "production_models",
      .list(
        .tagged(
          TaggedShape(
            tag: "selection_mode", summary: "Whether models change by stage or by season",
            common: [.required("hydro_id", anyHydro, "Plant, unique in the list")],
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
                        ] + modelFields)), "Models by stage")
                ]
              ),
              (
                "seasonal",
                [
                  .required("default_model", productionKind, "Model of other seasons and of stages without"),
                  .required(
                    "seasons",
                    .list(
                      .object([.required("season_id", CommonFields.seasonID, "Season")] + modelFields),
                      identity: "season_id"),
                    "Models by season"),
                ]
              ),
            ])), of: .hydro, identity: "hydro_id"), "Production models of plants"),
  ]

  private static let productionKind = Shape.string(StringShape(values: ["constant_productivity", "fpha"]))

  private static let modelFields: [Field] = [
    .required("model", productionKind, "Production model"),
    .nullable("productivity_mw_per_m3s", .nonNegative, unit: "MW/(m³/s)", "Productivity of the constant model"),
    .nullable(
      "reference_volume",
      .object([
        .nullable("volume_hm3", .positive, unit: "hm³", "Volume"),
        .nullable("percentile", .share(), "Share of the storage range"),
      ]), "Volume at which heads are taken: one of the two keys; null = 0.65 of the range"),
    .nullable(
      "fpha_config",
      .object([
        .required("source", .oneOf(FPHASettings.Source.self), "Given planes or fitted ones"),
        .nullable("volume_discretization_points", .whole(1), default: 5, "Grid of the fit; 1 = run of river"),
        .nullable("turbine_discretization_points", .whole(2), default: 5, "Grid of the fit"),
        .nullable("spillage_discretization_points", .whole(2), default: 5, "Without effect"),
        .nullable("max_planes_per_hydro", .whole(1), default: 10, "Without effect"),
        .nullable(
          "fitting_window",
          .object([
            .nullable("volume_min_hm3", .nonNegative, unit: "hm³", "Lower end"),
            .nullable("volume_max_hm3", .nonNegative, unit: "hm³", "Upper end"),
            .nullable("volume_min_percentile", .share(), "Lower end as share of the storage range"),
            .nullable("volume_max_percentile", .share(), "Upper end as share of the storage range"),
          ]), "Volumes of the fit; null = whole table"),
        .nullable(
          "turbined_fit_max_m3s", .positive, unit: "m³/s", "Largest turbined flow of the fit; null = the plant's"),
        .nullable(
          "spillage_fit_max_m3s", .positive, unit: "m³/s",
          "Largest spill of the fit; null = twice the mean inflow, or twice the largest turbined flow"),
      ]), "Settings of the FPHA; null = precomputed"),
  ]

  static func factors(_ list: String, _ key: String, _ kind: EntityKind, _ summary: String) -> [Field] {
    CommonFields.factors(list, key, kind, [.required("factor", .positive, "Multiplier")], summary)
  }

  static let correlation: [Field] =
    [
      .required("method", .string(StringShape(values: ["spectral"])), "Root of the matrix: the symmetric one")
    ]
    + CommonFields.correlation(
      rows: "Rows of the matrix, all of one type",
      stage: .required("stage_id", .reference(.anyStage, 307), "Stage; those before the study are passed over"))

  static let genericConstraints: [Field] = [
    .required(
      "constraints",
      .registry(
        .genericConstraint,
        [
          .nullable("description", .text, "Free text"),
          .required("expression", .text, "Linear in the variables, with at most one of <=, >=, =="),
          .required(
            "slack",
            .object([
              .required("enabled", .boolean, "Allow violation"),
              .nullable(
                "penalty", .number(NumberRange(minimum: 0, excludesMinimum: true, code: 214)), unit: "$ per unit",
                "Price of violation; given where enabled, and only there"),
              .nullable(
                "penalty_basis", .string(StringShape(values: ["per_hour", "per_unit"])),
                "per_hour: the price counts for each hour; given where enabled, and only there"),
            ]), "Violation"),
        ]), "User-written linear constraints"),
    .nullable(
      "expressions",
      .list(
        .object([
          .required("name", .text, "Name, used as @name"), .required("expression", .text, "Expression"),
          .nullable("description", .text, "Free text"),
        ])), default: [], "Named expressions"),
  ]

  /// Quantities that a parameter of kind `computed` may name.
  static let parameterTags = [
    "equivalent_productivity", "accumulated_productivity", "reference_volume", "reference_turbine", "min_storage",
    "max_storage", "specific_productivity", "integrated_equivalent_productivity", "integrated_accumulated_productivity",
    "max_stored_energy", "integrated_equivalent_productivity_mwh_per_hm3",
    "integrated_accumulated_productivity_mwh_per_hm3", "max_stored_energy_mwh",
  ]

  static let genericParameters: [Field] = [
    .required(
      "scalar_parameters",
      .list(
        .tagged(
          TaggedShape(
            tag: "kind", summary: "Where the value comes from",
            common: [
              .required("id", .id, "Id, unique"),
              .required("name", .string(StringShape(refusesEmpty: true)), "Name, used as @name"),
            ],
            variants: [
              ("constant", [.required("value", .anyNumber, "Value")]),
              ("per_stage", [.required("values", pairs, "Pairs of stage position and value")]),
              ("seasonal", [.required("values", pairs, "Pairs of season id and value")]),
              (
                "per_stage_block",
                [.required("block_values", .list(.list(.anyNumber, count: 3)), "Stage position, block and value")]
              ),
              (
                "computed",
                [
                  .required(
                    "computed_spec",
                    .object([
                      .required("tag", .string(StringShape(values: parameterTags)), "Quantity"),
                      .required("hydro_id", anyHydro, "Plant"),
                    ]), "Quantity of a plant")
                ]
              ),
              ("expression", [.required("expression", .text, "Arithmetic over @names")]),
            ])), identity: "id"), "Parameters")
  ]

  private static let pairs = Shape.list(.list(.anyNumber, count: 2))
}
