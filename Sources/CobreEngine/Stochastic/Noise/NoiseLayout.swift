package import CobreCase

/// Which entity each component of a noise vector belongs to: all hydros, then buses, then sources that vary.
package struct NoiseLayout: Sendable, Equatable {
  /// Number of hydros.
  ///
  /// Hydro h is component h.
  package let hydros: Int
  /// Buses with a deviation > 0 in some stage, ascending.
  package let buses: [Int]
  /// Sources with a deviation > 0 in some stage, ascending.
  package let sources: [Int]
  /// First word of the counter of each component: class · 2²⁴ + position in the class.
  package let counterWords: [UInt32]

  private let busComponents: [Int?]
  private let sourceComponents: [Int?]

  package init(study: StudyCase) {
    hydros = study.hydros.count
    buses = study.noiseBuses
    sources = study.noiseSources
    let sizes = [(NoiseClass.inflow, hydros), (.load, buses.count), (.ncs, sources.count)]
    counterWords = sizes.flatMap { noiseClass, count in
      (0..<count).map { noiseClass.counterBase + UInt32(truncatingIfNeeded: $0) }
    }
    var components = [Int?](repeating: nil, count: study.buses.count)
    for (position, bus) in buses.enumerated() { components[bus] = hydros + position }
    busComponents = components
    components = .init(repeating: nil, count: study.sources.count)
    for (position, source) in sources.enumerated() { components[source] = hydros + buses.count + position }
    sourceComponents = components
  }

  /// Number of components D.
  package var dimension: Int { counterWords.count }

  /// Component of an entity, or nil if it has no noise.
  package func component(_ noiseClass: NoiseClass, _ entity: Int) -> Int? {
    switch noiseClass {
    case .inflow: entity
    case .load: busComponents[entity]
    case .ncs: sourceComponents[entity]
    }
  }

  /// Components of a class.
  package func components(_ noiseClass: NoiseClass) -> Range<Int> {
    switch noiseClass {
    case .inflow: 0..<hydros
    case .load: hydros..<(hydros + buses.count)
    case .ncs: (hydros + buses.count)..<dimension
    }
  }
}

extension NoiseClass {
  /// First entity word of the class in the counters of the generator.
  package var counterBase: UInt32 {
    switch self {
    case .inflow: 0
    case .load: 1 << 24
    case .ncs: 2 << 24
    }
  }
}
