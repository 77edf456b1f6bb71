internal import CobreCommunication
internal import CobreEngine
internal import Glibc

/// How the ranks of a run are started, by backend.
struct RankLauncher {
  let directory: RunDirectory
  let manifest: RunManifest
  let supervisor: ProcessIdentity
  /// Path of this program, which is also the program of the ranks.
  let program: String
  /// Bytes of memory that one rank may use.
  ///
  /// `nil` for no limit.
  let rankMemoryBytes: Int?

  /// What the ranks of the current attempt share.
  ///
  /// It is removed by ``release()``.
  private final class Belongings {
    var segment: SharedSegment?
    var scratch: MPIScratch?
  }
  private let belongings = Belongings()

  init(
    directory: RunDirectory, manifest: RunManifest, supervisor: ProcessIdentity, program: String,
    rankMemoryBytes: Int? = nil
  ) {
    self.rankMemoryBytes = rankMemoryBytes
    self.directory = directory
    self.manifest = manifest
    self.supervisor = supervisor
    self.program = program
  }

  /// Removes what the ranks shared, once all have ended.
  func release() {
    belongings.segment = nil
    belongings.scratch = nil
  }

  /// A started process.
  ///
  /// With `rank` nil it is the MPI launcher, which has the ranks for children.
  struct Child {
    let pid: pid_t
    let rank: Int?
  }

  /// Starts all ranks, calling `started` after each.
  ///
  /// Throws `RunError` with those started so far left running.
  func launch(started: (Child) throws -> Void) throws {
    guard let backend = Backend(rawValue: manifest.backend) else {
      throw RunError(.backend, "The run asks for a backend \"\(manifest.backend)\" that this engine does not know.")
    }
    var common = ChildProcess.environment(adding: SupervisorLink.environment(of: supervisor))
    common["COBRE_COMM_BACKEND"] = backend.rawValue
    if let rankMemoryBytes { common[MemoryLimit.variable] = String(rankMemoryBytes) }
    switch backend {
    case .local: try spawnRanks(common, started: started) { _ in ([:], -1) }
    case .shm:
      let segment = try SharedSegment(ranks: manifest.workers)
      belongings.segment = segment
      try spawnRanks(common, started: started) { (segment.environment(rank: $0), -1) }
    case .tcp: try launchSockets(common, started: started)
    case .mpi: try launchMPI(common, started: started)
    }
  }

  private func spawnRanks(
    _ common: [String: String], started: (Child) throws -> Void,
    _ specific: (Int) -> (environment: [String: String], descriptor: Int32)
  ) throws {
    for rank in 0..<manifest.workers {
      let (additions, descriptor) = specific(rank)
      let pid = try ChildProcess.spawn(
        program, ["rank", directory.path], environment: common.merging(additions) { $1 },
        log: directory.rankLogPath(rank), detached: false, passing: descriptor)
      try started(Child(pid: pid, rank: rank))
    }
  }

  private func launchSockets(_ common: [String: String], started: (Child) throws -> Void) throws {
    let rendezvous = try SocketRendezvous(ranks: manifest.workers)
    defer { rendezvous.closeListener() }
    // By file, since an environment can be read for as long as its process lives.
    try AtomicFile.write(Array(rendezvous.token.utf8), to: directory.tokenPath)
    try spawnRanks(common, started: started) { rank in
      let environment = rendezvous.environment(rank: rank, listenDescriptor: 3, tokenFile: directory.tokenPath)
      return (environment, rank == 0 ? rendezvous.descriptor : -1)
    }
  }

  private func launchMPI(_ common: [String: String], started: (Child) throws -> Void) throws {
    guard let launcher = MPILauncher.program(environment: common) else {
      throw RunError(
        .backend, "`mpiexec` is not on the PATH. Install an MPI such as openmpi-bin, or choose another backend.")
    }
    let scratch = MPIScratch()
    belongings.scratch = scratch
    let environment = common.merging(Self.launcherSettings.merging(scratch.environment) { $1 }) { mine, _ in mine }
    var options = ["-n", String(manifest.workers)]
    if let hosts = manifest.request.hosts {
      let file = HostList.file(hosts, workers: manifest.workers, for: Self.flavour(of: launcher, environment))
      try AtomicFile.write(Array(file.utf8), to: directory.hostsPath)
      options = ["--hostfile", directory.hostsPath] + options
    }
    var command = [program, "rank", directory.path]
    // Open MPI hands its own variables alone on to other hosts.
    if manifest.request.hosts != nil { command = ["/usr/bin/env"] + Self.assignments(common) + command }
    let arguments = [launcher] + options + command
    let pid = try ChildProcess.spawn(
      program, ["launch"] + arguments, environment: environment,
      log: directory.path + "/mpiexec.log", detached: false)
    try started(Child(pid: pid, rank: nil))
  }

  /// Asks the launcher for its kind.
  ///
  /// A launcher that does not say counts as Open MPI's.
  private static func flavour(of launcher: String, _ environment: [String: String]) -> HostList.Flavour {
    let answer = ProbeCommand.run(launcher, ["--version"], environment: environment, limitSeconds: 10)
    guard case .ended(.exited(0), let output) = answer else { return .openMPI }
    return HostList.Flavour(version: output)
  }

  /// The part of the environment that is sent to ranks on other hosts: bounds and limits, no secrets, nothing about
  /// paths of this host.
  static func assignments(_ environment: [String: String]) -> [String] {
    environment.filter { name, _ in
      name.hasPrefix("COBRE_COMM_") && name != CommunicationVariable.backend || name == MemoryLimit.variable
    }.map { "\($0)=\($1)" }.sorted()
  }

  /// Settings of the launcher that the user's own take precedence over.
  ///
  /// Names that other MPI libraries ignore. Ranks move freely, since several runs may share the machine.
  static let launcherSettings = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "PRTE_ALLOW_RUN_AS_ROOT": "1",
    "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
  ]
}
