internal import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import CobreRuns
internal import Foundation

/// Looks whether everything that runs need is here, and says what to do where something is not.
package struct Doctor: Sendable {
  /// One fact that was checked.
  package struct Check: Sendable, Equatable {
    package enum Verdict: String, Sendable {
      case good = "ok"
      /// Something works less well than it could, or is missing and not always needed.
      case hint = "note"
      case bad = "bad"
    }

    package var name: String
    package var verdict: Verdict
    /// What was found, as a sentence.
    package var sentence: String
    /// What to do, as a sentence; nil where there is nothing.
    package var remedy: String?
  }

  private let options: ServerOptions
  /// Directory of shared memory; another one in tests.
  private let sharedMemory: String

  package init(options: ServerOptions, sharedMemory: String = "/dev/shm") {
    self.options = options
    self.sharedMemory = sharedMemory
  }

  /// All checks, in the order in which they matter; takes up to a few seconds.
  package func checks() -> [Check] {
    [worker] + directories + [sharedMemoryCheck] + backends + [memory, processors]
  }

  /// Whether the program that computes is there, starts with its libraries and is of this version.
  private var worker: Check {
    let path = options.workerExecutable
    func bad(_ sentence: String, _ remedy: String) -> Check {
      Check(name: "worker", verdict: .bad, sentence: sentence, remedy: remedy)
    }
    guard FileManager.default.isExecutableFile(atPath: path) else {
      return bad("There is no program \(path).", "Put cobre-worker next to cobre-mcp, or name it by --worker.")
    }
    let report = WorkerReport(of: path)
    if let problem = report.problem {
      // The words of the loader name a library that is missing.
      return bad(
        "\(path) does not run: it \(problem).",
        "Install the library that it names (ldd \(path) lists them), or the programs again.")
    }
    let version = report.version ?? ""
    guard version == engineVersion else {
      return Check(
        name: "worker", verdict: .hint,
        sentence: "\(path) is of version \(version), this server of version \(engineVersion).",
        remedy: "Install both from the same place.")
    }
    return Check(
      name: "worker", verdict: .good,
      sentence: "\(path) runs, with the solvers \(report.solvers.joined(separator: ", ")).")
  }

  private var directories: [Check] {
    var found: [Check] = []
    for problem in options.problems {
      found.append(
        Check(name: "directories", verdict: .bad, sentence: problem, remedy: "Make it, or name another directory."))
    }
    let runs = Self.existing(options.runsDirectory)
    if options.problems.isEmpty {
      let isWritable = access(runs, W_OK) == 0
      let free = Self.freeBytes(runs)
      let size = free.map { " \(Self.size($0)) are free." } ?? ""
      let isTight = (free ?? .max) < 1 << 30
      found.append(
        Check(
          name: "runs directory", verdict: !isWritable ? .bad : isTight ? .hint : .good,
          sentence: "Runs are kept in \(options.runsDirectory).\(isWritable ? "" : " It cannot be written.")\(size)",
          remedy: !isWritable
            ? "Name another one by --runs-dir." : isTight ? "Free disk space, or limit runs by --max-disk." : nil))
    }
    let writable = options.paths.writableRoots
    found.append(
      Check(
        name: "cases", verdict: writable.isEmpty ? .hint : .good, sentence: options.paths.sentence,
        remedy: writable.isEmpty ? "Name a directory by --allow-dir, or nothing can be written." : nil))
    for root in writable where access(root, W_OK) != 0 {
      found.append(
        Check(
          name: "cases", verdict: .hint, sentence: "\(root) is allowed, but this user cannot write there.",
          remedy: "Change its permissions, or name another directory by --allow-dir."))
    }
    return found
  }

  private var sharedMemoryCheck: Check {
    let name = "shared memory"
    guard access(sharedMemory, W_OK) == 0 else {
      return Check(
        name: name, verdict: .hint, sentence: "\(sharedMemory) cannot be written, so the backend shm cannot be used.",
        remedy: "Use the backend tcp, or mount a tmpfs there.")
    }
    let free = Self.freeBytes(sharedMemory) ?? 0
    guard free >= 256 << 20 else {
      return Check(
        name: name, verdict: .hint, sentence: "\(sharedMemory) has \(Self.size(free)) left.",
        remedy: "Large cases need more: in a container start with --shm-size=1g, or use the backend tcp.")
    }
    return Check(name: name, verdict: .good, sentence: "\(sharedMemory) has \(Self.size(free)) left.")
  }

  /// The ways of communication, each tried.
  private var backends: [Check] {
    let service = RunService(
      runsDirectory: options.runsDirectory, workerExecutable: options.workerExecutable, isReadOnly: true)
    let report: BackendReport
    do {
      report = try service.select(backend: .auto, workers: nil, ignoringDefault: true)
    } catch {
      return [Check(name: "backends", verdict: .bad, sentence: "They cannot be tried: \(error)")]
    }
    var found = report.entries.map { entry in
      let isMPI = entry.backend == "mpi"
      return Check(
        name: "backend \(entry.backend)", verdict: entry.usable && entry.builtIn ? .good : .hint,
        sentence: entry.reason,
        remedy: entry.usable && entry.builtIn
          ? nil
          : isMPI ? "Only clusters need it: install an MPI library with mpiexec there." : "Runs use another backend.")
    }
    found.append(
      Check(name: "backend auto", verdict: .good, sentence: "A run would use \(report.chosen): \(report.reason)"))
    return found
  }

  private var memory: Check {
    guard let total = ProcessMemory.available else {
      return Check(name: "memory", verdict: .hint, sentence: "It is not known how much memory is free.")
    }
    let isTight = total < 1 << 30
    return Check(
      name: "memory", verdict: isTight ? .hint : .good, sentence: "\(Self.size(total)) can be used.",
      remedy: isTight ? "Use few workers; --max-memory-per-rank ends a run that needs too much." : nil)
  }

  private var processors: Check {
    let count = ProcessInfo.processInfo.activeProcessorCount
    return Check(name: "processors", verdict: .good, sentence: "\(count) can be used.")
  }

  /// The directory, or the part of its path that is there.
  private static func existing(_ path: String) -> String {
    var path = path
    while path != "/", !path.isEmpty, !FileManager.default.fileExists(atPath: path) { path = FilePath.parent(of: path) }
    return path.isEmpty ? "/" : path
  }

  private static func freeBytes(_ path: String) -> Int? {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
    return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 10 << 30 ? "\(bytes >> 30) GB" : "\(bytes >> 20) MB"
  }
}
