/// Names of the elements of a case by kind and id.
package struct ElementNames: Sendable {
  private let study: StudyCase

  package init(_ study: StudyCase) { self.study = study }

  /// The name of an element; nil where there is no such element, or it has none of its own.
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
    case .constraint: study.genericConstraints.first { $0.id == id }?.name
    }
  }
}
