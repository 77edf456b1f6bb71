/// A class of random series.
package enum NoiseClass: String, Sendable, CaseIterable {
  case inflow
  case load
  case ncs
}

/// Series whose noise is correlated.
package struct CorrelationGroup: Sendable, Equatable {
  package var name: String
  package var noiseClass: NoiseClass
  /// Indices of hydros, buses or sources, in the order of the matrix.
  package var entities: [Int]
  /// n × n, row by row.
  package var matrix: [Double]
}

/// The correlation in force in some stages.
package struct CorrelationProfile: Sendable, Equatable {
  package var name: String
  package var groups: [CorrelationGroup]
}

/// The content of `correlation.json`.
package struct Correlation: Sendable, Equatable {
  /// Sorted by name.
  package var profiles: [CorrelationProfile]
  /// Index of the profile of each study stage; T values.
  package var profileOfStage: [Int]
}
