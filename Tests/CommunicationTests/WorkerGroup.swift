import CobreCommunication
import Foundation
import Testing

/// Ranks that are processes: the built `cobre-worker conformance`, once per rank.
final class WorkerGroup {
  struct Ended {
    var code: Int32
    var wasKilled: Bool
    var output: String
  }

  private(set) var processes: [Process] = []
  private var outputs: [URL] = []
  private let directory: URL
  private var segment: SharedSegment?
  private var rendezvous: SocketRendezvous?
  private var scratch: MPIScratch?

  /// The executable next to the test bundle.
  static var worker: URL {
    let arguments = CommandLine.arguments[0]
    var directory = URL(fileURLWithPath: arguments).deletingLastPathComponent()
    for _ in 0..<6 {
      let candidate = directory.appendingPathComponent("cobre-worker")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      directory.deleteLastPathComponent()
    }
    return URL(fileURLWithPath: ".build/debug/cobre-worker")
  }

  static let mpiexec: String? = ["/usr/bin/mpiexec", "/usr/local/bin/mpiexec"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Starts the ranks of a group over shm or tcp.
  ///
  /// A rank can be left out or get other arguments.
  init(
    _ backend: Backend, size: Int, arguments: [String], silenceMilliseconds: Int = 60_000,
    connectMilliseconds: Int = 20_000,
    leavingOut: Set<Int> = [], changing: [Int: [String: String]] = [:], argumentsOf: [Int: [String]] = [:]
  ) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("cobre-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    if backend == .shm { segment = try SharedSegment(ranks: size) }
    if backend == .tcp {
      rendezvous = try SocketRendezvous(ranks: size)
      // Foundation cannot pass descriptors on: rank 0 binds the port again.
      rendezvous?.closeListener()
    }
    for rank in 0..<size where !leavingOut.contains(rank) {
      var environment = ProcessInfo.processInfo.environment
      if let segment { environment.merge(segment.environment(rank: rank)) { $1 } }
      if let rendezvous {
        environment.merge(rendezvous.environment(rank: rank, listenDescriptor: -1)) { $1 }
        environment[CommunicationVariable.listenDescriptor] = nil
        environment[CommunicationVariable.bindAddress] = "127.0.0.1"
      }
      environment[CommunicationVariable.silenceLimit] = String(silenceMilliseconds)
      environment[CommunicationVariable.connectTimeout] = String(connectMilliseconds)
      environment.merge(changing[rank] ?? [:]) { $1 }
      try start(
        Self.worker, ["conformance"] + arguments + (argumentsOf[rank] ?? []), environment: environment,
        name: "rank-\(rank)")
    }
  }

  /// Starts the ranks of a group over MPI.
  ///
  /// One process here, the launcher.
  init(mpi size: Int, arguments: [String], silenceMilliseconds: Int = 60_000, adding: [String: String] = [:]) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("cobre-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var environment = ProcessInfo.processInfo.environment
    environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    let scratch = MPIScratch()
    self.scratch = scratch
    environment.merge(scratch.environment) { $1 }
    environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1"
    environment["OMPI_MCA_hwloc_base_binding_policy"] = "none"
    environment[CommunicationVariable.silenceLimit] = String(silenceMilliseconds)
    environment.merge(adding) { $1 }
    try start(
      URL(fileURLWithPath: try #require(Self.mpiexec)),
      ["-n", String(size), Self.worker.path, "conformance"] + arguments, environment: environment, name: "mpiexec")
  }

  /// Starts programs with environments of their own.
  init(commands: [(program: String, arguments: [String], environment: [String: String])]) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("cobre-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (index, command) in commands.enumerated() {
      try start(
        URL(fileURLWithPath: command.program), command.arguments,
        environment: ProcessInfo.processInfo.environment.merging(command.environment) { $1 }, name: "command-\(index)")
    }
  }

  deinit {
    for process in processes where process.isRunning {
      kill(process.processIdentifier, SIGCONT)
      kill(process.processIdentifier, SIGKILL)
    }
    try? FileManager.default.removeItem(at: directory)
  }

  private func start(_ program: URL, _ arguments: [String], environment: [String: String], name: String) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = environment
    let output = directory.appendingPathComponent(name)
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    let handle = try FileHandle(forWritingTo: output)
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    try handle.close()
    processes.append(process)
    outputs.append(output)
  }

  var segmentName: String? { segment?.name }
  var port: Int? { rendezvous?.port }
  var token: String? { rendezvous?.token }

  func output(_ index: Int) -> String { (try? String(contentsOf: outputs[index], encoding: .utf8)) ?? "" }

  /// Waits until the output of a process contains a text.
  func waitForOutput(_ index: Int, _ text: String, count: Int = 1, seconds: Double = 20) throws {
    let end = Date().addingTimeInterval(seconds)
    while output(index).components(separatedBy: text).count <= count {
      try #require(Date() < end, "no \"\(text)\" in: \(output(index))")
      usleep(10_000)
    }
  }

  /// Waits until a process holds so many sockets.
  func waitForSockets(_ index: Int, count: Int, seconds: Double = 20) throws {
    let end = Date().addingTimeInterval(seconds)
    let directory = "/proc/\(processes[index].processIdentifier)/fd"
    while true {
      let entries = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      let sockets = entries.filter {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: directory + "/" + $0))?.hasPrefix("socket:") == true
      }
      if sockets.count >= count { return }
      try #require(Date() < end, "process \(index) holds \(sockets.count) sockets: \(output(index))")
      usleep(10_000)
    }
  }

  /// Number of ranks that have attached to the segment.
  var attachedRanks: Int { segment?.attachedRanks ?? 0 }

  /// Waits for the ends of some processes.
  ///
  /// Fails where they take longer.
  func end(of indices: [Int]? = nil, within seconds: Double) throws -> [Ended] {
    let end = Date().addingTimeInterval(seconds)
    let indices = indices ?? Array(processes.indices)
    for index in indices {
      while processes[index].isRunning {
        try #require(Date() < end, "process \(index) still runs after \(seconds) s: \(output(index))")
        usleep(5000)
      }
    }
    return indices.map {
      Ended(
        code: processes[$0].terminationStatus, wasKilled: processes[$0].terminationReason == .uncaughtSignal,
        output: output($0))
    }
  }
}
