extension NovomodeloFormat {
  private static let hydro = ColumnShape.key("hydro_id", .entity(.hydro), 303, "Plant")
  private static let bus = ColumnShape.key("bus_id", .entity(.bus), 304, "Bus")
  private static let source = ColumnShape.key("ncs_id", .entity(.nonControllableSource), 304, "Source")
  private static let stage = ColumnShape.key("stage_id", .studyStage, 307, "Study stage")
  private static let anyStage = ColumnShape.key("stage_id", .anyStage, 307, "Study stage, or below 0: before the study")
  private static let everyStage: ColumnShape = {
    var stage = column(
      "stage_id", .int, isKey: true, isNullable: true, reference: Reference(target: .studyStage, code: 307),
      "Stage; null = every stage without a row of its own")
    // The column must be there even if all of it is null.
    stage.isRequired = true
    return stage
  }()
  private static let scenario = ColumnShape.index("scenario_id", "Scenario, 0…n−1")
  private static let block = ColumnShape(
    name: "block_id", kind: .int, isKey: true, isNullable: true, range: .nonNegative,
    summary: "Block; null = every block of the stage without a row of its own")

  private static func column(
    _ name: String, _ kind: ColumnShape.Kind, isKey: Bool = false, isNullable: Bool = false,
    range: NumberRange = .any, unit: String? = nil, reference: Reference? = nil, _ summary: String
  ) -> ColumnShape {
    ColumnShape(
      name: name, kind: kind, isKey: isKey, isNullable: isNullable, range: range, reference: reference, unit: unit,
      summary: summary)
  }

  private static func shape(
    _ file: NovomodeloFile, _ summary: String, splitsRows: Bool = false, _ columns: [ColumnShape]
  ) -> (NovomodeloFile, TableShape) {
    (file, TableShape(path: file.path, summary: summary, columns: columns, splitsRows: splitsRows))
  }

  static let systemTables: [(NovomodeloFile, TableShape)] = [
    shape(
      .hydroGeometry, "Volume–level–area curves, linear between points",
      [
        hydro, column("volume_hm3", .num, isKey: true, range: .nonNegative, unit: "hm³", "Volume, rising strictly"),
        .number("height_m", .nonNegative, unit: "m", "Level, not falling"),
        .number("area_km2", .nonNegative, unit: "km²", "Area, not falling"),
      ]),
    shape(
      .energyProductivity, "Productivities of hydro plants",
      [
        hydro, everyStage,
        optionalColumn("equivalent_productivity_mw_per_m3s", .nonNegative, "MW/(m³/s)", "Equivalent productivity"),
        optionalColumn("reference_outflow_m3s", .nonNegative, "m³/s", "Outflow of the reference_turbine tag"),
        optionalColumn(
          "specific_productivity_mw_per_m3s_per_m", .nonNegative, "MW/(m³/s)/m", "Productivity per metre of head"),
        optionalColumn(
          "integrated_equivalent_productivity_mw_per_m3s", .nonNegative, "MW/(m³/s)",
          "Equivalent productivity, mean over the storage range"),
      ]),
    shape(
      .fphaHyperplanes, "Planes of the production function",
      [
        hydro,
        column(
          "stage_id", .int, isKey: true, isNullable: true, reference: Reference(target: .studyStage, code: 307),
          "Stage; null = every stage without rows of its own"),
        column("plane_id", .int, isKey: true, "Plane"), .number("gamma_0", unit: "MW", "Constant"),
        .number("gamma_v", NumberRange(minimum: 0, code: 510), unit: "MW/hm³", "Slope in the volume"),
        .number("gamma_q", NumberRange(minimum: 0, code: 510), unit: "MW/(m³/s)", "Slope in the turbined flow"),
        .number("gamma_s", NumberRange(maximum: 0, code: 510), unit: "MW/(m³/s)", "Slope in the spilled flow"),
        .optional(
          "kappa", NumberRange(minimum: 0, maximum: 1, excludesMinimum: true, code: 510), unit: nil,
          "Scales gamma_0; null = 1"),
        .optional("valid_v_min_hm3", unit: "hm³", "Informational"),
        .optional("valid_v_max_hm3", unit: "hm³", "Informational"),
        .optional("valid_q_max_m3s", unit: "m³/s", "Informational"),
      ]),
    shape(
      .tailraceCurves, "Families of tailrace curves in place of the plant's own",
      [
        hydro, column("family_id", .int, isKey: true, "Family"),
        optionalColumn(
          "downstream_reference_level_m", .nonNegative, "m", "Level downstream to which the family belongs"),
        column("segment_id", .int, isKey: true, "Segment, in the order of outflows"),
        .number("outflow_min_m3s", .nonNegative, unit: "m³/s", "Start of the segment"),
        .number("outflow_max_m3s", .nonNegative, unit: "m³/s", "End of the segment"),
      ] + (0...4).map { .number("coefficient_\($0)", unit: nil, "Coefficient of outflow^\($0), level in m") }),
  ]

  /// A nullable column that must be there.
  private static func optionalColumn(_ name: String, _ range: NumberRange, _ unit: String, _ summary: String)
    -> ColumnShape
  {
    var column = ColumnShape.optional(name, range, unit: unit, summary)
    column.isRequired = true
    return column
  }

  static let scenarioTables: [(NovomodeloFile, TableShape)] = [
    shape(
      .inflowSeasonalStats, "Inflow mean and deviation",
      [
        hydro, anyStage, .number("mean_m3s", unit: "m³/s", "Mean"),
        .number("std_m3s", .nonNegative, unit: "m³/s", "Deviation of the series"),
      ]),
    shape(
      .inflowARCoefficients, "Autoregressive inflow coefficients",
      [
        hydro, anyStage, .index("lag", from: 1, "Lag"), .number("coefficient", unit: nil, "Standardised coefficient"),
      ]),
    shape(
      .inflowAnnualComponent, "Annual term of the inflow model",
      [
        hydro, anyStage, .number("annual_coefficient", unit: nil, "Standardised coefficient"),
        .number("annual_mean_m3s", unit: "m³/s", "Mean of the last 12 inflows"),
        .number("annual_std_m3s", .positive, unit: "m³/s", "Deviation of that mean"),
      ]),
    shape(
      .inflowHistory, "Observed inflows",
      [
        hydro, column("start_date", .date, isKey: true, "First day of the observed period"),
        column("end_date", .date, "First day after the period"),
        .number("value_m3s", unit: "m³/s", "Mean inflow of the period"),
      ]),
    shape(
      .loadSeasonalStats, "Load mean and deviation",
      [
        bus, stage, .number("mean_mw", unit: "MW", "Mean"),
        .number("std_mw", .nonNegative, unit: "MW", "Deviation; 0 = deterministic"),
      ]),
    shape(
      .nonControllableStats, "Availability mean and deviation, as shares of the capacity",
      [
        source, stage, .number("mean", NumberRange(minimum: 0, maximum: 1), unit: nil, "Mean"),
        .number("std", .nonNegative, unit: nil, "Deviation"),
      ]),
    shape(
      .externalInflows, "Given inflow trajectories",
      [stage, scenario, hydro, .number("value_m3s", unit: "m³/s", "Inflow")]),
    shape(
      .externalLoads, "Given load trajectories", [stage, scenario, bus, .number("value_mw", unit: "MW", "Load")]),
    shape(
      .externalAvailabilities, "Given trajectories of the availability of sources",
      [stage, scenario, source, .number("availability_factor", unit: nil, "Availability factor")]),
    shape(
      .noiseOpenings, "Opening tree given as standard noise, correlated already",
      [
        stage, .index("opening_index", "Opening, 0…N−1"),
        .index("entity_index", "0…D−1: hydros, then buses with random load, then sources with statistics"),
        .number("value", unit: nil, "Noise"),
      ]),
  ]

  static let boundTables: [(NovomodeloFile, TableShape)] = [
    shape(
      .thermalBounds, "Thermal limits and cost", splitsRows: true,
      [
        .key("thermal_id", .entity(.thermal), 304, "Plant"), stage, block,
        .optional("min_generation_mw", .nonNegative, unit: "MW", "Lower limit"),
        .optional("max_generation_mw", .nonNegative, unit: "MW", "Upper limit"),
        .optional("cost_per_mwh", .nonNegative, unit: "$/MWh", "Cost, of whole stages only"),
      ]),
    shape(
      .hydroBounds, "Hydro limits", splitsRows: true,
      [
        hydro, stage, block, .optional("min_turbined_m3s", .nonNegative, unit: "m³/s", "Least turbined flow, soft"),
        .optional("max_turbined_m3s", .nonNegative, unit: "m³/s", "Largest turbined flow of the plant"),
        .optional("min_storage_hm3", .nonNegative, unit: "hm³", "Minimum storage, of whole stages only"),
        .optional("max_storage_hm3", .nonNegative, unit: "hm³", "Maximum storage, of whole stages only"),
        .optional("min_outflow_m3s", .nonNegative, unit: "m³/s", "Least outflow, soft"),
        .optional("max_outflow_m3s", .nonNegative, unit: "m³/s", "Largest outflow, soft"),
        .optional("min_generation_mw", .nonNegative, unit: "MW", "Least generation, soft"),
        .optional("max_generation_mw", .nonNegative, unit: "MW", "Largest generation of the plant"),
        .optional("min_diversion_m3s", .nonNegative, unit: "m³/s", "Least diversion"),
        .optional("max_diversion_m3s", .nonNegative, unit: "m³/s", "Largest diversion"),
        .optional("min_spillage_m3s", .nonNegative, unit: "m³/s", "Least spill"),
        .optional("max_spillage_m3s", .nonNegative, unit: "m³/s", "Largest spill"),
        .optional("filling_min_rate_m3s", .nonNegative, unit: "m³/s", "Rate behind the filling targets"),
        .optional("water_withdrawal_m3s", unit: "m³/s", "Taken from the balance; negative = added"),
      ]),
    shape(
      .unitGroupBounds, "Limits of unit groups", splitsRows: true,
      [
        hydro, column("hydro_unit_group_id", .int, isKey: true, "Group of the plant"), stage, block,
        .optional("min_turbined_m3s", .nonNegative, unit: "m³/s", "Least turbined flow, soft"),
        .optional("max_turbined_m3s", .nonNegative, unit: "m³/s", "Largest turbined flow"),
        .optional("min_generation_mw", .nonNegative, unit: "MW", "Least generation, soft"),
        .optional("max_generation_mw", .nonNegative, unit: "MW", "Largest generation"),
      ]),
    shape(
      .lineBounds, "Line capacity", splitsRows: true,
      [
        .key("line_id", .entity(.line), 304, "Line"), stage, block,
        .optional("direct_mw", .nonNegative, unit: "MW", "Source to target"),
        .optional("reverse_mw", .nonNegative, unit: "MW", "Target to source"),
      ]),
    shape(
      .pumpingBounds, "Pump limits", splitsRows: true,
      [
        .key("pumping_station_id", .entity(.pumpingStation), 304, "Station"), stage, block,
        .optional("min_m3s", .nonNegative, unit: "m³/s", "Lower limit"),
        .optional("max_m3s", .nonNegative, unit: "m³/s", "Upper limit"),
      ]),
    shape(
      .contractBounds, "Contract limits and price", splitsRows: true,
      [
        .key("contract_id", .entity(.contract), 304, "Contract"), stage, block,
        .optional("min_mw", .nonNegative, unit: "MW", "Lower limit"),
        .optional("max_mw", .nonNegative, unit: "MW", "Upper limit"),
        .optional("price_per_mwh", unit: "$/MWh", "Price"),
      ]),
    shape(
      .ncsBounds, "Availability of sources without statistics", splitsRows: true,
      [source, stage, block, optionalColumn("available_generation_mw", .nonNegative, "MW", "Available power")]),
    shape(
      .genericConstraintBounds, "Limits of generic constraints: where they are in force",
      [
        .key("constraint_id", .entity(.genericConstraint), 305, "Constraint"),
        column(
          "stage_id", .int, isKey: true, reference: Reference(target: .studyStage, code: 307, isPassedOver: true),
          "Study stage; rows of other stages have no effect"),
        column(
          "block_id", .int, isKey: true, isNullable: true, range: .nonNegative,
          "Block; null = every block, with the others"),
        .optional("bound_lower", unit: "unit of the expression", "Lower limit"),
        .optional("bound_upper", unit: "unit of the expression", "Upper limit"),
      ]),
  ]

  static let overrideTables: [(NovomodeloFile, TableShape)] = [
    shape(
      .penaltyOverridesBus, "Bus penalty per stage", splitsRows: true,
      [bus, stage, .optional("excess_cost", .positive, unit: "$/MWh", "Surplus energy")]),
    shape(
      .penaltyOverridesLine, "Line penalty per stage", splitsRows: true,
      [
        .key("line_id", .entity(.line), 304, "Line"), stage,
        .optional("exchange_cost", .positive, unit: "$/MWh", "Flow, both directions"),
      ]),
    shape(
      .penaltyOverridesHydro, "Hydro penalties per stage", splitsRows: true,
      [hydro, stage]
        + (hydroCosts + directionalCosts + [inflowCost]).map {
          .optional($0.name, .positive, unit: $0.unit, $0.summary)
        }),
    shape(
      .penaltyOverridesNCS, "Reward of sources per stage", splitsRows: true,
      [source, stage, .optional("curtailment_cost", .positive, unit: "$/MWh", "Reward of generation")]),
  ]
}
