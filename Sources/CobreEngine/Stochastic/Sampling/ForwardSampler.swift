package import CobreCase

/// The noise that each trajectory of a forward pass, or each scenario of a simulation, meets at each stage.
///
/// Every draw is a pure function of (seed, purpose, stage, trajectory, iteration, entity), in Novomodelo cases of the
/// key of its stream (`StreamKey`): any rank computes any of them. Call `prepare` before the draws of an iteration.
package struct ForwardSampler: Sendable {
  /// What the trajectories are for.
  ///
  /// Each use has its own random numbers.
  package enum Use: Sendable {
    case training
    case simulation
  }

  /// What is the same in every iteration.
  ///
  /// Held by reference: copying the many arrays of a case for a draw would take longer than the draw.
  private final class Setting: Sendable {
    let study: StudyCase
    let tree: OpeningTree
    let source: ScenarioSource
    let use: Use
    let treeSeed: Int64
    let indices: Philox
    let windowOrder: Philox
    let scenarioOrder: Philox
    let freshPrices: Philox
    let history: HistoricalReplay?
    /// Known scenarios by class, in the order of `NoiseClass.allCases`.
    let replays: [ScenarioReplay?]

    init(
      study: StudyCase, tree: OpeningTree, source: ScenarioSource, treeSeed: Int64, use: Use
    ) throws(SamplingError) {
      self.study = study
      self.tree = tree
      self.source = source
      self.use = use
      self.treeSeed = treeSeed
      indices = Philox(seed: treeSeed, purpose: use == .training ? .inSampleIndex : .inSampleIndexInSimulation)
      let seed = source.seed ?? treeSeed
      windowOrder = Philox(seed: seed, purpose: .historicalWindow)
      scenarioOrder = Philox(seed: seed, purpose: .externalScenario)
      freshPrices = Philox(
        seed: seed, purpose: use == .training ? .outOfSampleNoise : .outOfSampleNoiseInSimulation)
      let residuals =
        source.isFresh && study.noiseGenerator != .streams
        && study.stages.contains { $0.samplingMethod == .historicalResiduals }
      let history =
        source.inflow == .historical || residuals
        ? try HistoricalReplay(study: study, process: tree.inflow, selection: source.historicalYears) : nil
      self.history = history
      replays = [
        source.inflow == .external
          ? study.externalInflows.map { ScenarioReplay(inflows: $0, study: study, process: tree.inflow) }
          : source.inflow == .historical ? history?.noise : nil,
        source.load == .external ? study.externalLoads.map { ScenarioReplay(loads: $0, study: study) } : nil,
        source.ncs == .external
          ? study.externalAvailabilities.map { ScenarioReplay(availabilities: $0, study: study) } : nil,
      ]
    }
  }

  private let setting: Setting
  private let kept: Range<Int>
  private var fresh: FreshNoise?
  private var streams: StreamNoise?
  private var iteration: UInt32 = 0
  /// Window of each kept trajectory, and its scenario in each class, empty if there are none.
  private var windows: [Int] = []
  private var scenarios: [[Int]] = [[], [], []]
  private var noise: [Double]

  /// - Parameters:
  ///   - study: the case.
  ///   - tree: its openings.
  ///   - source: scheme of each class.
  ///   - treeSeed: seed of draws from the tree.
  ///   - use: training or simulation.
  ///   - count: trajectories of an iteration, or scenarios of the simulation.
  ///   - kept: the trajectories of 0 ..< `count` that will be drawn.
  /// - Throws: `SamplingError` if the history has no window to replay.
  package init(
    study: StudyCase, tree: OpeningTree, source: ScenarioSource, treeSeed: Int64, use: Use, count: Int,
    kept: Range<Int>
  ) throws(SamplingError) {
    setting = try Setting(study: study, tree: tree, source: source, treeSeed: treeSeed, use: use)
    self.kept = kept
    let seed = source.seed ?? treeSeed
    let drawsFromStreams = study.noiseGenerator == .streams
    streams =
      source.isFresh && drawsFromStreams
      ? StreamNoise(
        study: study, correlation: tree.correlation, seed: seed, layout: tree.noiseLayout, count: count) : nil
    fresh =
      source.isFresh && !drawsFromStreams
      ? FreshNoise(
        study: study, correlation: tree.correlation, seed: seed,
        purpose: use == .training ? .outOfSampleNoise : .outOfSampleNoiseInSimulation, layout: tree.noiseLayout,
        count: count, kept: kept) : nil
    noise = .init(repeating: 0, count: max(1, tree.noiseLayout.dimension))
  }

  /// Whether every class draws openings of the tree, so that `opening` determines everything.
  package var isInSample: Bool { setting.source.isInSample }

  /// Gets ready for the draws of an iteration, from 1.
  ///
  /// A simulation has only one.
  package mutating func prepare(iteration: Int) {
    let simulation = setting.study.noiseGenerator == .streams ? 0 : Philox.simulationIteration
    self.iteration = setting.use == .simulation ? simulation : UInt32(truncatingIfNeeded: iteration)
    guard !isInSample else { return }
    fresh?.reset()
    streams?.reset()
    if setting.study.noiseGenerator == .streams {
      selectByHash()
      return
    }
    if let history = setting.history { windows = order(of: history.years.count, by: setting.windowOrder) }
    for (position, replay) in setting.replays.enumerated() {
      guard let replay else { continue }
      let isHistorical = position == 0 && setting.source.inflow == .historical
      scenarios[position] = isHistorical ? windows : order(of: replay.count, by: setting.scenarioOrder)
    }
  }

  /// Picks the window and the scenarios of each kept trajectory by hash.
  ///
  /// Several trajectories may share a window or scenario.
  private mutating func selectByHash() {
    let keys = kept.map { UInt32(truncatingIfNeeded: $0) }
    if let history = setting.history {
      windows = keys.map { StreamKey.window(of: history.years.count, iteration: iteration, scenario: $0) }
    }
    for (position, replay) in setting.replays.enumerated() {
      guard let replay else { continue }
      let isHistorical = position == 0 && setting.source.inflow == .historical
      scenarios[position] =
        isHistorical
        ? windows : keys.map { StreamKey.scenario(of: replay.count, iteration: iteration, scenario: $0) }
    }
  }

  /// For each kept trajectory one of n scenarios, such that each is used once before any is used again.
  private func order(of n: Int, by generator: Philox) -> [Int] {
    guard n > 0, !kept.isEmpty else { return .init(repeating: 0, count: kept.count) }
    var result: [Int] = []
    for round in (kept.lowerBound / n)...((kept.upperBound - 1) / n) {
      let permutation = generator.permutation(
        of: n, entity: 0, stage: UInt32(truncatingIfNeeded: round), iteration: iteration)
      let members = kept.clamped(to: (round * n)..<(round * n + n))
      result += members.map { Int(permutation[$0 - round * n]) }
    }
    return result
  }

  /// The opening of a trajectory (or scenario) at a stage, drawn by probability.
  ///
  /// - Parameters:
  ///   - stage: position of the stage.
  ///   - step: position in the walk, equal to the position of the stage if the walk visits each stage once.
  ///   - trajectory: trajectory of the iteration, or scenario of the simulation.
  /// - Returns: index of the opening.
  package func opening(stage: Int, step: Int, trajectory: Int) -> Int {
    if setting.study.noiseGenerator == .streams {
      let place = setting.study.nodePositions.isEmpty ? step : setting.study.position(of: stage)
      let key = StreamKey.forward(
        seed: setting.treeSeed.magnitude, iteration: iteration, scenario: UInt32(truncatingIfNeeded: trajectory),
        stage: UInt32(truncatingIfNeeded: place))
      var generator = PCG64(seed: key)
      return Int(generator.index(below: UInt32(truncatingIfNeeded: setting.tree.stages[stage].count)))
    }
    let uniform = setting.indices.uniform(
      entity: 0, sample: UInt32(truncatingIfNeeded: trajectory), stage: UInt32(truncatingIfNeeded: step),
      iteration: iteration)
    return setting.tree.stages[stage].index(for: uniform)
  }

  /// State that a kept trajectory starts from: the initial state of the case, with the lags before its window if a
  /// window is replayed.
  package func initialState(trajectory: Int) -> [Double] {
    guard setting.source.inflow == .historical, let history = setting.history else {
      return setting.tree.inflow.initialState
    }
    return history.initialState(window: windows[trajectory - kept.lowerBound])
  }

  /// Realises the noise of a kept trajectory at a stage.
  ///
  /// - Parameters:
  ///   - stage: position of the stage.
  ///   - step: position in the walk.
  ///   - trajectory: a kept trajectory.
  ///   - sample: receives the values.
  package mutating func realise(stage: Int, step: Int, trajectory: Int, into sample: inout NoiseSample) {
    let place = trajectory - kept.lowerBound
    writeFresh(stage: stage, step: step, trajectory: trajectory)
    let openings = setting.tree.stages[stage]
    let index = opening(stage: stage, step: step, trajectory: trajectory)
    for hydro in sample.inflows.indices {
      sample.inflows[hydro] =
        switch draw(0, stage, place, hydro, component: hydro) {
        case .opening: openings.inflows[index * sample.inflows.count + hydro]
        case .value(let value): setting.tree.inflow.truncates ? max(0, value) : value
        case .noise(let noise): setting.tree.inflow.innovation(stage: stage, hydro: hydro, noise: noise)
        }
    }
    for bus in sample.loads.indices {
      sample.loads[bus] =
        switch draw(1, stage, place, bus, component: setting.tree.noiseLayout.component(.load, bus)) {
        case .opening: openings.loads[index * sample.loads.count + bus]
        case .value(let value): value
        case .noise(let noise): StageOpenings.load(setting.study, stage, bus, noise: noise)
        }
    }
    for source in sample.availabilities.indices {
      sample.availabilities[source] =
        switch draw(2, stage, place, source, component: setting.tree.noiseLayout.component(.ncs, source)) {
        case .opening: openings.availabilities[index * sample.availabilities.count + source]
        case .value(let value), .noise(let value):
          StageOpenings.availability(setting.study, stage, source, noise: value)
        }
    }
    let isFresh = setting.source.inflow == .outOfSample && setting.study.priceOpenings == nil
    for process in sample.prices.indices {
      sample.prices[process] =
        isFresh
        ? PriceInnovations.fresh(
          setting.study, stage: stage, process: process, generator: setting.freshPrices, step: step,
          trajectory: trajectory,
          iteration: iteration) : openings.prices[index * sample.prices.count + process]
    }
  }

  private enum Draw {
    case opening
    case value(Double)
    case noise(Double)
  }

  private func draw(_ position: Int, _ stage: Int, _ place: Int, _ entity: Int, component: Int?) -> Draw {
    let scheme = position == 0 ? setting.source.inflow : position == 1 ? setting.source.load : setting.source.ncs
    if scheme == .outOfSample { return .noise(component.map { noise[$0] } ?? 0) }
    guard scheme != .inSample, let replay = setting.replays[position], replay.count > 0 else { return .opening }
    let value = replay.value(stage: stage, scenario: scenarios[position][place], entity: entity)
    return replay.isRealised ? .value(value) : .noise(value)
  }

  /// Writes the fresh vector of a trajectory.
  ///
  /// Stages that sample residuals take them from its window, without load and sources.
  private mutating func writeFresh(stage: Int, step: Int, trajectory: Int) {
    if streams != nil {
      noise.withUnsafeMutableBufferPointer { noise in
        guard let base = noise.baseAddress else { return }
        streams?.write(stage: stage, trajectory: trajectory, iteration: iteration, to: base)
      }
      return
    }
    guard fresh != nil else { return }
    if setting.study.stages[stage].samplingMethod == .historicalResiduals, let history = setting.history {
      let window = windows[trajectory - kept.lowerBound]
      for component in noise.indices {
        noise[component] =
          component < history.noise.entities
          ? history.noise.value(stage: stage, scenario: window, entity: component) : 0
      }
      return
    }
    noise.withUnsafeMutableBufferPointer { noise in
      guard let base = noise.baseAddress else { return }
      fresh?.write(stage: stage, step: step, trajectory: trajectory, iteration: iteration, to: base)
    }
  }
}
