package import CobreCase

/// One kind of figure that a simulation gives for every entity of a kind.
package struct SimulationQuantity: Sendable, Hashable {
  /// What a figure belongs to.
  package enum Entity: String, Sendable, CaseIterable {
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
  }

  package var name: String
  package var unit: String
  package var entity: Entity
  /// Whether every block has its own figure.
  ///
  /// The figure of the stage is then the mean over its hours.
  package var isPerBlock: Bool

  init(_ entity: Entity, _ name: String, _ unit: String, perBlock: Bool = false) {
    self.entity = entity
    self.name = name
    self.unit = unit
    isPerBlock = perBlock
  }

  /// Number of entities of a sort in a case.
  package static func count(_ entity: Entity, in study: StudyCase) -> Int {
    switch entity {
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

  /// Name of an entity.
  package static func name(_ entity: Entity, _ index: Int, in study: StudyCase) -> String {
    switch entity {
    case .system: "system"
    case .hydro: study.hydros[index].name
    case .thermal: study.thermals[index].name
    case .bus: study.buses[index].name
    case .line: study.lines[index].name
    case .source: study.sources[index].name
    case .contract: study.contracts[index].name
    case .pump: study.pumpingStations[index].name
    case .battery: study.batteries[index].name
    case .price: study.priceProcesses[index].name
    case .constraint: study.genericConstraints[index].name
    }
  }

  /// Id of an entity; 0 for the system.
  package static func id(_ entity: Entity, _ index: Int, in study: StudyCase) -> Int {
    switch entity {
    case .system: 0
    case .hydro: study.hydros[index].id
    case .thermal: study.thermals[index].id
    case .bus: study.buses[index].id
    case .line: study.lines[index].id
    case .source: study.sources[index].id
    case .contract: study.contracts[index].id
    case .pump: study.pumpingStations[index].id
    case .battery: study.batteries[index].id
    case .price: study.priceProcesses[index].id
    case .constraint: study.genericConstraints[index].id
    }
  }
}

extension SimulationQuantity {
  /// Ids of the buses that plants with several buses feed, ascending: figures of such plants are kept by bus, too.
  package static func sharedBuses(of study: StudyCase) -> [Int] {
    let byPlant = Dictionary(grouping: study.hydroCells) { $0.hydro }
    return Set(byPlant.values.filter { $0.count > 1 }.joined().map { study.buses[$0.bus].id }).sorted()
  }

  /// Names of the figures of the part of a plant that feeds a bus.
  package static func turbined(at bus: Int) -> String { "turbined_at_bus_\(bus)" }
  package static func generation(at bus: Int) -> String { "generation_at_bus_\(bus)" }

  /// Name of what one of several uses of water lacks, counted from 1; `water_use_shortfall` is their sum.
  static func waterUse(_ number: Int) -> String { "water_use_shortfall_\(number)" }

  /// Name of what a stage decides for one of several deliveries, counted from 1; `decision` is their sum.
  package static func decision(_ number: Int) -> String { "decision_\(number)" }
}

/// Where the money of a stage goes; the values of all categories add up to the stage's cost.
package enum CostCategory: String, Sendable, CaseIterable {
  case thermal
  case contracts
  /// Wear of batteries.
  case batteries
  case deficit
  case excess
  case violations
  case spillage
  case diversion
  case exchange
  case curtailment
  case turbined

  /// Which of the groups of costs it belongs to: resource, recourse, violation or regularisation.
  var group: String {
    switch self {
    case .thermal, .contracts, .batteries: "resource"
    case .deficit, .excess: "recourse"
    case .violations: "violation"
    case .spillage, .diversion, .exchange, .curtailment, .turbined: "regularisation"
    }
  }
}
