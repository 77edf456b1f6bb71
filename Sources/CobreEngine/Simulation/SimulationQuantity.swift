package import CobreCase

/// One kind of figure that a simulation gives for every entity of a kind.
package struct SimulationQuantity: Sendable, Hashable {
  package var name: String
  package var unit: String
  /// What a figure belongs to.
  package var entity: ElementKind
  /// Whether every block has its own figure.
  ///
  /// The figure of the stage is then the mean over its hours.
  package var isPerBlock: Bool

  init(_ entity: ElementKind, _ name: String, _ unit: String, perBlock: Bool = false) {
    self.entity = entity
    self.name = name
    self.unit = unit
    isPerBlock = perBlock
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
