/// Bounds and identity of a group, the same on every rank.
package struct CommunicatorOptions: Sendable, Equatable {
  /// Fingerprint of what is computed (case, options, engine).
  ///
  /// Ranks with another one are turned away.
  package var problem: UInt64
  /// Seconds without a sign of life after which a peer counts as gone.
  package var silenceLimit: Double
  /// Seconds that the group may take to form.
  package var connectTimeout: Double
  /// Ranks over shared memory may read each other's memory, if the system lets them.
  package var readsDirectly = true
  /// Most bytes that one call of the MPI library moves.
  ///
  /// The smallest value of all ranks applies.
  package var mostBytesPerCall = 1 << 30

  package init(problem: UInt64 = 0, silenceLimit: Double = 60, connectTimeout: Double = 30) {
    self.problem = problem
    self.silenceLimit = silenceLimit
    self.connectTimeout = connectTimeout
  }

  /// Reads the bounds from the environment.
  package init(problem: UInt64, environment: EnvironmentReader) throws {
    self.init(problem: problem)
    if let limit = try environment.milliseconds(CommunicationVariable.silenceLimit) { silenceLimit = limit }
    if let timeout = try environment.milliseconds(CommunicationVariable.connectTimeout) { connectTimeout = timeout }
    if try environment.integer(CommunicationVariable.sharedMemoryDirect, in: 0...1) == 0 { readsDirectly = false }
    if let most = try environment.integer(CommunicationVariable.mostBytesPerCall, in: 1...(1 << 30)) {
      mostBytesPerCall = most
    }
  }

  package var silenceNanoseconds: Int64 { Int64(silenceLimit * 1e9) }
  var connectNanoseconds: Int64 { Int64(connectTimeout * 1e9) }
}
