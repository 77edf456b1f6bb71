import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Kills processes of a run at random moments, until the run has ended nevertheless.
///
/// `COBRE_CHAOS_KILLS` sets how many kills (default 200, divided among the backends). `COBRE_CHAOS_SEED` sets the
/// moments.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct ChaosTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  private static let environment = ProcessInfo.processInfo.environment
  private static let kills = environment["COBRE_CHAOS_KILLS"].flatMap { Int($0) } ?? 200
  private static let seed = environment["COBRE_CHAOS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...9999)
  /// Longest time from the start of a run to its end, in seconds.
  ///
  /// Only a run that makes no progress needs it.
  private static let patience = 240.0

  /// Who may be killed.
  private enum Victim: CaseIterable {
    case supervisor
    case someRank
    case lastRank
    case server
  }

  private static func request(_ backend: RequestedBackend, _ workers: Int, name: String? = nil) -> RunRequest {
    RunRequest(
      caseDirectory: Installation.referenceCase("d03-two-hydro-cascade"), backend: backend, workers: workers,
      iterations: 40, forwardPasses: 3, simulateScenarios: 5, runName: name)
  }

  @Test(.timeLimit(.minutes(60)))
  func `whatever is killed whenever, the bits at the end are the same`() throws {
    var moments = Moments(state: Self.seed)
    let reference = try runs.finish(Self.request(.local, 1))
    try #require(reference.state == .succeeded, "\(reference.error ?? "")")
    let expected = try Bits(runs.store(of: reference))
    // Moments beyond the end of an undisturbed run would only hit servers.
    let span = max(1, Int(1e6 * reference.elapsedSeconds))
    let share = max(1, Self.kills / RunLifeTests.backends.count)
    var killed: [Victim: Int] = [:]
    for (backend, workers) in RunLifeTests.backends {
      var left = share
      while left > 0 {
        let name = "chaos-\(backend.rawValue)-\(left)"
        let request = Self.request(backend, workers, name: name)
        if moments.next(below: 2) == 0, try askAndKill(moments.next(below: 150_000), .train(request)) {
          killed[.server, default: 0] += 1
          left -= 1
        }
        // However far the server had got, the name belongs to one run.
        let started = try runs.service.start(request).snapshot
        let deadline = Clocks.uptime() + Self.patience
        while true {
          var now = try #require(try runs.service.snapshot(runID: started.runID))
          try #require(Clocks.uptime() < deadline, "seed \(Self.seed), \(backend): \(now.state), \(now.logTail)")
          if left > 0, !now.state.isFinal {
            usleep(useconds_t(moments.next(below: span)))
            let victim = Victim.allCases[moments.next(below: Victim.allCases.count)]
            if try disturb(started, victim) {
              killed[victim, default: 0] += 1
              left -= 1
            }
            now = try #require(try runs.service.snapshot(runID: started.runID))
          }
          if now.state == .interrupted || now.state == .failed {
            if left > 0, moments.next(below: 2) == 0,
              try askAndKill(moments.next(below: 150_000), .resume(started.runID))
            {
              killed[.server, default: 0] += 1
              left -= 1
            } else {
              try resume(started.runID)
            }
          } else if now.state.isFinal {
            break
          } else if left == 0 {
            _ = try runs.service.wait(runID: started.runID, until: .now + .seconds(1))
          }
        }
        let ended = try #require(try runs.service.snapshot(runID: started.runID))
        #expect(ended.state == .succeeded, "seed \(Self.seed), \(backend): \(ended.error ?? "")")
        #expect(try Bits(runs.store(of: ended)) == expected, "seed \(Self.seed), \(backend)")
        #expect(RunsFixture.survivors(of: ended.ranks.map(\.pid), within: 5) == [])
      }
    }
    let told = killed.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
    print("Kills, seed \(Self.seed): \(told)")
    #expect(killed.values.reduce(0, +) >= share * RunLifeTests.backends.count)
  }

  /// Resumes a run, unless the process to which a killed server had handed the same question came first.
  private func resume(_ id: String) throws {
    do {
      _ = try runs.service.resume(runID: id)
    } catch let error as RunError where error.message.contains("is computed already") {
    }
  }

  /// Kills a process, and returns whether there was one.
  private func disturb(_ run: RunSnapshot, _ victim: Victim) throws -> Bool {
    let now = try #require(try runs.service.snapshot(runID: run.runID))
    guard !now.state.isFinal else { return false }
    switch victim {
    case .supervisor:
      guard let supervisor = try runs.supervisor(of: now) else { return false }
      return kill(pid_t(supervisor.pid), SIGKILL) == 0
    case .someRank, .lastRank:
      let living = now.ranks.filter { $0.state == "starting" || $0.state == "running" }
      guard let rank = victim == .lastRank ? living.last : living.first else { return false }
      return kill(pid_t(rank.pid), SIGKILL) == 0
    case .server:
      return try askAndKill(60_000, .status(run.runID))
    }
  }

  /// What a server is asked before it is killed.
  private enum Question {
    case train(RunRequest)
    case resume(String)
    case status(String)

    var tool: String {
      switch self {
      case .train: "train"
      case .resume: "resume"
      case .status: "status"
      }
    }

    var arguments: [String: Any] {
      switch self {
      case .resume(let id): return ["run_id": id, "wait_seconds": 0]
      case .status(let id): return ["run_id": id, "wait_seconds": 20]
      case .train(let request):
        var arguments: [String: Any] = [
          "case_dir": request.caseDirectory, "backend": request.backend.rawValue, "wait_seconds": 0,
        ]
        arguments["num_workers"] = request.workers
        arguments["iterations"] = request.iterations
        arguments["forward_passes"] = request.forwardPasses
        arguments["simulate_scenarios"] = request.simulateScenarios
        arguments["run_name"] = request.runName
        return arguments
      }
    }
  }

  /// Starts a server, asks it for something and kills it after so many microseconds.
  ///
  /// Returns false if it had ended before.
  private func askAndKill(_ microseconds: Int, _ question: Question) throws -> Bool {
    let server = Process()
    server.executableURL = URL(fileURLWithPath: Installation.server)
    server.arguments = ["--runs-dir", runs.path, "--allow-dir", Installation.referenceCases ?? "/"]
    let input = Pipe()
    server.standardInput = input
    server.standardOutput = FileHandle.nullDevice
    server.standardError = FileHandle.nullDevice
    try server.run()
    let message: [String: Any] = [
      "jsonrpc": "2.0", "id": 1, "method": "tools/call",
      "params": ["name": question.tool, "arguments": question.arguments],
    ]
    try input.fileHandleForWriting.write(
      contentsOf: JSONSerialization.data(withJSONObject: message) + Data([UInt8(ascii: "\n")]))
    usleep(useconds_t(microseconds))
    let wasAlive = kill(server.processIdentifier, SIGKILL) == 0
    server.waitUntilExit()
    return wasAlive && server.terminationReason == .uncaughtSignal
  }

  /// A small generator (SplitMix64; Steele, Lea, Flood 2014), so that a seed names a test.
  private struct Moments {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return Int((z ^ (z >> 31)) % UInt64(limit))
    }
  }
}
