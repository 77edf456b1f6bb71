/// Where the noise of forward passes or of the simulation comes from, per class.
package struct ScenarioSource: Sendable, Equatable {
  package enum Scheme: String, Codable, Sendable, CaseIterable {
    case inSample = "in_sample"
    case outOfSample = "out_of_sample"
    case historical
    case external
  }

  /// First years of the replay windows.
  package enum HistoricalYears: Sendable, Equatable {
    case all
    case list([Int])
    /// Both ends included.
    case range(from: Int, to: Int)

    /// Whether windows may start in the year.
    package func contains(_ year: Int) -> Bool {
      switch self {
      case .all: true
      case .list(let years): years.contains(year)
      case .range(let from, let to): from <= year && year <= to
      }
    }
  }

  /// Forward-sampling seed.
  ///
  /// Given unless every class is in-sample.
  package var seed: Int64?
  package var inflow: Scheme
  package var load: Scheme
  package var ncs: Scheme
  package var historicalYears: HistoricalYears

  /// Every class in-sample.
  package static let inSample = ScenarioSource(
    seed: nil, inflow: .inSample, load: .inSample, ncs: .inSample, historicalYears: .all)

  /// Whether every class draws openings of the tree.
  package var isInSample: Bool { NoiseClass.allCases.allSatisfy { scheme($0) == .inSample } }

  /// Whether any class draws fresh noise.
  package var isFresh: Bool { NoiseClass.allCases.contains { scheme($0) == .outOfSample } }

  /// The scheme of a class.
  package func scheme(_ noiseClass: NoiseClass) -> Scheme {
    switch noiseClass {
    case .inflow: inflow
    case .load: load
    case .ncs: ncs
    }
  }
}
