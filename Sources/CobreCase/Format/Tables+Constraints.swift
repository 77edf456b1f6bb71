extension CaseFormat {
  private static let stage = ColumnShape.key("stage_id", .studyStage, 307, "Study stage")

  static let thermalBounds = TableShape(
    file: .thermalBounds, summary: "Thermal limits and cost per stage",
    columns: [
      .key("thermal_id", .entity(.thermal), 304, "Plant"), stage,
      .index("block_id", isNullable: true, "Reserved: rows with a value are skipped"),
      .optional("min_generation_mw", .nonNegative, unit: "MW", "Lower limit"),
      .optional("max_generation_mw", .nonNegative, unit: "MW", "Upper limit"),
      .optional("cost_per_mwh", .nonNegative, unit: "$/MWh", "Cost"),
    ])

  static let hydroBounds = TableShape(
    file: .hydroBounds, summary: "Hydro limits per stage",
    columns: [
      .key("hydro_id", .entity(.hydro), 303, "Plant"), stage,
      .optional("min_turbined_m3s", .nonNegative, unit: "m³/s", "Least turbined flow"),
      .optional("max_turbined_m3s", .nonNegative, unit: "m³/s", "Largest turbined flow"),
      .optional("min_storage_hm3", .nonNegative, unit: "hm³", "Minimum storage at the end of the stage"),
      .optional("max_storage_hm3", .nonNegative, unit: "hm³", "Maximum storage at the end of the stage"),
      .optional("min_outflow_m3s", .nonNegative, unit: "m³/s", "Least outflow"),
      .optional("max_outflow_m3s", .nonNegative, unit: "m³/s", "Largest outflow"),
      .optional("min_generation_mw", unit: "MW", "Least generation"),
      .optional("max_generation_mw", unit: "MW", "Largest generation"),
      .optional("max_diversion_m3s", .nonNegative, unit: "m³/s", "Capacity of the diversion"),
      .optional("filling_inflow_m3s", .nonNegative, unit: "m³/s", "Inflow kept for filling"),
      .optional("water_withdrawal_m3s", unit: "m³/s", "Taken from the balance; negative = added; empty = 0"),
    ])

  static let lineBounds = TableShape(
    file: .lineBounds, summary: "Line capacity per stage",
    columns: [
      .key("line_id", .entity(.line), 304, "Line"), stage,
      .optional("direct_mw", .nonNegative, unit: "MW", "Source to target"),
      .optional("reverse_mw", .nonNegative, unit: "MW", "Target to source"),
    ])

  static let pumpingBounds = TableShape(
    file: .pumpingBounds, summary: "Pump limits per stage",
    columns: [
      .key("station_id", .entity(.pumpingStation), 304, "Station"), stage,
      .optional("min_m3s", .nonNegative, unit: "m³/s", "Lower limit"),
      .optional("max_m3s", .nonNegative, unit: "m³/s", "Upper limit"),
    ])

  static let contractBounds = TableShape(
    file: .contractBounds, summary: "Contract limits and price per stage",
    columns: [
      .key("contract_id", .entity(.contract), 304, "Contract"), stage,
      .optional("min_mw", .nonNegative, unit: "MW", "Lower limit"),
      .optional("max_mw", .nonNegative, unit: "MW", "Upper limit"), .optional("price_per_mwh", unit: "$/MWh", "Price"),
    ])

  static let batteryBounds = TableShape(
    file: .batteryBounds, summary: "Battery limits per stage",
    columns: [
      .key("battery_id", .entity(.battery), 304, "Battery"), stage,
      .optional("min_energy_mwh", .nonNegative, unit: "MWh", "Lower limit of the contents"),
      .optional("max_energy_mwh", .nonNegative, unit: "MWh", "Upper limit of the contents"),
      .optional("max_charge_mw", .nonNegative, unit: "MW", "Largest power taken from the bus"),
      .optional("max_discharge_mw", .nonNegative, unit: "MW", "Largest power given to the bus"),
    ])

  static let ncsBounds = TableShape(
    file: .ncsBounds, summary: "Availability per stage",
    columns: [
      .key("ncs_id", .entity(.nonControllableSource), 304, "Source"), stage,
      .number("available_generation_mw", .nonNegative, unit: "MW", "Available power"),
    ])

  static let genericConstraintBounds = TableShape(
    file: .genericConstraintBounds, summary: "Right-hand sides of generic constraints",
    columns: [
      .key("constraint_id", .entity(.genericConstraint), 305, "Constraint"), stage,
      .index("block_id", isNullable: true, "Block; empty = every block"),
      .number("bound", unit: "unit of the expression", "Right-hand side"),
    ])

  static let penaltyOverridesBus = TableShape(
    file: .penaltyOverridesBus, summary: "Bus penalty per stage",
    columns: [
      .key("bus_id", .entity(.bus), 304, "Bus"), stage,
      .optional("excess_cost", .positive, unit: "$/MWh", "Surplus energy"),
    ])

  static let penaltyOverridesLine = TableShape(
    file: .penaltyOverridesLine, summary: "Line penalty per stage",
    columns: [
      .key("line_id", .entity(.line), 304, "Line"), stage,
      .optional("exchange_cost", .positive, unit: "$/MWh", "Flow, both directions"),
    ])

  static let penaltyOverridesHydro = TableShape(
    file: .penaltyOverridesHydro, summary: "Hydro penalties per stage",
    columns: [.key("hydro_id", .entity(.hydro), 303, "Plant"), stage]
      + hydroCosts.map { .optional($0.name, .positive, unit: $0.unit, $0.summary) })

  static let penaltyOverridesNCS = TableShape(
    file: .penaltyOverridesNCS, summary: "Curtailment penalty per stage",
    columns: [
      .key("source_id", .entity(.nonControllableSource), 304, "Source"), stage,
      .optional("curtailment_cost", .positive, unit: "$/MWh", "Curtailed energy"),
    ])

  /// The definition of a table, or nil for JSON files.
  package static func table(_ name: CaseFileName) -> TableShape? { tables[name] }

  private static let tables: [CaseFileName: TableShape] = {
    let all = [
      hydroGeometry, fphaHyperplanes, inflowSeasonalStats, inflowARCoefficients, inflowAnnualComponent, inflowHistory,
      inflowOpenings, loadSeasonalStats, loadOpenings, nonControllableStats, noiseOpenings, externalInflows,
      externalLoads, externalAvailabilities, thermalBounds, hydroBounds, lineBounds, pumpingBounds, contractBounds,
      batteryBounds, priceStats, priceOpenings,
      ncsBounds, genericConstraintBounds, penaltyOverridesBus, penaltyOverridesLine, penaltyOverridesHydro,
      penaltyOverridesNCS,
    ]
    return Dictionary(
      all.compactMap { shape in CaseFileName(rawValue: shape.path).map { ($0, shape) } }
    ) { first, _ in first }
  }()
}
