/// The definitions of every file of a case directory.
package enum CaseFormat {
  /// Fields of the top-level object of a JSON file, or nil for tables.
  package static func fields(_ name: CaseFileName) -> [Field]? {
    switch name {
    case .config: config
    case .penalties: penalties
    case .stages: stages
    case .initialConditions: initialConditions
    case .buses: buses
    case .lines: lines
    case .hydros: hydros
    case .thermals: thermals
    case .nonControllableSources: nonControllableSources
    case .pumpingStations: pumpingStations
    case .energyContracts: energyContracts
    case .batteries: batteries
    case .priceProcesses: priceProcesses
    case .productionModels: productionModels
    case .loadFactors: loadFactors
    case .nonControllableFactors: nonControllableFactors
    case .correlation: correlation
    case .exchangeFactors: exchangeFactors
    case .genericConstraints: genericConstraints
    default: nil
    }
  }

  /// Key of the list of entities in a registry file.
  static func listKey(_ kind: EntityKind) -> (file: CaseFileName, key: String) {
    switch kind {
    case .bus: (.buses, "buses")
    case .line: (.lines, "lines")
    case .hydro: (.hydros, "hydros")
    case .thermal: (.thermals, "thermals")
    case .nonControllableSource: (.nonControllableSources, "non_controllable_sources")
    case .pumpingStation: (.pumpingStations, "pumping_stations")
    case .contract: (.energyContracts, "contracts")
    case .battery: (.batteries, "batteries")
    case .priceProcess: (.priceProcesses, "price_processes")
    case .genericConstraint: (.genericConstraints, "constraints")
    case .stage: (.stages, "stages")
    }
  }
}
