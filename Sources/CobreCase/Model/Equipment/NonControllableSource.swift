/// Wind, solar or another source without control over what it could generate.
package struct NonControllableSource: Sendable, Equatable {
  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of its bus.
  package var bus: Int
  /// Installed capacity in MW, ≥ 0.
  package var maxGeneration: Double
  /// Whether less than the available power may be taken.
  package var allowsCurtailment = true
}

extension StudyCase {
  package func exists(stage: Int, source: Int) -> Bool { sources[source].service.contains(position(of: stage)) }

  /// $/MWh.
  package func curtailmentCost(stage: Int, source: Int) -> Double {
    sourceCurtailmentCosts[stage * sources.count + source]
  }

  /// MW before the block factor, at the mean.
  package func availability(stage: Int, source: Int) -> Double {
    sourceAvailabilities[stage * sources.count + source]
  }
}
