/// Which random numbers a case draws its noise from.
package enum NoiseGenerator: Sendable, Equatable {
  /// A counter-based generator (Philox): all noise of our own case format.
  case counters
  /// Streams of PCG64 with hashed seeds: all noise of Novomodelo cases, bit for bit.
  case streams
}
