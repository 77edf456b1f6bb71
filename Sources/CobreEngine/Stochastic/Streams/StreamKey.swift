package import CobreCase

/// Seeds of the generators of a Novomodelo case: hashes of the purpose of a draw.
///
/// The uses differ by the length of what is hashed, or by a byte before it. Measured on release 0.19.1. See
/// `Documentation/NovomodeloNoise.md`.
package enum StreamKey {
  /// First field of the hash that picks a past window: "historic".
  private static let historical: UInt64 = 0x6869_7374_6f72_6963
  /// First field of the hash that picks an external scenario: "external".
  private static let external: UInt64 = 0x6578_7465_726e_616c
  /// First field of the hash that picks a successor in a policy graph with several.
  private static let successor: UInt64 = 0x6e74_6973_6e61_7274

  /// Seed of one independent opening of the tree, and of the tables of an out-of-sample batch
  /// (then `opening` is the iteration and `stage` the noise group).
  package static func opening(seed: UInt64, opening: UInt32, stage: UInt32) -> UInt64 {
    var hash = SipHash()
    hash.append(seed)
    hash.append(opening)
    hash.append(stage)
    return hash.value
  }

  /// Seed of all openings of a stage that are drawn together (Latin hypercube, Sobol, Halton).
  package static func batch(seed: UInt64, stage: UInt32) -> UInt64 {
    var hash = SipHash()
    hash.append(seed)
    hash.append(stage)
    return hash.value
  }

  /// Seed of the choice among openings, and of the offset in a stratum of an out-of-sample Latin hypercube.
  ///
  /// - Parameters:
  ///   - seed: the seed of the tree, or of the class.
  ///   - iteration: from 1 in training, 0 in simulations.
  ///   - scenario: trajectory of the iteration, or scenario of the simulation.
  ///   - stage: position of the stage, or the noise group.
  /// - Returns: the seed of a generator.
  package static func forward(seed: UInt64, iteration: UInt32, scenario: UInt32, stage: UInt32) -> UInt64 {
    var hash = SipHash()
    hash.append(seed)
    hash.append(iteration)
    hash.append(scenario)
    hash.append(stage)
    return hash.value
  }

  /// Seed of independent out-of-sample noise of a class.
  package static func fresh(seed: UInt64, iteration: UInt32, scenario: UInt32, group: UInt32) -> UInt64 {
    var hash = SipHash()
    hash.append(UInt8(1))
    hash.append(seed)
    hash.append(iteration)
    hash.append(scenario)
    hash.append(group)
    return hash.value
  }

  /// Seed of a class's out-of-sample noise: inflow keeps the seed of the case.
  package static func seed(of noiseClass: NoiseClass, from seed: UInt64) -> UInt64 {
    guard noiseClass != .inflow else { return seed }
    var hash = SipHash()
    hash.append(UInt8(2))
    hash.append(seed)
    for byte in noiseClass.rawValue.utf8 { hash.append(byte) }
    return hash.value
  }

  /// The past window, of `count`, that a trajectory replays.
  package static func window(of count: Int, iteration: UInt32, scenario: UInt32) -> Int {
    index(of: count, forward(seed: historical, iteration: iteration, scenario: scenario, stage: 0))
  }

  /// The external scenario, of `count`, that a trajectory replays.
  package static func scenario(of count: Int, iteration: UInt32, scenario: UInt32) -> Int {
    index(of: count, forward(seed: external, iteration: iteration, scenario: scenario, stage: 0))
  }

  /// A uniform number in [0, 1) that picks the successor of a policy node, by cumulated probabilities in order of node
  /// id.
  ///
  /// - Parameters:
  ///   - iteration: from 1 in training, 0 in simulations.
  ///   - path: trajectory of the iteration, or scenario of the simulation.
  ///   - stage: position of the stage before the transition.
  /// - Returns: the number. Only drawn if a node has more than one successor.
  package static func transition(iteration: UInt32, path: UInt32, stage: UInt32) -> Double {
    let hash = forward(seed: successor, iteration: iteration, scenario: path, stage: stage)
    return Double(hash >> 11) * 0x1p-53
  }

  private static func index(of count: Int, _ hash: UInt64) -> Int {
    count > 0 ? Int(hash % UInt64(count)) : 0
  }
}
