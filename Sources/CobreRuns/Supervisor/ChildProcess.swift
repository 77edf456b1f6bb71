internal import CobreCommunication
internal import CobreEngine
internal import CobrePlatformShim
internal import Glibc

/// Starting other programs: with argument arrays and never a shell, and with a listed environment, never an inherited
/// one.
enum ChildProcess {
  /// How a child ended.
  enum End: Equatable {
    case exited(Int32)
    case killed(Int32)

    /// From the status that `waitpid` gives.
    init(status: Int32) {
      let signal = status & 0x7f
      self = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
    }

    var sentence: String {
      switch self {
      case .exited(let code): "ended with exit code \(code)"
      case .killed(let signal): "was killed by signal \(signal) (\(String(cString: strsignal(signal))))"
      }
    }
  }

  /// Variables that children may see.
  ///
  /// Everything else of the environment stays here.
  private static let allowedNames: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR",
    "OMP_NUM_THREADS", "COBRE_TCP_CONNECT_TIMEOUT_MS", "COBRE_MPIEXEC", "SWIFT_BACKTRACE",
    CommunicationVariable.mpiLibrary, SolveFault.variable,
  ]
  /// Settings of MPI libraries, but not the variables that a launcher sets for its own ranks.
  private static let allowedPrefixes = [
    "OMPI_MCA_", "PMIX_MCA_", "PRTE_MCA_", "HYDRA_", "MPIR_CVAR_", "I_MPI_HYDRA_", "COBRE_COMM_",
  ]
  /// Variables of such names that a launcher sets for its own ranks, as a rank of Open MPI 4.1 sees it.
  ///
  /// A launcher started from within such a rank would believe that it is a rank.
  private static let stepPrefixes = [
    "OMPI_MCA_ess", "OMPI_MCA_pmix", "OMPI_MCA_orte_", "OMPI_MCA_initial_wdir", "OMPI_MCA_shmem_RUNTIME_QUERY_hint",
    "OMPI_MCA_mpi_oversubscribe", "PRTE_MCA_ess", "PRTE_MCA_prte_", "PRTE_MCA_pmix", "PMIX_MCA_gds", "PMIX_MCA_psec",
    "PMIX_MCA_ptl",
  ]

  /// The part of an environment that is handed on, with additions.
  static func environment(
    from inherited: [String: String] = currentEnvironment(), adding additions: [String: String] = [:]
  ) -> [String: String] {
    inherited.filter { name, _ in
      allowedNames.contains(name)
        || (allowedPrefixes.contains { name.hasPrefix($0) } && !stepPrefixes.contains { name.hasPrefix($0) })
    }.merging(additions) { $1 }
  }

  /// The environment of this process.
  static func currentEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "=") {
        result[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      entry += 1
    }
    return result
  }

  /// Nanoseconds for which a program that is being written is waited for.
  private static let busyLimit: Int64 = 2_000_000_000

  /// Starts a program with both outputs appended to a log file, and returns its process number.
  ///
  /// `detached` gives it its own session, so that it survives the end of this process's terminal. `extra` is a
  /// descriptor that the child gets as its descriptor 3 (negative = none).
  static func spawn(
    _ program: String, _ arguments: [String], environment: [String: String], log: String, detached: Bool,
    passing extra: Int32 = -1
  ) throws -> pid_t {
    let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else {
      throw RunError(.storage, "Cannot write \(log): \(String(cString: strerror(errno))).")
    }
    defer { close(descriptor) }
    var pid: pid_t = 0
    let lines = environment.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }
    // A program just written may be held open for writing for an instant by children that another thread is starting.
    let deadline = cobre_monotonic_nanoseconds() + busyLimit
    var status = ETXTBSY
    while true {
      status = withCStrings([program] + arguments) { arguments in
        withCStrings(lines) { lines in
          cobre_platform_spawn(&pid, program, arguments, lines, descriptor, extra, detached ? 1 : 0)
        }
      }
      guard status == ETXTBSY, cobre_monotonic_nanoseconds() < deadline else { break }
      usleep(5_000)
    }
    guard status != ETXTBSY else {
      throw RunError(.launch, "Cannot start \(program): it is open for writing. Start again once it is installed.")
    }
    guard status == 0 else {
      throw RunError(.launch, "Cannot start \(program): \(String(cString: strerror(status))).")
    }
    return pid
  }

  /// Passes strings as the null-terminated array of C strings that the system calls want.
  private static func withCStrings<T>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T
  ) -> T {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
    (pointers + strings.count).initialize(to: nil)
    defer {
      for index in strings.indices { free(pointers[index]) }
      pointers.deallocate()
    }
    return body(pointers)
  }

  /// Waits for a child on its own thread, so that it never remains as a zombie of a long-lived process.
  static func reapInBackground(_ pid: pid_t) {
    var thread = pthread_t()
    let argument = UnsafeMutableRawPointer(bitPattern: Int(pid))
    let status = pthread_create(
      &thread, nil,
      { argument in
        var status: Int32 = 0
        let pid = pid_t(truncatingIfNeeded: Int(bitPattern: argument))
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return nil
      }, argument)
    if status == 0 { pthread_detach(thread) }
  }
}
