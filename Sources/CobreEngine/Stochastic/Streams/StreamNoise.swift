internal import CobreCase

/// Fresh noise vectors for out-of-sample trajectories of a Novomodelo case.
///
/// Each class draws from its own seed. The trajectories of an iteration are one sample, whose tables are made when its
/// first vector is requested.
struct StreamNoise: Sendable {
  private let correlation: NoiseCorrelation
  private let methods: [SamplingMethod]
  private let groups: [Int]
  private let count: Int
  /// Seed and components of each class that has any.
  private let classes: [(seed: UInt64, components: Range<Int>)]
  private let directions: SobolDirections?
  /// Tables of the iteration, `[group * classes.count + class]`.
  private var tables: [(method: SamplingMethod, points: StreamPoints)?] = []
  private var scratch: [Double]

  /// - Parameters:
  ///   - study: the case.
  ///   - correlation: the correlation of the opening tree.
  ///   - seed: seed of the forward sampling.
  ///   - layout: components of the noise vector.
  ///   - count: trajectories of an iteration, or scenarios of a simulation.
  init(study: StudyCase, correlation: NoiseCorrelation, seed: Int64, layout: NoiseLayout, count: Int) {
    self.correlation = correlation
    self.count = count
    methods = study.stages.map(\.samplingMethod)
    groups = study.streamGroups
    classes = NoiseClass.allCases.compactMap { noiseClass in
      let components = layout.components(noiseClass)
      return components.isEmpty ? nil : (StreamKey.seed(of: noiseClass, from: seed.magnitude), components)
    }
    let widest = classes.map(\.components.count).max() ?? 0
    directions = methods.contains(.qmcSobol) ? SobolDirections(dimensions: widest) : nil
    scratch = .init(repeating: 0, count: max(1, 2 * correlation.largestGroup))
  }

  /// Forgets the tables of the iteration before.
  mutating func reset() { tables.removeAll(keepingCapacity: true) }

  /// Writes the vector of a trajectory at a stage, correlated.
  ///
  /// - Parameters:
  ///   - stage: position of the stage.
  ///   - trajectory: trajectory of the iteration, or scenario of the simulation.
  ///   - iteration: from 1 in training, 0 in simulations.
  ///   - noise: room for all components.
  mutating func write(stage: Int, trajectory: Int, iteration: UInt32, to noise: UnsafeMutablePointer<Double>) {
    let group = UInt32(truncatingIfNeeded: groups[stage])
    let scenario = UInt32(truncatingIfNeeded: trajectory)
    for (position, noiseClass) in classes.enumerated() {
      let seed = noiseClass.seed
      guard let points = points(stage, position, iteration) else {
        let key = StreamKey.fresh(seed: seed, iteration: iteration, scenario: scenario, group: group)
        var generator = PCG64(seed: key)
        for component in noiseClass.components { noise[component] = generator.normal() }
        continue
      }
      // Offsets of a Latin hypercube come from a generator of the trajectory.
      var offsets =
        methods[stage] == .lhs
        ? PCG64(seed: StreamKey.forward(seed: seed, iteration: iteration, scenario: scenario, stage: group)) : nil
      for (number, component) in noiseClass.components.enumerated() {
        let offset = offsets?.fraction52() ?? 0
        noise[component] = moroQuantile(points.coordinate(trajectory, component: number, offset: offset))
      }
    }
    scratch.withUnsafeMutableBufferPointer { scratch in
      if let scratch = scratch.baseAddress { correlation.apply(to: noise, stage: stage, scratch: scratch) }
    }
  }

  /// The table of a class at a stage, or nil if its draws are independent.
  private mutating func points(_ stage: Int, _ position: Int, _ iteration: UInt32) -> StreamPoints? {
    let method = methods[stage]
    switch method {
    case .saa, .selective, .historicalResiduals: return nil
    case .lhs, .qmcSobol, .qmcHalton: break
    }
    let index = groups[stage] * classes.count + position
    while tables.count <= index { tables.append(nil) }
    if let known = tables[index], known.method == method { return known.points }
    let group = UInt32(truncatingIfNeeded: groups[stage])
    var generator = PCG64(seed: StreamKey.opening(seed: classes[position].seed, opening: iteration, stage: group))
    let points = StreamPoints(
      method, generator: &generator, count: count, dimension: classes[position].components.count,
      directions: directions)
    if let points { tables[index] = (method, points) }
    return points
  }
}

extension StudyCase {
  /// Number of the noise group of each stage: stages of one season that start in the same year draw together.
  ///
  /// Groups are numbered from 0 in the order in which they first occur. A stage without a season is its own group.
  var streamGroups: [Int] {
    var known: [[Int]: Int] = [:]
    return stages.indices.map { index in
      let stage = stages[index]
      // Policy nodes of one stage belong to its group.
      let key = stage.seasonID.map { [$0, stage.start.year] } ?? [stage.declaredID ?? index]
      if let group = known[key] { return group }
      known[key] = known.count
      return known.count - 1
    }
  }
}
