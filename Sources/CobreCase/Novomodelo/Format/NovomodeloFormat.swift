/// The definitions of every file of a Novomodelo case, as data.
///
/// Keys, types and defaults are of release 0.19.1 (its exported schemas). Where that program reads a key without using
/// it, the summary says so.
package enum NovomodeloFormat {
  /// Fields of the top-level object of a JSON file, or nil for tables.
  package static func fields(_ file: NovomodeloFile) -> [Field]? {
    switch file {
    case .config: config
    case .penalties: penalties
    case .stages: stages
    case .postStudyStages: postStudyStages
    case .initialConditions: initialConditions
    case .buses: buses
    case .lines: lines
    case .hydros: hydros
    case .thermals: thermals
    case .nonControllableSources: nonControllableSources
    case .pumpingStations: pumpingStations
    case .energyContracts: energyContracts
    case .productionModels: productionModels
    case .loadFactors: factors("load_factors", "bus_id", .bus, "Load multiplier per block")
    case .nonControllableFactors:
      factors("non_controllable_factors", "ncs_id", .nonControllableSource, "Availability multiplier per block")
    case .correlation: correlation
    case .genericConstraints: genericConstraints
    case .genericParameters: genericParameters
    default: nil
    }
  }

  /// The definition of a table, or nil for JSON files.
  package static func table(_ file: NovomodeloFile) -> TableShape? { tables[file] }

  private static let tables: [NovomodeloFile: TableShape] = Dictionary(
    (systemTables + scenarioTables + boundTables + overrideTables).map { ($0.0, $0.1) }
  ) { first, _ in first }

  /// Key of the list of entities in a registry file.
  static func listKey(_ kind: EntityKind) -> (file: NovomodeloFile, key: String) {
    switch kind {
    case .bus: (.buses, "buses")
    case .line: (.lines, "lines")
    case .hydro: (.hydros, "hydros")
    case .thermal: (.thermals, "thermals")
    case .nonControllableSource: (.nonControllableSources, "non_controllable_sources")
    case .pumpingStation: (.pumpingStations, "pumping_stations")
    case .contract: (.energyContracts, "contracts")
    // The format has none: a list that no file may have.
    case .battery: (.pumpingStations, "batteries")
    case .priceProcess: (.energyContracts, "price_processes")
    case .genericConstraint: (.genericConstraints, "constraints")
    case .stage: (.stages, "stages")
    }
  }

  /// Whether a file may have unknown top-level keys, which are ignored.
  ///
  /// In other files they are refused.
  static func allowsUnknownKeys(_ file: NovomodeloFile) -> Bool { file == .genericParameters }

  /// Files of earlier releases, which are refused, and the files that replace them.
  static let retiredFiles = [
    "constraints/exchange_factors.json": "Give capacities per block in constraints/line_bounds.parquet.",
    "system/scalar_parameters.json": "Move the parameters to constraints/generic_parameters.json.",
  ]
}
