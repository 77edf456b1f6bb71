/// The files of a case directory, by path relative to it.
package enum CaseFileName: String, Sendable, CaseIterable {
  case config = "config.json"
  case penalties = "penalties.json"
  case stages = "stages.json"
  case initialConditions = "initial_conditions.json"
  case buses = "system/buses.json"
  case lines = "system/lines.json"
  case hydros = "system/hydros.json"
  case thermals = "system/thermals.json"
  case nonControllableSources = "system/non_controllable_sources.json"
  case pumpingStations = "system/pumping_stations.json"
  case energyContracts = "system/energy_contracts.json"
  case batteries = "system/batteries.json"
  case priceProcesses = "system/price_processes.json"
  case productionModels = "system/hydro_production_models.json"
  case hydroGeometry = "system/hydro_geometry.csv"
  case fphaHyperplanes = "system/fpha_hyperplanes.csv"
  case inflowSeasonalStats = "scenarios/inflow_seasonal_stats.csv"
  case inflowARCoefficients = "scenarios/inflow_ar_coefficients.csv"
  case inflowAnnualComponent = "scenarios/inflow_annual_component.csv"
  case inflowHistory = "scenarios/inflow_history.csv"
  case inflowOpenings = "scenarios/inflow_openings.csv"
  case loadSeasonalStats = "scenarios/load_seasonal_stats.csv"
  case loadOpenings = "scenarios/load_openings.csv"
  case loadFactors = "scenarios/load_factors.json"
  case nonControllableStats = "scenarios/non_controllable_stats.csv"
  case nonControllableFactors = "scenarios/non_controllable_factors.json"
  case correlation = "scenarios/correlation.json"
  case noiseOpenings = "scenarios/noise_openings.csv"
  case priceStats = "scenarios/price_stats.csv"
  case priceOpenings = "scenarios/price_openings.csv"
  case externalInflows = "scenarios/external_inflow_scenarios.csv"
  case externalLoads = "scenarios/external_load_scenarios.csv"
  case externalAvailabilities = "scenarios/external_ncs_scenarios.csv"
  case thermalBounds = "constraints/thermal_bounds.csv"
  case hydroBounds = "constraints/hydro_bounds.csv"
  case lineBounds = "constraints/line_bounds.csv"
  case pumpingBounds = "constraints/pumping_bounds.csv"
  case contractBounds = "constraints/contract_bounds.csv"
  case batteryBounds = "constraints/battery_bounds.csv"
  case ncsBounds = "constraints/ncs_bounds.csv"
  case exchangeFactors = "constraints/exchange_factors.json"
  case genericConstraints = "constraints/generic_constraints.json"
  case genericConstraintBounds = "constraints/generic_constraint_bounds.csv"
  case penaltyOverridesBus = "constraints/penalty_overrides_bus.csv"
  case penaltyOverridesLine = "constraints/penalty_overrides_line.csv"
  case penaltyOverridesHydro = "constraints/penalty_overrides_hydro.csv"
  case penaltyOverridesNCS = "constraints/penalty_overrides_ncs.csv"

  /// Path relative to the case directory.
  package var path: String { rawValue }

  /// Whether every case must have it.
  package var isRequired: Bool {
    switch self {
    case .config, .penalties, .stages, .initialConditions, .buses, .lines, .hydros, .thermals: true
    default: false
    }
  }

  package var isTable: Bool { rawValue.hasSuffix(".csv") }

  /// The path of the same table as Parquet, or nil for JSON files.
  package var parquetPath: String? { isTable ? String(rawValue.dropLast(3)) + "parquet" : nil }

  /// File name without folder and extension.
  package var stem: String {
    let name = rawValue.split(separator: "/").last.map(String.init) ?? rawValue
    return name.split(separator: ".").first.map(String.init) ?? name
  }
}
