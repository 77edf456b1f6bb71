internal import CobreBase
internal import CobreCase
package import CobreCommunication
internal import CobreEngine
internal import Glibc
internal import Logging

/// The life of a rank process around its computation: joining the others, failing in an orderly way, exit codes.
///
/// Exit codes: 0 done (also where training was stopped on request), 65 the case cannot be used, 70 the computation
/// failed, 71 it used too much memory, 74 the run directory cannot be written, 75 the supervisor is gone, 76
/// communication failed.
package enum RankMain {
  /// Runs one rank of a run that has a directory.
  ///
  /// `connect` joins the other ranks, given a fingerprint of the problem.
  package static func run(directory: RunDirectory, connect: (UInt64) throws -> any Communicator) -> Int32 {
    SupervisorLink.attach()
    ProcessSetup.adopt()
    MemoryLimit.watch(directory: directory, rank: rankFromEnvironment())
    // A request to stop goes to the supervisor. A terminal's Ctrl-C reaches the ranks too, but they must not obey it.
    signal(SIGINT, SIG_IGN)
    var communicator: (any Communicator)?
    do {
      let bytes = try AtomicFile.read(directory.manifestPath, limit: 1 << 20)
      let manifest = try RunManifest.read(from: directory.manifestPath)
      RankPriority.lowerThread(for: manifest)
      var fingerprint = ContentHash()
      fingerprint.combine(bytes)
      let place = RankStatusFile(directory: directory, rank: rankFromEnvironment())
      place.reach(.start)
      let group = try connect(fingerprint.shortValue)
      communicator = group
      unlink(directory.failurePath(group.rank))
      if group.backend == .mpi { redirectOutput(to: directory.rankLogPath(group.rank)) }
      // Compared before the files are used: files put there later might belong to another user, and messages about a
      // case quote its content.
      let bounds = manifest.settings.caseRoots.map { CaseBounds(under: $0) } ?? .anywhere
      let files = manifest.caseFiles(bounds: bounds)
      if let reason = files.failures[""] {
        throw RankFailure(
          rank: group.rank, kind: .invalidCase,
          message: "The case \(manifest.request.caseDirectory) cannot be read. \(reason)")
      }
      guard CaseInput.hash(of: files).text == manifest.caseHash else {
        throw RankFailure(
          rank: group.rank, kind: .invalidCase,
          message: "The files of the case \(manifest.request.caseDirectory) have changed since the run was created. "
            + "Put them back, or start a new run.")
      }
      let input = try CaseInput(files, directory: manifest.request.caseDirectory)
      _ = try RankProgram(
        directory: directory, settings: manifest.settings, study: input.study, communicator: group, place: place
      ).run()
      try group.finalize()
      return 0
    } catch {
      return fail(error, communicator: communicator, directory: directory)
    }
  }

  /// Informs the other ranks, the supervisor and the log, and returns the exit code.
  static func fail(_ error: any Error, communicator: (any Communicator)?, directory: RunDirectory?) -> Int32 {
    let failure = describe(error, rank: communicator?.rank ?? rankFromEnvironment())
    Logger(label: "cobre.rank").error("\(failure.message)")
    // Written before the others are informed, so that the first failure is on disk before any that follows from it.
    if let directory {
      do {
        try failure.write(to: directory.failurePath(failure.rank))
      } catch {
        Logger(label: "cobre.rank").error("The supervisor cannot be told why: \(error)")
      }
    }
    if failure.kind != .communication { communicator?.abort(failure.message) }
    return failure.kind.exitCode
  }

  static func describe(_ error: any Error, rank: Int) -> RankFailure {
    switch error {
    case let failure as RankFailure: failure
    case let error as InvalidCaseError:
      RankFailure(rank: rank, kind: .invalidCase, message: error.description)
    case let error as PolicyMismatch:
      RankFailure(rank: rank, kind: .invalidCase, message: error.description)
    case let error as SamplingError:
      RankFailure(rank: rank, kind: .invalidCase, message: error.description)
    case let error as CommunicationError:
      RankFailure(rank: rank, kind: .communication, message: error.description)
    case let error as RunError:
      RankFailure(rank: rank, kind: error.code == .storage ? .storage : .computation, message: error.message)
    default: RankFailure(rank: rank, kind: .computation, message: String(describing: error))
    }
  }

  /// The rank as the environment has it, for failures before the ranks have met.
  static func rankFromEnvironment() -> Int {
    let environment = ChildProcess.currentEnvironment()
    let names = [
      CommunicationVariable.sharedMemoryRank, CommunicationVariable.rank, "OMPI_COMM_WORLD_RANK", "PMIX_RANK",
      "PMI_RANK", "SLURM_PROCID",
    ]
    return names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first ?? 0
  }

  /// Under a launcher all ranks share one output.
  ///
  /// From here on each has its own log.
  private static func redirectOutput(to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { return }
    dup2(descriptor, 1)
    dup2(descriptor, 2)
    close(descriptor)
  }
}

extension RankFailure: Error {}
