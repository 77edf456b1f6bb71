/// The openings of one stage as realised values, with their probabilities.
package struct StageOpenings: Sendable, Equatable {
  /// Probability of each opening; they sum to 1.
  package var probabilities: [Double]
  /// Whether all probabilities are 1/N by construction, so that indices may be drawn by one multiplication.
  package var isUniform: Bool
  /// Inflow in m³/s: `[opening * hydros + hydro]`, negative values as the method of the case leaves them.
  package var inflows: [Double]
  /// Load in MW before block factors: `[opening * buses + bus]`.
  package var loads: [Double]
  /// Available power of sources in MW before block factors: `[opening * sources + source]`.
  package var availabilities: [Double]

  package init(
    probabilities: [Double], isUniform: Bool, inflows: [Double], loads: [Double], availabilities: [Double]
  ) {
    self.probabilities = probabilities
    self.isUniform = isUniform
    self.inflows = inflows
    self.loads = loads
    self.availabilities = availabilities
  }

  package var count: Int { probabilities.count }

  /// The opening that a uniform number in (0, 1) selects by probability.
  package func index(for uniform: Double) -> Int {
    if isUniform { return min(Int(uniform * Double(count)), count - 1) }
    var sum = 0.0
    for (index, probability) in probabilities.enumerated() {
      sum += probability
      if sum > uniform { return index }
    }
    // Rounding may leave the sum a hair under 1.
    return count - 1
  }
}

/// The openings of every stage, fixed for the whole run: what every backward pass sees.
package struct OpeningTree: Sendable, Equatable {
  package var stages: [StageOpenings]

  /// Draws or reads the tree of a case.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - seed: seed of the draws; tables given with the case do not depend on it.
  package init(study: StudyCase, seed: Int64) {
    let generator = Philox(seed: seed, purpose: .openingNoise)
    let buses = study.noiseBuses
    let sources = study.noiseSources
    stages = study.stages.indices.map { stage in
      let group = Self.noiseGroup(of: stage, in: study)
      return StageOpenings(
        study: study, stage: stage, noiseBuses: buses, noiseSources: sources,
        noise: { noiseClass, position, component, opening in
          if let table = study.noiseOpenings { return table.value(stage, opening, component) }
          return generator.normal(
            entity: noiseClass.counterBase + UInt32(truncatingIfNeeded: position),
            sample: UInt32(truncatingIfNeeded: opening), stage: UInt32(truncatingIfNeeded: group), iteration: 0)
        })
    }
  }

  /// The first stage of the season occurrence that a stage belongs to; stages of one occurrence share their noise.
  package static func noiseGroup(of stage: Int, in study: StudyCase) -> Int {
    var first = stage
    while first > 0, let season = study.stages[first].seasonID, study.stages[first - 1].seasonID == season,
      study.stages[first - 1].start.year == study.stages[first].start.year
    {
      first -= 1
    }
    return first
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
