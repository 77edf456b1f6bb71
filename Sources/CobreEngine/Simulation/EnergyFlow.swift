package import CobreCase

/// Where the energy of a system comes from and goes to: figures of a simulation that are summed over all elements of a
/// kind.
package enum EnergyFlow: Int, Sendable, CaseIterable {
  case hydro, thermal, deficit, source
  /// What batteries give to their buses, and what they take from them.
  case batteryDischarge, batteryCharge
  /// What contracts bring to their buses, and what they take from them.
  case contractImport, contractExport
  /// What pumping stations take from their buses.
  case pumping

  /// Kind of its elements, and their quantity, which times `factor` is a power in MW.
  package var figure: (kind: ElementKind, quantity: String) {
    switch self {
    case .hydro: (.hydro, "generation")
    case .thermal: (.thermal, "generation")
    case .source: (.source, "generation")
    case .deficit: (.bus, "deficit")
    case .batteryCharge: (.battery, "charge")
    case .batteryDischarge: (.battery, "discharge")
    case .contractImport, .contractExport: (.contract, "power")
    case .pumping: (.pump, "flow")
    }
  }

  /// What the quantity of an element is multiplied by: 0 where the element has no part in the flow.
  package func factor(_ index: Int, in study: StudyCase) -> Double {
    switch self {
    case .contractImport: study.contracts[index].direction == .imports ? 1 : 0
    case .contractExport: study.contracts[index].direction == .exports ? 1 : 0
    case .pumping: study.pumpingStations[index].consumption
    default: 1
    }
  }

  /// Factors of all elements of all flows: `[flow][element]`.
  package static func factors(in study: StudyCase) -> [[Double]] {
    allCases.map { flow in (0..<flow.figure.kind.count(in: study)).map { flow.factor($0, in: study) } }
  }

  /// Whether any element of a case can have a part in the flow.
  package func exists(in study: StudyCase) -> Bool {
    (0..<figure.kind.count(in: study)).contains { factor($0, in: study) != 0 }
  }
}
