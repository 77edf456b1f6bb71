/// Makes the communicator of a rank from its environment.
///
/// The only code that chooses among the types of the backends.
package enum CommunicatorFactory {
  /// Joins the group that the environment describes and returns when it is complete.
  ///
  /// If `COBRE_COMM_BACKEND` names a backend, it decides. Otherwise the variables that are set do: `COBRE_SHM_NAME`,
  /// an MPI launcher's, `COBRE_TCP_COORDINATOR`, and without any of them the group is this process alone.
  ///
  /// - Parameters:
  ///   - environment: usually the environment of the process.
  ///   - problem: fingerprint of what is computed, the same on every rank.
  ///   - mpi: the backend `mpi`, or nil if the program has none.
  /// - Returns: this rank's end of the group.
  /// - Throws: ``CommunicationError``.
  package static func make(
    environment: [String: String], problem: UInt64 = 0, mpi: MPISupport? = nil
  ) throws -> any Communicator {
    let reader = EnvironmentReader(environment)
    let options = try CommunicatorOptions(problem: problem, environment: reader)
    switch try backend(of: reader, mpi: mpi) {
    case .local: return LocalCommunicator()
    case .shm: return try SharedMemoryCommunicator(environment: reader, options: options)
    case .tcp: return try SocketCommunicator(environment: reader, options: options)
    case .mpi:
      guard let mpi else {
        throw CommunicationError(
          .configuration, .connect,
          "This process cannot be a rank over MPI: only cobre-worker can. Start the ranks with backend shm or tcp.")
      }
      try mpi.load()
      let communicator = try mpi.join(options)
      // MPI's own launcher would have informed the library. Processes of another launcher each believe that they are
      // alone.
      if communicator.size == 1, let launcher = MPILauncher(environment), let size = launcher.size, size > 1 {
        throw CommunicationError(
          .configuration, .connect,
          "\(launcher.variable) says that a launcher started \(size) processes, but the MPI library in use sees one. "
            + "Use the launcher that belongs to the library; COBRE_MPIEXEC names a launcher, "
            + "\(CommunicationVariable.mpiLibrary) a library.")
      }
      return communicator
    }
  }

  /// The backend that a rank with this environment uses.
  package static func backend(of environment: EnvironmentReader, mpi: MPISupport?) throws -> Backend {
    if let name = environment.text(CommunicationVariable.backend), name != RequestedBackend.auto.rawValue {
      guard let backend = Backend(rawValue: name) else {
        throw CommunicationError(
          .configuration, .connect,
          "\(CommunicationVariable.backend) is \"\(name.prefix(40))\"; use auto, local, shm, tcp or mpi.")
      }
      return backend
    }
    if environment.text(CommunicationVariable.sharedMemoryName) != nil { return .shm }
    let launcher = MPILauncher(environment.values)
    var obstacle = "This process cannot be a rank over MPI."
    if launcher != nil, let mpi {
      do {
        try mpi.load()
        return .mpi
      } catch { obstacle = error.message }
    }
    if environment.text(CommunicationVariable.coordinator) != nil { return .tcp }
    if let launcher, let size = launcher.size, size > 1 {
      // Each of them would compute everything by itself, and all would write to the same files.
      throw CommunicationError(
        .configuration, .connect,
        "\(launcher.variable) says that an MPI launcher started \(size) processes, but: \(obstacle) "
          + "Or set COBRE_TCP_COORDINATOR for every process.")
    }
    // Started by hand without what the ranks find each other by, each would be alone as well.
    for (size, place) in [
      (CommunicationVariable.size, CommunicationVariable.coordinator),
      (CommunicationVariable.sharedMemorySize, CommunicationVariable.sharedMemoryName),
    ] {
      guard let ranks = environment.text(size).flatMap({ Int($0) }), ranks > 1 else { continue }
      throw CommunicationError(
        .configuration, .connect,
        "\(size) says that there are \(ranks) ranks, but \(place), by which they find each other, is not set. Set it for every "
          + "rank, or unset \(size).")
    }
    return .local
  }
}

/// The backend `mpi`, as a program that has it offers it.
package struct MPISupport: Sendable {
  /// Looks for an MPI library; more than once is no harm.
  let load: @Sendable () throws(CommunicationError) -> Void
  /// Joins the processes of the launcher.
  let join: @Sendable (CommunicatorOptions) throws -> any Communicator

  package init(
    load: @escaping @Sendable () throws(CommunicationError) -> Void,
    join: @escaping @Sendable (CommunicatorOptions) throws -> any Communicator
  ) {
    self.load = load
    self.join = join
  }
}
