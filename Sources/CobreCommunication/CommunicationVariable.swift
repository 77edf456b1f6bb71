/// Environment variables of a rank.
package enum CommunicationVariable {
  /// Backend of the group, or `auto`.
  package static let backend = "COBRE_COMM_BACKEND"
  /// Milliseconds without a sign of life after which a peer counts as gone (60000).
  package static let silenceLimit = "COBRE_COMM_SILENCE_LIMIT_MS"

  /// Most bytes that one call of the MPI library moves (1 GiB).
  ///
  /// Lowered to test how larger payloads are divided.
  package static let mostBytesPerCall = "COBRE_COMM_MPI_CALL_BYTES"
  /// Path or name of the MPI library (the one that belongs to the launcher).
  package static let mpiLibrary = "COBRE_MPI_LIBRARY"
  /// 0 keeps ranks over shared memory from reading each other's memory (1).
  package static let sharedMemoryDirect = "COBRE_COMM_SHM_DIRECT"

  package static let sharedMemoryName = "COBRE_SHM_NAME"
  package static let sharedMemoryRank = "COBRE_SHM_RANK"
  package static let sharedMemorySize = "COBRE_SHM_SIZE"

  /// Host name or address of rank 0.
  package static let coordinator = "COBRE_TCP_COORDINATOR"
  /// Port of rank 0 (29500).
  package static let port = "COBRE_TCP_PORT"
  package static let rank = "COBRE_TCP_RANK"
  package static let size = "COBRE_TCP_SIZE"
  /// Address that rank 0 listens on (all of them).
  package static let bindAddress = "COBRE_TCP_BIND_ADDR"
  /// Milliseconds that the group may take to form (30000), for shm too.
  package static let connectTimeout = "COBRE_TCP_CONNECT_TIMEOUT_MS"
  /// Secret of the run that every rank must know.
  package static let token = "COBRE_TCP_TOKEN"
  /// File that holds the secret, mode 0600.
  package static let tokenFile = "COBRE_TCP_TOKEN_FILE"
  /// 0 leaves out the proof of its sender that each message carries if there is a secret (1).
  ///
  /// For trusted networks.
  package static let prove = "COBRE_TCP_PROVE"
  /// 1 lets neighbours connect directly if ranks are on several hosts (1), 0 never, 2 always.
  package static let ring = "COBRE_TCP_RING"
  /// Descriptor of a listening socket that rank 0 inherits instead of binding a port itself.
  package static let listenDescriptor = "COBRE_TCP_LISTEN_FD"
}
