import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// A moment and a way in which a rank of a run goes.
struct FaultCase: CustomTestStringConvertible, Sendable {
  var backend: Backend
  var signal: Int32
  var rank: Int
  var part: RankStatus.Part
  var iteration: Int

  var testDescription: String { "\(backend.rawValue) \(text)" }

  /// As `COBRE_COMM_FAULT` takes it.
  var text: String { "\(signal):\(rank):\(part.rawValue):\(iteration)" }

  /// Words of the sentence that reports it.
  var words: String {
    switch part {
    case .start: "while the ranks met"
    case .forward: "in the forward pass of iteration \(iteration)"
    case .backward: "in the backward pass of iteration \(iteration) at stage "
    default: ""
    }
  }

  private static let backends: [Backend] = [.shm, .tcp] + (Installation.hasMPI ? [.mpi] : [])
  private static let parts: [(RankStatus.Part, Int)] = [(.start, 0), (.forward, 3), (.backward, 2), (.end, 0)]

  /// Every backend with every moment.
  ///
  /// With `COBRE_FAULTS=all` for rank 0 and another one each, otherwise in turn.
  static let killed: [FaultCase] = backends.enumerated().flatMap { number, backend in
    parts.enumerated().flatMap { position, part in
      let ranks = isFull ? [0, 1] : [(number + position) % 2]
      return ranks.map { FaultCase(backend: backend, signal: SIGKILL, rank: $0, part: part.0, iteration: part.1) }
    }
  }

  static let stopped: [FaultCase] = backends.enumerated().flatMap { number, backend in
    (isFull ? [0, 1] : [(number + 1) % 2]).map {
      FaultCase(backend: backend, signal: SIGSTOP, rank: $0, part: .backward, iteration: 2)
    }
  }

  private static let isFull = ProcessInfo.processInfo.environment["COBRE_FAULTS"] == "all"
}

/// Ranks of real runs that are killed or stopped at chosen moments: the others end in bounded time, the run says who,
/// where and what to do, and nothing is left behind.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct RunFaultTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  /// Runs a case of two hydro plants on two ranks to its end, as a command of its own, since the environment matters.
  private func finish(
    _ fault: FaultCase?, backend: String, under prefix: [String] = [], adding: [String: String] = [:]
  ) throws -> (run: RunSnapshot?, seconds: Double, code: Int32, errors: String) {
    let errors = Pipe()
    let process = command(fault, backend: backend, under: prefix, adding: adding, errors: errors)
    let began = Date()
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (
      try runs.service.snapshot(runID: nil), Date().timeIntervalSince(began), process.terminationStatus, text
    )
  }

  private func command(
    _ fault: FaultCase?, backend: String, under prefix: [String] = [], adding: [String: String] = [:],
    errors: Pipe = Pipe()
  ) -> Process {
    let process = Process()
    let command =
      prefix + [
        Installation.worker, "start", Installation.referenceCase("d03-two-hydro-cascade"), "--runs-dir", runs.path,
        "--backend", backend, "--workers", "2", "--iterations", "4", "--restarts", "0", "--wait", "60",
      ]
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    var environment = ProcessInfo.processInfo.environment
    environment[RankFault.variable] = fault?.text
    environment[CommunicationVariable.silenceLimit] = "1500"
    process.environment = environment.merging(adding) { $1 }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    return process
  }

  private func expectNothingLeft(_ run: RunSnapshot) throws {
    let supervisor = try #require(try runs.supervisor(of: run))
    #expect(RunsFixture.survivors(of: run.ranks.map(\.pid) + [supervisor.pid], within: 5) == [])
    #expect(try runs.sharedMemory(of: run) == [])
    #expect(access(RunDirectory(path: run.directory).tokenPath, F_OK) != 0)
  }

  @Test(.timeLimit(.minutes(2)), arguments: FaultCase.killed)
  func `a rank that is killed fails the run with its place`(fault: FaultCase) throws {
    let (found, seconds, _, _) = try finish(fault, backend: fault.backend.rawValue)
    let run = try #require(found)
    try expectNothingLeft(run)
    #expect(seconds < 20)
    if fault.part == .end {
      // Everything had been written: the results are valid, and a warning reports the death.
      #expect(run.state == .succeeded, "\(run.error ?? "")")
      #expect(run.iteration == 4)
      #expect(run.warnings.contains { $0.contains("after all results had been written") }, "\(run.warnings)")
      return
    }
    #expect(run.state == .failed)
    let error = run.error ?? ""
    let place = try #require(RankStatus.read(from: RunDirectory(path: run.directory).statusPath(fault.rank)))
    #expect(error.contains("Rank \(fault.rank) (process \(place.pid)) was killed by signal 9"), "\(error)")
    #expect(error.contains(fault.words), "\(error)")
    #expect(error.contains("Resume the run"), "\(error)")
    // Rank 0 writes an iteration during the next one, so its own death may lose the last one.
    let completed = max(0, fault.iteration - 1)
    #expect(run.iteration == completed || fault.rank == 0 && run.iteration == completed - 1, "\(run.iteration)")
  }

  @Test(.timeLimit(.minutes(2)), arguments: FaultCase.stopped)
  func `a rank that is stopped counts as silent`(fault: FaultCase) throws {
    let (found, seconds, _, _) = try finish(fault, backend: fault.backend.rawValue)
    let run = try #require(found)
    try expectNothingLeft(run)
    #expect(seconds < 25)
    #expect(run.state == .failed)
    let error = run.error ?? ""
    #expect(error.lowercased().contains("rank \(fault.rank) (pid "), "\(error)")
    #expect(error.contains("has given no sign of life"), "\(error)")
    #expect(error.contains("in the backward pass of iteration 2"), "\(error)")
    #expect(error.contains("Resume the run"), "\(error)")
  }

  /// As where a rank is stopped in the middle of a transaction: here a stranger keeps the lock meanwhile.
  @Test(.timeLimit(.minutes(2)))
  func `a database that is locked keeps no rank alive that is stopped`() throws {
    let fault = FaultCase(backend: .shm, signal: SIGSTOP, rank: 1, part: .backward, iteration: 2)
    let process = command(fault, backend: "shm")
    try process.run()
    var stopped: RankStatus?
    var run: RunSnapshot?
    let deadline = Date(timeIntervalSinceNow: 20)
    while stopped == nil, Date() < deadline {
      usleep(2000)
      run = try runs.service.snapshot(runID: nil)
      stopped = run.flatMap { RankStatus.read(from: RunDirectory(path: $0.directory).statusPath(1)) }
        .flatMap { ProcessLife(pid: Int32($0.pid))?.state == UInt8(ascii: "T") ? $0 : nil }
    }
    let going = try #require(run)
    let pids = going.ranks.map(\.pid)
    #expect(pids.count == 2)
    let stranger = Process()
    stranger.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    stranger.arguments = [
      "python3", "-c",
      "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10); "
        + "c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); time.sleep(20)",
      going.directory + "/run.sqlite",
    ]
    let told = Pipe()
    stranger.standardOutput = told
    try stranger.run()
    #expect(String(decoding: told.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("locked"))
    #expect(RunsFixture.survivors(of: pids, within: 10) == [])
    #expect(stranger.isRunning)
    kill(stranger.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let ended = try #require(try runs.service.snapshot(runID: nil))
    #expect(ended.state == .failed)
    #expect(ended.error?.contains("has given no sign of life") == true, "\(ended.error ?? "")")
    #expect(ended.ranks.map(\.state).sorted() == ["failed", "failed"], "\(ended.ranks)")
  }

  @Test func `without mpiexec a run over mpi does not start`() throws {
    let (run, _, code, errors) = try finish(nil, backend: "mpi", adding: ["COBRE_MPIEXEC": "/no/such/mpiexec"])
    #expect(code != 0)
    #expect(run == nil)
    #expect(errors.contains("mpiexec") || errors.contains("not built in"), "\(errors)")
  }

  /// A /dev/shm of 64 KiB in a mount namespace of the run's own, and one that is full.
  @Test(
    .enabled(if: RunFaultTests.mayMount, "mount namespaces need root and util-linux"), .timeLimit(.minutes(2)),
    arguments: ["size=64k", "size=8m"])
  func `too small a shared memory is found before the ranks start`(size: String) throws {
    let fill = size == "size=8m" ? "dd if=/dev/zero of=/dev/shm/filler bs=64k status=none 2>/dev/null; " : ""
    let prefix = [
      "/usr/bin/unshare", "-m", "sh", "-c", "mount -t tmpfs -o \(size) none /dev/shm && { \(fill)exec \"$@\"; }", "sh",
    ]
    let chosen = try finish(nil, backend: "auto", under: prefix)
    let run = try #require(chosen.run)
    #expect(run.state == .succeeded, "\(run.error ?? "") \(chosen.errors)")
    #expect(run.backend == "tcp")
    #expect(run.backendReason.contains("/dev/shm cannot hold"), "\(run.backendReason)")
    let asked = try finish(nil, backend: "shm", under: prefix)
    #expect(asked.code != 0)
    #expect(asked.run?.runID == run.runID, "a run was created")
    #expect(asked.errors.contains("/dev/shm cannot hold"), "\(asked.errors)")
    #expect(asked.errors.contains("use backend tcp"), "\(asked.errors)")
  }

  private static let mayMount: Bool = {
    let arguments = ["-m", "sh", "-c", "mount -t tmpfs -o size=64k none /dev/shm"]
    return (try? Installation.run("/usr/bin/unshare", arguments).code) == 0
  }()

  /// No process is left to clean up, so files in /dev/shm must have no name by then.
  @Test(.timeLimit(.minutes(1)))
  func `when everything is killed at once nothing remains in shared memory`() throws {
    let started = try runs.service.start(RunLifeTests.long(.shm, 3)).snapshot
    let going = try runs.progress(of: started)
    let supervisor = try #require(try runs.supervisor(of: going))
    kill(pid_t(supervisor.pid), SIGSTOP)
    for rank in going.ranks { kill(pid_t(rank.pid), SIGKILL) }
    kill(pid_t(supervisor.pid), SIGKILL)
    try expectNothingLeft(going)
  }
}
