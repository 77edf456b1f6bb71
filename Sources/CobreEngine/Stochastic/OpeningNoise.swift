/// Standard noise of every opening of every stage, drawn by the stage's method and correlated, or given by a table.
///
/// Every value is a pure function of (seed, stage, opening, component), so every rank finds the same ones.
package struct OpeningNoise: Sendable, Equatable {
  package let layout: NoiseLayout
  /// By stage: `[opening * layout.dimension + component]`.
  package private(set) var values: [[Double]]

  /// Draws or reads the noise of a case; a case whose openings are given as realised values has none.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - seed: seed of the draws; tables given with the case do not depend on it.
  package init(study: StudyCase, seed: Int64) {
    let layout = NoiseLayout(study: study)
    self.layout = layout
    values = []
    guard study.inflowOpenings == nil, study.loadOpenings == nil else { return }
    if let table = study.noiseOpenings {
      values = study.stages.indices.map { Array(table.values[table.rows($0)]) }
      return
    }
    let correlation = NoiseCorrelation(study: study, layout: layout)
    let source = NoiseSource(
      seed: seed, purpose: .openingNoise, layout: layout, methods: Set(study.stages.map(\.samplingMethod)))
    var scratch = [Double](repeating: 0, count: max(1, 2 * correlation.largestGroup))
    values = study.stages.indices.map { stage in
      let count = study.stages[stage].openings
      let points = source.points(
        study.stages[stage].samplingMethod, count: count, kept: 0..<count, group: study.noiseGroup(of: stage),
        iteration: 0)
      var result = [Double](repeating: 0, count: count * layout.dimension)
      result.withUnsafeMutableBufferPointer { result in
        scratch.withUnsafeMutableBufferPointer { scratch in
          guard let result = result.baseAddress, let scratch = scratch.baseAddress else { return }
          for opening in 0..<count {
            let noise = result + opening * layout.dimension
            points.write(opening, to: noise)
            correlation.apply(to: noise, stage: stage, scratch: scratch)
          }
        }
      }
      return result
    }
  }

  /// Noise of an entity in an opening of a stage; 0 where it has none.
  func value(_ stage: Int, _ opening: Int, _ noiseClass: NoiseClass, _ entity: Int) -> Double {
    guard stage < values.count, let component = layout.component(noiseClass, entity) else { return 0 }
    return values[stage][opening * layout.dimension + component]
  }
}

extension ScenarioTable {
  /// Where the values of all scenarios of a stage stand.
  func rows(_ stage: Int) -> Range<Int> { (firstRow[stage] * entities)..<(firstRow[stage + 1] * entities) }
}
