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
          CommonFields.exchangeCost,
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
        [.required("bus_id", .bus, "Bus")] + CommonFields.service + CommonFields.thermal + [
          .nullable(
            "gnl_config",
            .object([.required("lag_stages", .whole(0), "Stages of advance commitment")]), "Read but without effect")
        ]), "Thermal plants")
  ]

  static let nonControllableSources: [Field] = [
    .required(
      "non_controllable_sources",
      .registry(
        .nonControllableSource,
        [.required("bus_id", .bus, "Bus")] + CommonFields.service + [
          CommonFields.sourceCapacity,
          .nullable("curtailment_cost", .nonNegative, unit: "$/MWh", "Cost of curtailment; null = global"),
        ]), "Sources that can only be curtailed")
  ]

  static let pumpingStations: [Field] = [
    .required(
      "pumping_stations",
      .registry(
        .pumpingStation, CommonFields.pumpEnds + CommonFields.service + CommonFields.pump),
      "Pumps between reservoirs")
  ]

  static let energyContracts: [Field] = [
    .required(
      "contracts",
      .registry(
        .contract,
        CommonFields.contractEnds + CommonFields.service + [
          CommonFields.contractPrice,
          .nullable(
            "price_process_id", .reference(.entity(.priceProcess), 311),
            "Process whose price is paid by imports and earned by exports, besides price_per_mwh"),
          CommonFields.contractLimits,
        ]), "Import and export contracts")
  ]

  static let hydros: [Field] = [
    .required(
      "hydros",
      .registry(
        .hydro,
        [.required("bus_id", .bus, "Bus"), CommonFields.downstream] + CommonFields.service + [
          CommonFields.reservoir,
          CommonFields.outflow(of: "Least turbined + spilled + diverted flow"),
          .required("generation", .tagged(generation), "Production model and limits"),
        ] + hydroEquipment), "Hydro plants")
  ]

  private static let generation: TaggedShape = {
    let productivity = Field.required(
      "productivity_mw_per_m3s", .nonNegative, unit: "MW/(m³/s)", "Power per turbined flow")
    return TaggedShape(
      tag: "model", summary: "Production model",
      common: CommonFields.units(generation: .anyNumber),
      variants: [("constant_productivity", [productivity]), ("linearized_head", [productivity]), ("fpha", [])])
  }()

  private static let hydroEquipment: [Field] =
    [CommonFields.tailrace("Tailwater level; null = 0")]
    + CommonFields.lossesToEvaporation + [
      .nullable(
        "diversion",
        .object([
          .required("downstream_id", CommonFields.otherHydro, "Plant that receives the water"),
          .required("max_flow_m3s", .nonNegative, unit: "m³/s", "Capacity"),
        ]), "Side channel to another plant; null = none"),
      .nullable(
        "filling",
        .object([
          .required("start_stage_id", .reference(.studyStage, 307), "First stage of filling"),
          .optional(
            "filling_inflow_m3s", .anyNumber, default: 0.0, unit: "m³/s", "Inflow kept for filling; must be > 0"),
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
