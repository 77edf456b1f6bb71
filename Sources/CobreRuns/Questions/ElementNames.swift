package import CobreCase
package import CobreEngine

/// Names of the elements of a case.
package struct ElementNames: Sendable {
  private let study: StudyCase

  package init(_ study: StudyCase) { self.study = study }

  /// The name of an element by its id; nil where there is no such element, or it has none of its own.
  package func name(_ kind: SimulationQuantity.Entity, id: Int) -> String? {
    switch kind {
    case .system: nil
    case .hydro: study.hydros.first { $0.id == id }?.name
    case .thermal: study.thermals.first { $0.id == id }?.name
    case .bus: study.buses.first { $0.id == id }?.name
    case .line: study.lines.first { $0.id == id }?.name
    case .source: study.sources.first { $0.id == id }?.name
    case .contract: study.contracts.first { $0.id == id }?.name
    case .pump: study.pumpingStations.first { $0.id == id }?.name
    case .battery: study.batteries.first { $0.id == id }?.name
    case .price: study.priceProcesses.first { $0.id == id }?.name
    case .constraint: study.genericConstraints.first { $0.id == id }?.name
    }
  }

  /// The name of the element of a column.
  package func name(_ label: StageLPNames.Label) -> String {
    let names: [String] =
      switch label.entity {
      case .system: ["system"]
      case .hydro: study.hydros.map(\.name)
      case .thermal: study.thermals.map(\.name)
      case .bus: study.buses.map(\.name)
      case .line: study.lines.map(\.name)
      case .source: study.sources.map(\.name)
      case .contract: study.contracts.map(\.name)
      case .pump: study.pumpingStations.map(\.name)
      case .battery: study.batteries.map(\.name)
      case .price: study.priceProcesses.map(\.name)
      case .constraint: study.genericConstraints.map(\.name)
      }
    return names.indices.contains(label.index) ? names[label.index] : "\(label.entity.rawValue) \(label.index)"
  }
}
