/// Which random numbers a case draws its noise from.
package enum NoiseGenerator: Sendable, Equatable {
  /// A counter-based generator: the openings of our own case format.
  case counters
  /// Streams of PCG64 with hashed seeds: the openings of Novomodelo, bit for bit.
  case streams
}
