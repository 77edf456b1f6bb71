package import CobreCase

/// The kinds of elements that columns of a stage LP and figures of a simulation belong to, by the names of the results.
///
/// `EntityKind` is what the lists in the files of a case are of.
package enum ElementKind: String, Sendable, CaseIterable {
  case system
  case hydro
  case thermal
  case bus
  case line
  case source
  case contract
  case pump
  case battery
  case price
  case constraint

  /// Number of elements of the kind in a case.
  package func count(in study: StudyCase) -> Int {
    switch self {
    case .system: 1
    case .hydro: study.hydros.count
    case .thermal: study.thermals.count
    case .bus: study.buses.count
    case .line: study.lines.count
    case .source: study.sources.count
    case .contract: study.contracts.count
    case .pump: study.pumpingStations.count
    case .battery: study.batteries.count
    case .price: study.priceProcesses.count
    case .constraint: study.genericConstraints.count
    }
  }

  /// Id in the case and name of an element; the system has the id 0.
  package func element(_ index: Int, in study: StudyCase) -> (id: Int, name: String) {
    switch self {
    case .system: (0, "system")
    case .hydro: (study.hydros[index].id, study.hydros[index].name)
    case .thermal: (study.thermals[index].id, study.thermals[index].name)
    case .bus: (study.buses[index].id, study.buses[index].name)
    case .line: (study.lines[index].id, study.lines[index].name)
    case .source: (study.sources[index].id, study.sources[index].name)
    case .contract: (study.contracts[index].id, study.contracts[index].name)
    case .pump: (study.pumpingStations[index].id, study.pumpingStations[index].name)
    case .battery: (study.batteries[index].id, study.batteries[index].name)
    case .price: (study.priceProcesses[index].id, study.priceProcesses[index].name)
    case .constraint: (study.genericConstraints[index].id, study.genericConstraints[index].name)
    }
  }
}
