internal import CobreBase

extension CaseFormat {
  static let buses: [Field] = [
    .required(
      "buses",
      .registry(
        .bus,
        [.nullable("deficit_segments", deficitSegments, "Replaces the whole global list")]), "Buses")
  ]

  static let lines: [Field] = [
    .required(
      "lines",
      .registry(
        .line,
        [
          .required("source_bus_id", .bus, "Bus where direct flow starts"),
          .required("target_bus_id", .bus, "Bus where direct flow arrives"),
        ] + CommonFields.service + [
          .required(
            "capacity",
            .object([
              .required("direct_mw", .nonNegative, unit: "MW", "Limit from source to target, at the sending end"),
              .required("reverse_mw", .nonNegative, unit: "MW", "Limit from target to source, at the sending end"),
            ]), "Capacity per direction"),
          .nullable("exchange_cost", .nonNegative, unit: "$/MWh", "Cost of flow; null = global"),
          .optional(
            "losses_percent",
            .number(NumberRange(minimum: 0, maximum: 100, excludesMaximum: true, maximumCode: 515)), default: 0.0,
            unit: "%",
            "Losses of the flow"),
          .nullable(
            "reactance_pu", .positive, unit: "p.u. at 100 MVA",
            "Reactance: the flow follows the voltage angles (DC power flow); null = free within the capacity"),
          .nullable(
            "max_angle_degrees", .number(NumberRange(minimum: 0, maximum: 90, excludesMinimum: true)), unit: "deg",
            "Largest difference of the angles at the ends; goes with reactance_pu"),
          .nullable(
            "resistance_pu", .positive, unit: "p.u. at 100 MVA",
            "Resistance: losses grow with the square of the flow, half at each end; null = losses_percent counts"),
          .optional(
            "loss_pieces", .whole(1, 64), default: 8,
            "Tangents of these losses, which are too low by at most 1 / (4 · pieces²) of those at capacity"),
        ]), "Lines")
  ]

  static let thermals: [Field] = [
    .required(
      "thermals",
      .registry(
        .thermal,
        [.required("bus_id", .bus, "Bus")] + CommonFields.service + [
          .required("cost_per_mwh", .nonNegative, unit: "$/MWh", "Cost of generation"),
          .required(
            "generation",
            .object([
              .required("min_mw", .nonNegative, unit: "MW", "Hard lower limit"),
              .required("max_mw", .nonNegative, unit: "MW", "Hard upper limit"),
            ]), "Limits"),
          .nullable(
            "gnl_config",
            .object([.required("lag_stages", .whole(0), "Stages of advance commitment")]), "Read but without effect"),
        ]), "Thermal plants")
  ]

  static let nonControllableSources: [Field] = [
    .required(
      "non_controllable_sources",
      .registry(
        .nonControllableSource,
        [.required("bus_id", .bus, "Bus")] + CommonFields.service + [
          .required("max_generation_mw", .nonNegative, unit: "MW", "Installed capacity"),
          .nullable("curtailment_cost", .nonNegative, unit: "$/MWh", "Cost of curtailment; null = global"),
        ]), "Sources that can only be curtailed")
  ]

  private static let otherHydro = Shape.reference(.entity(.hydro), 302)

  static let pumpingStations: [Field] = [
    .required(
      "pumping_stations",
      .registry(
        .pumpingStation,
        [
          .required("bus_id", .bus, "Bus"),
          .required("source_hydro_id", otherHydro, "Reservoir the water leaves"),
          .required("destination_hydro_id", otherHydro, "Reservoir the water enters"),
        ] + CommonFields.service + [
          .required("consumption_mw_per_m3s", .nonNegative, unit: "MW/(m³/s)", "Power drawn per flow"),
          .required(
            "flow",
            .object([
              .required("min_m3s", .nonNegative, unit: "m³/s", "Hard lower limit"),
              .required("max_m3s", .nonNegative, unit: "m³/s", "Hard upper limit"),
            ]), "Limits"),
        ]), "Pumps between reservoirs")
  ]

  static let energyContracts: [Field] = [
    .required(
      "contracts",
      .registry(
        .contract,
        [
          .required("bus_id", .bus, "Bus"),
          .required("type", .oneOf(EnergyContract.Direction.self), "Whether energy comes in or goes out"),
        ] + CommonFields.service + [
          .required("price_per_mwh", .anyNumber, unit: "$/MWh", "Cost in the objective; negative = revenue"),
          .nullable(
            "price_process_id", .reference(.entity(.priceProcess), 311),
            "Process whose price is paid by imports and earned by exports, besides price_per_mwh"),
          .required(
            "limits",
            .object([
              .required("min_mw", .nonNegative, unit: "MW", "Hard lower limit"),
              .required("max_mw", .nonNegative, unit: "MW", "Hard upper limit"),
            ]), "Limits"),
        ]), "Import and export contracts")
  ]

  static let hydros: [Field] = [
    .required(
      "hydros",
      .registry(
        .hydro,
        [
          .required("bus_id", .bus, "Bus"),
          .nullable("downstream_id", otherHydro, "Plant that receives turbined and spilled water"),
        ] + CommonFields.service + [
          .required(
            "reservoir",
            .object([
              .required("min_storage_hm3", .nonNegative, unit: "hm³", "Minimum storage"),
              .required("max_storage_hm3", .nonNegative, unit: "hm³", "Maximum storage"),
            ]), "Storage limits"),
          .required(
            "outflow",
            .object([
              .required("min_outflow_m3s", .nonNegative, unit: "m³/s", "Least turbined + spilled + diverted flow"),
              .nullable("max_outflow_m3s", .nonNegative, unit: "m³/s", "Largest; null = no limit"),
            ]), "Outflow limits"),
          .required("generation", .tagged(generation), "Production model and limits"),
        ] + hydroEquipment), "Hydro plants")
  ]

  private static let generation: TaggedShape = {
    let productivity = Field.required(
      "productivity_mw_per_m3s", .nonNegative, unit: "MW/(m³/s)", "Power per turbined flow")
    return TaggedShape(
      tag: "model", summary: "Production model",
      common: [
        .required("min_turbined_m3s", .nonNegative, unit: "m³/s", "Least turbined flow"),
        .required("max_turbined_m3s", .nonNegative, unit: "m³/s", "Largest turbined flow"),
        .required("min_generation_mw", .anyNumber, unit: "MW", "Least generation"),
        .required("max_generation_mw", .anyNumber, unit: "MW", "Largest generation"),
      ],
      variants: [("constant_productivity", [productivity]), ("linearized_head", [productivity]), ("fpha", [])])
  }()

  private static let hydroEquipment: [Field] = [
    .nullable(
      "tailrace",
      .tagged(
        TaggedShape(
          tag: "type", summary: "Form of the curve", common: [],
          variants: [
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
          ])), "Tailwater level; null = 0"),
    .nullable(
      "hydraulic_losses",
      .tagged(
        TaggedShape(
          tag: "type", summary: "Form of the losses", common: [],
          variants: [
            ("factor", [.required("value", .anyNumber, "Share of head")]),
            ("constant", [.required("value_m", .anyNumber, unit: "m", "Head lost")]),
          ])), "Hydraulic losses; null = none"),
    .nullable(
      "efficiency",
      .tagged(
        TaggedShape(
          tag: "type", summary: "Form of the efficiency", common: [],
          variants: [("constant", [.required("value", .share(excludesZero: true), "Efficiency")])])),
      "Efficiency; null = 1"),
    .nullable(
      "evaporation",
      .object([
        .required("coefficients_mm", .list(.anyNumber, count: 12), unit: "mm/month", "Depths, January first"),
        .nullable(
          "reference_volumes_hm3", .list(.anyNumber, count: 12), unit: "hm³",
          "Linearisation volumes; null = middle of the range"),
      ]), "Evaporation; null = none"),
    .nullable(
      "diversion",
      .object([
        .required("downstream_id", otherHydro, "Plant that receives the water"),
        .required("max_flow_m3s", .nonNegative, unit: "m³/s", "Capacity"),
      ]), "Side channel to another plant; null = none"),
    .nullable(
      "filling",
      .object([
        .required("start_stage_id", .reference(.studyStage, 307), "First stage of filling"),
        .optional("filling_inflow_m3s", .anyNumber, default: 0.0, unit: "m³/s", "Inflow kept for filling; must be > 0"),
      ]), "Filling of a new reservoir; null = none"),
    .nullable(
      "penalties",
      .object(
        hydroCosts.map { .nullable($0.name, .nonNegative, unit: $0.unit, $0.summary + "; null = global") } + [
          .nullable(
            "inflow_nonnegativity_cost", .nonNegative, unit: "$/(m³/s·h)",
            "Virtual inflow of the penalty methods; null = global")
        ]), "Costs of this plant"),
    operatingRules,
  ]
}
