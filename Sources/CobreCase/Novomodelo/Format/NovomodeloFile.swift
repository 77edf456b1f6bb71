/// The files of a case directory of Novomodelo 0.19, by path relative to it.
package enum NovomodeloFile: String, Sendable, CaseIterable {
  case config = "config.json"
  case penalties = "penalties.json"
  case stages = "stages.json"
  case postStudyStages = "post_study_stages.json"
  case initialConditions = "initial_conditions.json"
  case buses = "system/buses.json"
  case lines = "system/lines.json"
  case hydros = "system/hydros.json"
  case thermals = "system/thermals.json"
  case nonControllableSources = "system/non_controllable_sources.json"
  case pumpingStations = "system/pumping_stations.json"
  case energyContracts = "system/energy_contracts.json"
  case productionModels = "system/hydro_production_models.json"
  case hydroGeometry = "system/hydro_geometry.parquet"
  case energyProductivity = "system/hydro_energy_productivity.parquet"
  case fphaHyperplanes = "system/fpha_hyperplanes.parquet"
  case tailraceCurves = "system/tailrace_curves.parquet"
  case inflowSeasonalStats = "scenarios/inflow_seasonal_stats.parquet"
  case inflowARCoefficients = "scenarios/inflow_ar_coefficients.parquet"
  case inflowAnnualComponent = "scenarios/inflow_annual_component.parquet"
  case inflowHistory = "scenarios/inflow_history.parquet"
  case loadSeasonalStats = "scenarios/load_seasonal_stats.parquet"
  case loadFactors = "scenarios/load_factors.json"
  case nonControllableStats = "scenarios/non_controllable_stats.parquet"
  case nonControllableFactors = "scenarios/non_controllable_factors.json"
  case externalInflows = "scenarios/external_inflow_scenarios.parquet"
  case externalLoads = "scenarios/external_load_scenarios.parquet"
  case externalAvailabilities = "scenarios/external_ncs_scenarios.parquet"
  case noiseOpenings = "scenarios/noise_openings.parquet"
  case correlation = "scenarios/correlation.json"
  case thermalBounds = "constraints/thermal_bounds.parquet"
  case hydroBounds = "constraints/hydro_bounds.parquet"
  case unitGroupBounds = "constraints/hydro_unit_group_bounds.parquet"
  case lineBounds = "constraints/line_bounds.parquet"
  case pumpingBounds = "constraints/pumping_bounds.parquet"
  case contractBounds = "constraints/contract_bounds.parquet"
  case ncsBounds = "constraints/ncs_bounds.parquet"
  case genericConstraints = "constraints/generic_constraints.json"
  case genericConstraintBounds = "constraints/generic_constraint_bounds.parquet"
  case genericParameters = "constraints/generic_parameters.json"
  case penaltyOverridesBus = "constraints/penalty_overrides_bus.parquet"
  case penaltyOverridesLine = "constraints/penalty_overrides_line.parquet"
  case penaltyOverridesHydro = "constraints/penalty_overrides_hydro.parquet"
  case penaltyOverridesNCS = "constraints/penalty_overrides_ncs.parquet"

  /// Path relative to the case directory.
  package var path: String { rawValue }

  /// Whether every case must have it.
  package var isRequired: Bool {
    switch self {
    case .config, .penalties, .stages, .initialConditions, .buses, .lines, .hydros, .thermals: true
    default: false
    }
  }

  package var isTable: Bool { rawValue.hasSuffix(".parquet") }

  /// The path of the same table as CSV, which Novomodelo passes over, or nil for JSON files.
  package var csvPath: String? { isTable ? String(rawValue.dropLast(7)) + "csv" : nil }
}

extension NovomodeloFile {
  /// What the file holds, in a few words.
  package var summary: String {
    switch self {
    case .postStudyStages: "Stages after the horizon, for thermal plants that are committed in advance"
    case .energyProductivity: "Productivities of hydro plants by stage"
    case .tailraceCurves: "Families of tailrace curves, by level downstream"
    case .unitGroupBounds: "Limits of unit groups by stage and block"
    case .genericParameters: "Parameters that expressions may name"
    case .initialConditions: "Volumes, inflows, outflows and commitments before the study"
    case .fphaHyperplanes, .hydroGeometry, .inflowSeasonalStats, .inflowARCoefficients, .inflowAnnualComponent,
      .inflowHistory, .loadSeasonalStats, .nonControllableStats, .noiseOpenings, .externalInflows, .externalLoads,
      .externalAvailabilities, .thermalBounds, .hydroBounds, .lineBounds, .pumpingBounds, .contractBounds, .ncsBounds,
      .genericConstraintBounds, .penaltyOverridesBus, .penaltyOverridesLine, .penaltyOverridesHydro,
      .penaltyOverridesNCS:
      csvPath.flatMap(CaseFileName.init(rawValue:))?.summary ?? ""
    default: CaseFileName(rawValue: rawValue)?.summary ?? ""
    }
  }
}
