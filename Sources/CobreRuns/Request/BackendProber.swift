package import CobreCommunication
internal import CobreEngine
internal import CobrePlatformShim
internal import Glibc
internal import Synchronization

/// Tries the backends for real: makes a segment, listens on a port, starts a process through `mpiexec`.
///
/// Sendable, since the cache is behind a lock. Results are kept for a minute.
package final class BackendProber: Sendable {
  private struct Cached: Sendable {
    var capabilities: (at: Int64, Capabilities)?
    // By backend and number of workers: a segment's size depends on it.
    var probes: [Key: (at: Int64, BackendSelection.Probe)] = [:]
  }
  // What `cobre-worker capabilities` reports, or why it reports nothing.
  private struct Capabilities: Sendable {
    var builtIn: Set<Backend>
    // Why there is no MPI, if there is none.
    var missingMPI: String?
    var problem: String?
  }
  private struct Key: Hashable {
    var backend: Backend
    var workers: Int
  }
  private let worker: String
  private let cache = Mutex(Cached())

  private static let lifetime: Int64 = 60_000_000_000
  private static let limitSeconds = 10.0

  /// - Parameter worker: path of `cobre-worker`, which knows what is built in.
  package init(worker: String) { self.worker = worker }

  /// Chooses a backend, trying all of them or, to answer quickly, only those that the choice depends on.
  package func select(
    argument: RequestedBackend, standing: RequestedBackend, environment: [String: String], workers: Int, thorough: Bool
  ) -> BackendSelection {
    var inputs = BackendSelection.Inputs(
      builtIn: [.local, .shm, .tcp], environment: environment, argument: argument, standing: standing,
      workers: workers)
    if thorough {
      let capabilities = capabilities()
      inputs.builtIn = capabilities.builtIn
      for backend in Backend.allCases {
        // Without its program, which is the same for all of them, no backend is of any use.
        inputs.probes[backend] =
          capabilities.problem.map { BackendSelection.Probe(isUsable: false, reason: $0) }
          ?? probe(backend, workers: workers, missingMPI: capabilities.missingMPI)
      }
      return BackendSelection(inputs)
    }
    // The first choice is tried. If it fails, the next one is.
    if [argument, standing].contains(.mpi)
      || environment[CommunicationVariable.backend] == Backend.mpi.rawValue
    {
      inputs.builtIn = capabilities().builtIn
    }
    while true {
      let selection = BackendSelection(inputs)
      guard inputs.probes[selection.choice] == nil else { return selection }
      inputs.probes[selection.choice] = probe(
        selection.choice, workers: workers, missingMPI: selection.choice == .mpi ? capabilities().missingMPI : nil)
    }
  }

  private func capabilities() -> Capabilities {
    let now = cobre_monotonic_nanoseconds()
    if let kept = cache.withLock({ $0.capabilities }), now - kept.at < Self.lifetime { return kept.1 }
    let found = Self.capabilities(of: worker)
    cache.withLock { $0.capabilities = (now, found) }
    return found
  }

  private func probe(_ backend: Backend, workers: Int, missingMPI: String?) -> BackendSelection.Probe {
    let now = cobre_monotonic_nanoseconds()
    let key = Key(backend: backend, workers: backend == .shm ? workers : 0)
    if let kept = cache.withLock({ $0.probes[key] }), now - kept.at < Self.lifetime { return kept.1 }
    let found = Self.timed {
      switch backend {
      case .local: (true, "It needs nothing.")
      case .shm: Self.trySharedMemory(workers: workers)
      case .tcp: Self.tryLoopback()
      case .mpi: missingMPI.map { (false, $0) } ?? Self.tryMPI(worker: worker)
      }
    }
    cache.withLock { cache in
      if cache.probes.count > 100 { cache.probes = [:] }
      cache.probes[key] = (now, found)
    }
    return found
  }

  private static func timed(_ body: () -> (Bool, String)) -> BackendSelection.Probe {
    let start = cobre_monotonic_nanoseconds()
    let (isUsable, reason) = body()
    return BackendSelection.Probe(
      isUsable: isUsable, reason: reason, seconds: Double(cobre_monotonic_nanoseconds() - start) / 1e9)
  }

  private static func trySharedMemory(workers: Int) -> (Bool, String) {
    do {
      let segment = try SharedSegment(ranks: max(workers, 1))
      return (true, "/dev/shm holds the segment of \(segment.byteCount) bytes.")
    } catch let error as CommunicationError {
      return (false, error.message)
    } catch {
      return (false, "A segment cannot be made: \(error).")
    }
  }

  private static func tryLoopback() -> (Bool, String) {
    do {
      let rendezvous = try SocketRendezvous(ranks: 1)
      return (true, "Ports can be listened on (\(rendezvous.port) was tried).")
    } catch let error as CommunicationError {
      return (false, error.message)
    } catch {
      return (false, "No port can be listened on: \(error).")
    }
  }

  private static func tryMPI(worker: String) -> (Bool, String) {
    let environment = ChildProcess.environment(adding: RankLauncher.launcherSettings)
    guard let launcher = MPILauncher.program(environment: environment) else {
      return (
        false,
        "`mpiexec` is not on the PATH. Install an MPI such as openmpi-bin, name one in COBRE_MPIEXEC, or use `shm`."
      )
    }
    let answer = ProbeCommand.run(
      launcher, ["-n", "1", worker, "capabilities"], environment: environment, limitSeconds: limitSeconds)
    guard case .ended(.exited(0), let output) = answer, backends(in: output).contains(.mpi) else {
      return (
        false, "\(launcher) does not start processes: it \(answer.words). Try it by hand: mpiexec -n 1 hostname."
      )
    }
    return (true, "\(launcher) starts processes; they use \(value(of: "mpi", in: output) ?? "an MPI library").")
  }

  private static func capabilities(of worker: String) -> Capabilities {
    let answer = ProbeCommand.run(
      worker, ["capabilities"], environment: ChildProcess.environment(), limitSeconds: limitSeconds)
    guard case .ended(.exited(0), let output) = answer else {
      // For example if a library is missing: the loader's message names it.
      return Capabilities(
        builtIn: Set(Backend.allCases),
        problem: "\(worker) does not start: it \(answer.words). Install the libraries it needs; ldd \(worker) "
          + "names them.")
    }
    let builtIn = backends(in: output)
    return Capabilities(
      builtIn: builtIn,
      missingMPI: builtIn.contains(.mpi) ? nil : value(of: "mpi", in: output) ?? "\(worker) does not speak MPI.")
  }

  // The rest of the line that begins with a word.
  private static func value(of word: String, in output: String) -> String? {
    output.split(separator: "\n").first { $0.hasPrefix(word + " ") }.map { String($0.dropFirst(word.count + 1)) }
  }

  // Lines "backend NAME" of `cobre-worker capabilities`.
  private static func backends(in output: String) -> Set<Backend> {
    Set(
      output.split(separator: "\n").compactMap { line in
        line.hasPrefix("backend ") ? Backend(rawValue: String(line.dropFirst(8))) : nil
      })
  }
}

/// Runs a short command and reads what it prints, within a time limit.
enum ProbeCommand {
  enum Answer {
    case ended(ChildProcess.End, output: String)
    case late(seconds: Double)
    case notStarted(String)

    /// As the end of a sentence that begins with the command.
    var words: String {
      switch self {
      case .ended(let end, let output):
        output.contains { !$0.isWhitespace }
          ? "\(end.sentence) and said \"\(output.suffix(200).trimmingPrefix { $0.isWhitespace })\""
          : "\(end.sentence) and said nothing"
      case .late(let seconds): "gave no answer within \(seconds) s"
      case .notStarted(let reason): "cannot be started (\(reason))"
      }
    }
  }

  static func run(
    _ program: String, _ arguments: [String], environment: [String: String], limitSeconds: Double
  ) -> Answer {
    // A file in memory as its log: nothing to clean up, and no pipe that can fill.
    let descriptor = cobre_memory_file("cobre-probe")
    guard descriptor >= 0 else { return .notStarted(SystemError.text(-descriptor)) }
    defer { close(descriptor) }
    let path = "/proc/\(getpid())/fd/\(descriptor)"
    let pid: pid_t
    do {
      pid = try ChildProcess.spawn(program, arguments, environment: environment, log: path, detached: true)
    } catch {
      return .notStarted((error as? RunError)?.message ?? "\(error)")
    }
    let end = cobre_monotonic_nanoseconds() + Int64(limitSeconds * 1e9)
    var status: Int32 = 0
    while true {
      let reaped = waitpid(pid, &status, WNOHANG)
      if reaped == pid { break }
      guard reaped == 0 || errno == EINTR, cobre_monotonic_nanoseconds() < end else {
        // It has its own session, so its children are killed too.
        kill(-pid, SIGKILL)
        waitpid(pid, &status, 0)
        return .late(seconds: limitSeconds)
      }
      usleep(2000)
    }
    let output = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
    }
    return .ended(ChildProcess.End(status: status), output: String(decoding: output, as: UTF8.self))
  }
}
