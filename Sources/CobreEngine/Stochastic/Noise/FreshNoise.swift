internal import CobreCase

/// Fresh noise vectors for out-of-sample trajectories, by each stage's sampling method.
///
/// The trajectories of an iteration are one sample. Tables of a sample are made when its first vector is requested.
struct FreshNoise: Sendable {
  private let source: NoiseSource
  private let correlation: NoiseCorrelation
  private let methods: [SamplingMethod]
  private let groups: [Int]
  private let count: Int
  private let kept: Range<Int>
  private let isCyclic: Bool
  /// Samples of the iteration by stage word.
  private var samples: [(method: SamplingMethod, points: NoisePoints)?] = []
  private var scratch: [Double]

  /// - Parameters:
  ///   - study: the case.
  ///   - correlation: the correlation of the opening tree.
  ///   - seed: the seed of forward sampling.
  ///   - purpose: the purpose of training or of simulation.
  ///   - layout: components of the noise vector.
  ///   - count: trajectories of an iteration.
  ///   - kept: the trajectories that will be drawn.
  init(
    study: StudyCase, correlation: NoiseCorrelation, seed: Int64, purpose: NoisePurpose, layout: NoiseLayout,
    count: Int,
    kept: Range<Int>
  ) {
    methods = study.stages.map(\.samplingMethod)
    isCyclic = study.graph.kind == .cyclic
    groups = study.stages.indices.map { study.noiseGroup(of: $0) }
    source = NoiseSource(seed: seed, purpose: purpose, layout: layout, methods: Set(methods))
    self.correlation = correlation
    self.count = count
    self.kept = kept
    scratch = .init(repeating: 0, count: max(1, 2 * correlation.largestGroup))
  }

  /// Forgets the samples of the iteration before.
  mutating func reset() { samples.removeAll(keepingCapacity: true) }

  /// Writes the vector of a kept trajectory, correlated.
  mutating func write(
    stage: Int, step: Int, trajectory: Int, iteration: UInt32, to noise: UnsafeMutablePointer<Double>
  ) {
    // Stages of one season occurrence share the draw. In a cycle each visit has its own draw.
    let word = isCyclic ? max(0, step - (stage - groups[stage])) : groups[stage]
    while samples.count <= word { samples.append(nil) }
    let points: NoisePoints
    if let known = samples[word], known.method == methods[stage] {
      points = known.points
    } else {
      points = source.points(methods[stage], count: count, kept: kept, group: word, iteration: iteration)
      samples[word] = (methods[stage], points)
    }
    points.write(trajectory, to: noise)
    scratch.withUnsafeMutableBufferPointer { scratch in
      if let scratch = scratch.baseAddress { correlation.apply(to: noise, stage: stage, scratch: scratch) }
    }
  }
}
