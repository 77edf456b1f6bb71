/// How the processes of a run exchange data.
package enum Backend: String, Sendable, Codable, CaseIterable {
  /// One process: a collective copies or does nothing.
  case local
  /// Processes of one host over a POSIX shared memory segment.
  case shm
  /// Processes of any hosts over sockets, coordinated by rank 0.
  case tcp
  /// Processes started by an MPI launcher.
  case mpi
}

/// What a caller may ask for: a backend, or the engine's own choice.
package enum RequestedBackend: String, Sendable, Codable, CaseIterable {
  case auto
  case local
  case shm
  case tcp
  case mpi

  /// The backend asked for, or nil if the engine is to choose.
  package var backend: Backend? { Backend(rawValue: rawValue) }

  /// The request for exactly this backend.
  package init(_ backend: Backend) {
    switch backend {
    case .local: self = .local
    case .shm: self = .shm
    case .tcp: self = .tcp
    case .mpi: self = .mpi
    }
  }
}
