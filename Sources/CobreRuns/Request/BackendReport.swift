/// The backend that `auto` or a request selects on this machine, and why.
package struct BackendReport: Codable, Sendable, Equatable {
  /// One backend with the reasons for and against it.
  package struct Entry: Codable, Sendable, Equatable {
    package var backend: String
    package var builtIn: Bool
    package var usable: Bool
    package var chosen: Bool
    package var reason: String
    /// How long it took to try the backend.
    ///
    /// `nil` if it was not tried.
    package var probeSeconds: Double?
  }

  /// The backend that a run would use: `local`, `shm`, `tcp` or `mpi`.
  package var chosen: String
  package var reason: String
  package var workers: Int
  package var entries: [Entry]
}
