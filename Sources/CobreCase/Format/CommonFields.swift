internal import CobreBase

/// Fields that both formats have alike.
///
/// Fields that differ in a range, a default or what they mean stay with their format, even where they look alike.
enum CommonFields {
  /// Stages in which an element exists.
  static let service: [Field] = [
    .nullable("entry_stage_id", .id, "First stage in service; null = from the start"),
    .nullable("exit_stage_id", .id, "First stage out of service; null = to the end"),
  ]

  static let exchangeCost = Field.nullable(
    "exchange_cost", .nonNegative, unit: "$/MWh", "Cost of flow; null = global")

  /// Limits in MW.
  static let powerLimits = Shape.object([
    .required("min_mw", .nonNegative, unit: "MW", "Hard lower limit"),
    .required("max_mw", .nonNegative, unit: "MW", "Hard upper limit"),
  ])

  static let thermal: [Field] = [
    .required("cost_per_mwh", .nonNegative, unit: "$/MWh", "Cost of generation"),
    .required("generation", powerLimits, "Limits"),
  ]

  static let sourceCapacity = Field.required(
    "max_generation_mw", .nonNegative, unit: "MW", "Installed capacity")

  /// Where a pumping station stands between.
  static let pumpEnds: [Field] = [
    .required("bus_id", .bus, "Bus"),
    .required("source_hydro_id", otherHydro, "Reservoir the water leaves"),
    .required("destination_hydro_id", otherHydro, "Reservoir the water enters"),
  ]

  static let pump: [Field] = [
    .required("consumption_mw_per_m3s", .nonNegative, unit: "MW/(m³/s)", "Power drawn per flow"),
    .required(
      "flow",
      .object([
        .required("min_m3s", .nonNegative, unit: "m³/s", "Hard lower limit"),
        .required("max_m3s", .nonNegative, unit: "m³/s", "Hard upper limit"),
      ]), "Limits"),
  ]

  static let contractEnds: [Field] = [
    .required("bus_id", .bus, "Bus"),
    .required("type", .oneOf(EnergyContract.Direction.self), "Whether energy comes in or goes out"),
  ]

  static let contractPrice = Field.required(
    "price_per_mwh", .anyNumber, unit: "$/MWh", "Cost in the objective; negative = revenue")
  static let contractLimits = Field.required("limits", powerLimits, "Limits")

  /// A plant that another one names.
  static let otherHydro = Shape.reference(.entity(.hydro), 302)

  static let downstream = Field.nullable("downstream_id", otherHydro, "Plant that receives turbined and spilled water")

  static let reservoir = Field.required(
    "reservoir",
    .object([
      .required("min_storage_hm3", .nonNegative, unit: "hm³", "Minimum storage"),
      .required("max_storage_hm3", .nonNegative, unit: "hm³", "Maximum storage"),
    ]), "Storage limits")

  /// Limits of the outflow, with what the least one is the sum of.
  static func outflow(of flow: String) -> Field {
    .required(
      "outflow",
      .object([
        .required("min_outflow_m3s", .nonNegative, unit: "m³/s", flow),
        .nullable("max_outflow_m3s", .nonNegative, unit: "m³/s", "Largest; null = no limit"),
      ]), "Outflow limits")
  }

  /// Limits of a plant or a group of its units, with what generation may be.
  static func units(generation: Shape) -> [Field] {
    [
      .required("min_turbined_m3s", .nonNegative, unit: "m³/s", "Least turbined flow"),
      .required("max_turbined_m3s", .nonNegative, unit: "m³/s", "Largest turbined flow"),
      .required("min_generation_mw", generation, unit: "MW", "Least generation"),
      .required("max_generation_mw", generation, unit: "MW", "Largest generation"),
    ]
  }

  private static func variants(_ summary: String, _ variants: [(name: String, fields: [Field])]) -> Shape {
    .tagged(TaggedShape(tag: "type", summary: summary, common: [], variants: variants))
  }

  /// The tailwater curve, with what there is without it.
  static func tailrace(_ summary: String) -> Field {
    .nullable(
      "tailrace",
      variants(
        "Form of the curve",
        [
          (
            "polynomial",
            [.required("coefficients", .list(.anyNumber, minimum: 1), "Level in m of outflow, ascending powers")]
          ),
          (
            "piecewise",
            [
              .required(
                "points",
                .list(
                  .object([
                    .required("outflow_m3s", .anyNumber, unit: "m³/s", "Outflow, strictly increasing"),
                    .required("height_m", .anyNumber, unit: "m", "Level"),
                  ]), minimum: 1), "Points, linear between")
            ]
          ),
        ]), summary)
  }

  static let lossesToEvaporation: [Field] = [
    .nullable(
      "hydraulic_losses",
      variants(
        "Form of the losses",
        [
          ("factor", [.required("value", .anyNumber, "Share of head")]),
          ("constant", [.required("value_m", .anyNumber, unit: "m", "Head lost")]),
        ]), "Hydraulic losses; null = none"),
    .nullable(
      "efficiency",
      variants(
        "Form of the efficiency", [("constant", [.required("value", .share(excludesZero: true), "Efficiency")])]),
      "Efficiency; null = 1"),
    .nullable(
      "evaporation",
      .object([
        .required("coefficients_mm", .list(.anyNumber, count: 12), unit: "mm/month", "Depths, January first"),
        .nullable(
          "reference_volumes_hm3", .list(.anyNumber, count: 12), unit: "hm³",
          "Linearisation volumes; null = middle of the range"),
      ]), "Evaporation; null = none"),
  ]

  /// The section of `stages.json` with the seasons of the year.
  static let seasonDefinitions = Field.nullable(
    "season_definitions",
    .object([
      .required("cycle_type", .oneOf(SeasonCycle.self), "How a date finds its season"),
      .required(
        "seasons",
        .list(
          .object([
            .required("id", .whole(0), "Id, unique"),
            .required("label", .text, "Name"),
            .required("month_start", .whole(1, 12), "First month"),
            .nullable("day_start", .whole(1, 31), default: 1, "First day, custom cycles only"),
            .nullable("month_end", .whole(1, 12), "Last month, custom cycles only; null = month_start"),
            .nullable("day_end", .whole(1, 31), default: 31, "Last day, included, custom cycles only"),
          ]), identity: "id"), "The seasons"),
    ]), "Calendar of seasons")

  static let seasonID = Shape.integer(
    IntegerShape(range: .nonNegative, reference: Reference(target: .season, code: 310)))

  static let blocks = Field.required(
    "blocks",
    .list(
      .object([
        .required("id", .whole(0), "0…n−1"),
        .required("name", .text, "Name"),
        .required("hours", .number(NumberRange(minimum: 0, excludesMinimum: true, code: 211)), unit: "h", "Duration"),
      ]), minimum: 1, code: 211), "Load blocks")

  /// Costs of `penalties.json` of all but hydro plants.
  static let busPenalties = Field.required(
    "bus",
    .object([
      .required("deficit_segments", CaseFormat.deficitSegments, "Price of unserved load, in steps"),
      .required("excess_cost", .positive, unit: "$/MWh", "Surplus energy at a bus"),
    ]), "Costs of buses")
  static let linePenalties = Field.required(
    "line", .object([.required("exchange_cost", .positive, unit: "$/MWh", "Flow on a line, both directions")]),
    "Costs of lines")
  static let sourcePenalties = Field.required(
    "non_controllable_source",
    .object([.required("curtailment_cost", .positive, unit: "$/MWh", "Curtailed energy")]),
    "Costs of non-controllable sources")

  /// Multipliers by element, stage and block.
  static func factors(_ list: String, _ key: String, _ kind: EntityKind, _ multipliers: [Field], _ summary: String)
    -> [Field]
  {
    [
      .required(
        list,
        .list(
          .object([
            .required(key, .reference(.entity(kind), 304), kind == .line ? "Line" : "Element"),
            .required("stage_id", .reference(.studyStage, 307), "Stage; the pair is unique in the file"),
            .required(
              "block_factors",
              .list(
                .object([.required("block_id", .whole(0), "Block of the stage")] + multipliers), identity: "block_id"),
              "Factors, 1 where nothing is given"),
          ])), summary)
    ]
  }

  /// `correlation.json` after its method, with what the entities of a group are and which stages a schedule may name.
  static func correlation(rows: String, stage: Field) -> [Field] {
    [
      .required(
        "profiles",
        .map(
          value: .object([
            .required(
              "correlation_groups",
              .list(
                .object([
                  .required("name", .text, "Name"),
                  .required(
                    "entities",
                    .list(
                      .object([
                        .required(
                          "type", .string(StringShape(values: NoiseClass.allCases.map(\.rawValue), code: 306)),
                          "Class of the series"),
                        .required("id", .id, "Hydro, bus or source"),
                      ])), rows),
                  .required("matrix", .list(.list(.anyNumber)), "n × n, symmetric, diagonal 1"),
                ])), "Series in no group are independent")
          ]), minimumCount: 1), "Profiles by name"),
      .nullable(
        "schedule",
        .list(
          .object([stage, .required("profile_name", .text, "Profile in force")]), identity: "stage_id"),
        "Other stages use `default`, or the only profile"),
    ]
  }
}
