package import CobreCase

/// The openings of one stage as realised values, with their probabilities.
package struct StageOpenings: Sendable, Equatable {
  /// Probability of each opening.
  ///
  /// They sum to 1.
  package var probabilities: [Double]
  /// Whether all probabilities are 1/N by construction, so that indices may be drawn by one multiplication.
  package var isUniform: Bool
  /// Inflow in m³/s without the effect of lags: `[opening * hydros + hydro]`, negative values as the method of the case
  /// leaves them.
  ///
  /// Where lags have an effect they are cut off only when that is known.
  package var inflows: NumberTable
  /// Load in MW before block factors: `[opening * buses + bus]`.
  package var loads: NumberTable
  /// Available power of sources in MW before block factors: `[opening * sources + source]`.
  package var availabilities: NumberTable
  /// Innovation of prices in $/MWh: `[opening * processes + process]`.
  package var prices: [Double] = []

  package init(
    probabilities: [Double], isUniform: Bool, inflows: NumberTable, loads: NumberTable, availabilities: NumberTable
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
  /// How noise and past inflows become inflows.
  package let inflow: InflowProcess
  /// Components of noise vectors, and how they are correlated.
  package let noiseLayout: NoiseLayout
  package let correlation: NoiseCorrelation
  /// Why the openings differ from what the case asks for.
  ///
  /// Every user of the tree must check it.
  package let problem: SamplingError?

  /// Draws or reads the tree of a case.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - seed: seed of the draws. Tables given with the case do not depend on it.
  package init(study: StudyCase, seed: Int64) {
    let inflow = InflowProcess(study: study)
    let noise = OpeningNoise(study: study, process: inflow, seed: seed)
    self.inflow = inflow
    noiseLayout = noise.layout
    correlation = noise.correlation
    problem = noise.problem ?? SamplingError(inflow: study, process: inflow)
    stages = study.stages.indices.map {
      StageOpenings(study: study, stage: $0, process: inflow, noise: noise, seed: seed)
    }
  }
}
