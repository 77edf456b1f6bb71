package import CobreCase

/// Standard noise of every opening of every stage, drawn by the stage's method and correlated, or given by a table.
///
/// Every value is a pure function of (seed, stage, opening, component), so every rank finds the same ones.
package struct OpeningNoise: Sendable, Equatable {
  package let layout: NoiseLayout
  package let correlation: NoiseCorrelation
  /// Why some values differ from what the case asks for.
  package private(set) var problem: SamplingError?
  /// By stage: `[opening * layout.dimension + component]`.
  package private(set) var values: [[Double]]

  /// Draws or reads the noise of a case with its own inflow model.
  package init(study: StudyCase, seed: Int64) {
    self.init(study: study, process: InflowProcess(study: study), seed: seed)
  }

  /// Draws or reads the noise of a case.
  ///
  /// A case whose openings are given as realised values has none.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - process: its inflow model, by which past inflows are turned into noise.
  ///   - seed: seed of the draws. Tables given with the case do not depend on it.
  package init(study: StudyCase, process: InflowProcess, seed: Int64) {
    let layout = NoiseLayout(study: study)
    self.layout = layout
    correlation = NoiseCorrelation(study: study, layout: layout)
    values = []
    guard study.inflowOpenings == nil, study.loadOpenings == nil else { return }
    if let table = study.noiseOpenings {
      values = study.stages.indices.map { Array(table.values[table.rows($0)]) }
      return
    }
    let methods = Set(study.stages.map(\.samplingMethod))
    var residuals: PastResiduals?
    if methods.contains(.historicalResiduals) {
      do throws(SamplingError) {
        residuals = try PastResiduals(study: study, process: process)
      } catch { problem = error }
    }
    if study.noiseGenerator == .streams {
      drawFromStreams(study, seed.magnitude, residuals)
      return
    }
    let order = residuals?.order(seed: seed) ?? []
    let source = NoiseSource(seed: seed, purpose: .openingNoise, layout: layout, methods: methods)
    values = study.stages.indices.map { stage in
      if study.stages[stage].samplingMethod == .historicalResiduals, let residuals {
        return residuals.noise(stage: stage, windows: order.prefix(study.stages[stage].openings), layout: layout)
      }
      return drawn(stage, study, source)
    }
  }

  /// The openings of a Novomodelo case.
  ///
  /// Stages of a noise group repeat the previous stage's noise.
  private mutating func drawFromStreams(_ study: StudyCase, _ seed: UInt64, _ residuals: PastResiduals?) {
    let groups = study.streamGroups
    for stage in study.stages.indices {
      let id = UInt32(truncatingIfNeeded: study.stages[stage].declaredID ?? study.stages[stage].id)
      let method = study.stages[stage].samplingMethod
      var count = study.stages[stage].openings
      if method == .historicalResiduals, let residuals { count = min(count, residuals.count) }
      let length = count * layout.dimension
      if stage > 0, groups[stage] == groups[stage - 1] {
        // Openings that the stage before does not have keep the mean.
        let known = values[stage - 1].prefix(length)
        values.append(known + [Double](repeating: 0, count: length - known.count))
      } else if method == .historicalResiduals, let residuals {
        let windows = (0..<count).map { opening in
          let key = StreamKey.opening(seed: seed, opening: UInt32(truncatingIfNeeded: opening), stage: id)
          return UInt32(truncatingIfNeeded: key % UInt64(max(1, residuals.count)))
        }
        values.append(residuals.noise(stage: stage, windows: windows[...], layout: layout))
      } else {
        var noise = StreamOpenings.draw(method, seed: seed, stage: id, count: count, dimension: layout.dimension)
        correlate(&noise, stage: stage, count: count)
        values.append(noise)
      }
    }
  }

  /// Correlates the vectors of a stage in place.
  private func correlate(_ noise: inout [Double], stage: Int, count: Int) {
    var scratch = [Double](repeating: 0, count: max(1, 2 * correlation.largestGroup))
    noise.withUnsafeMutableBufferPointer { noise in
      scratch.withUnsafeMutableBufferPointer { scratch in
        guard let noise = noise.baseAddress, let scratch = scratch.baseAddress else { return }
        for opening in 0..<count {
          correlation.apply(to: noise + opening * layout.dimension, stage: stage, scratch: scratch)
        }
      }
    }
  }

  private func drawn(_ stage: Int, _ study: StudyCase, _ source: NoiseSource) -> [Double] {
    let count = study.stages[stage].openings
    let points = source.points(
      study.stages[stage].samplingMethod, count: count, kept: 0..<count, group: study.noiseGroup(of: stage),
      iteration: 0)
    var result = [Double](repeating: 0, count: count * layout.dimension)
    var scratch = [Double](repeating: 0, count: max(1, 2 * correlation.largestGroup))
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

  /// Number of openings of a stage.
  func count(stage: Int, study: StudyCase) -> Int {
    layout.dimension > 0 && stage < values.count
      ? values[stage].count / layout.dimension : study.stages[stage].openings
  }

  /// Noise of an entity in an opening of a stage, 0 if it has none.
  func value(_ stage: Int, _ opening: Int, _ noiseClass: NoiseClass, _ entity: Int) -> Double {
    guard stage < values.count, let component = layout.component(noiseClass, entity) else { return 0 }
    return values[stage][opening * layout.dimension + component]
  }
}

/// Noise of past windows as openings, loads and sources at their means.
private struct PastResiduals {
  private let history: HistoricalReplay

  init(study: StudyCase, process: InflowProcess) throws(SamplingError) {
    history = try HistoricalReplay(study: study, process: process, selection: .all)
  }

  /// Number of windows.
  var count: Int { history.years.count }

  /// Windows of the openings with the numbers of counters: each window at most once.
  func order(seed: Int64) -> [UInt32] {
    Philox(seed: seed, purpose: .historicalWindow).permutation(of: count, entity: 0, stage: 0, iteration: 0)
  }

  /// The noise of a stage where each opening replays a window.
  func noise(stage: Int, windows: ArraySlice<UInt32>, layout: NoiseLayout) -> [Double] {
    var result = [Double](repeating: 0, count: windows.count * layout.dimension)
    for (opening, window) in windows.enumerated() {
      for hydro in 0..<layout.hydros {
        result[opening * layout.dimension + hydro] = history.noise.value(
          stage: stage, scenario: Int(window), entity: hydro)
      }
    }
    return result
  }
}
