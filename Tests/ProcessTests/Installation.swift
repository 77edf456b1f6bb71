import Foundation

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// What the tests of whole processes need from around them.
enum Installation {
  /// The directory of the built programs.
  static let products: String = {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    if FileManager.default.isExecutableFile(atPath: own + "/cobre-worker") { return own }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    return root + "/.build/debug"
  }()

  static var worker: String { products + "/cobre-worker" }
  static var server: String { products + "/cobre-mcp" }

  /// The directory of the reference cases.
  ///
  /// `nil` where it is not there.
  static let referenceCases: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let candidates = [
      ProcessInfo.processInfo.environment["COBRE_REFERENCE_CASES"], root + "/../shared/reference-cases",
    ].compactMap { $0 }
    return candidates.first { FileManager.default.fileExists(atPath: $0 + "/expected.json") }
  }()

  static var hasReferenceCases: Bool { referenceCases != nil }

  /// Whether the worker was built with MPI and there is a launcher.
  static let hasMPI: Bool = {
    guard MPILauncher.program(environment: ProcessInfo.processInfo.environment) != nil else { return false }
    return (try? run(worker, ["capabilities"]).output.contains("backend mpi")) ?? false
  }()

  static func referenceCase(_ name: String) -> String { (referenceCases ?? "") + "/" + name }

  /// Runs a program to its end, and returns its exit code and both outputs.
  static func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let errorText = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: errorText, as: UTF8.self)
    )
  }
}

/// A runs directory of a test's own.
///
/// What still runs in it ends with the test.
final class RunsFixture {
  let path: String
  let service: RunService

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/cobre-runs-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    service = RunService(runsDirectory: path, workerExecutable: Installation.worker)
  }

  deinit {
    for run in (try? service.list()) ?? [] where !run.state.isFinal {
      if let supervisor = try? supervisor(of: run) { kill(pid_t(supervisor.pid), SIGKILL) }
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  func supervisor(of run: RunSnapshot) throws -> ProcessIdentity? {
    try RunStore.openForReading(run.directory + "/run.sqlite").record().supervisor
  }

  /// What is in /dev/shm for the run.
  ///
  /// Its names begin with the process that made them.
  func sharedMemory(of run: RunSnapshot) throws -> [String] {
    guard let supervisor = try supervisor(of: run) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
      .filter { $0.hasPrefix("cobre-\(supervisor.pid)-") }
  }

  func store(of run: RunSnapshot) throws -> RunStore { try RunStore.openForReading(run.directory + "/run.sqlite") }

  /// Starts a run and waits for its end, at most that many seconds.
  func finish(_ request: RunRequest, within seconds: Double = 60) throws -> RunSnapshot {
    let run = try service.start(request).snapshot
    return try service.wait(runID: run.runID, until: .now + .seconds(seconds))
  }

  /// Waits until the run has completed that many iterations or has ended.
  func progress(
    of run: RunSnapshot, iterations: Int = 1, within seconds: Double = 30, seenBy other: RunService? = nil
  ) throws -> RunSnapshot {
    // A service that reads a queued run starts it if its own limits allow.
    let service = other ?? service
    let deadline = ContinuousClock.now + .seconds(seconds)
    // More often than those look who wait for the end.
    while true {
      let latest = try service.snapshot(runID: run.runID) ?? run
      if latest.iteration >= iterations || latest.state.isFinal || ContinuousClock.now >= deadline { return latest }
      usleep(5000)
    }
  }

  /// Waits until none of the processes runs any more, and returns those that still do.
  static func survivors(of pids: [Int], within seconds: Double) -> [Int] {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var left = pids
    while !left.isEmpty, ContinuousClock.now < deadline {
      left = left.filter { ProcessTable.start(of: $0) != nil }
      usleep(20_000)
    }
    return left
  }
}
