import Foundation
import Testing

@testable import CobreEngine

/// Kills whatever computes, at moments that nobody chose, until the run has ended all the same.
///
/// `COBRE_CHAOS_KILLS` sets how many kills (default 9, shared out over the backends); `COBRE_CHAOS_SEED` the moments.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct ChaosTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  private static let environment = ProcessInfo.processInfo.environment
  private static let kills = environment["COBRE_CHAOS_KILLS"].flatMap { Int($0) } ?? 9
  private static let seed = environment["COBRE_CHAOS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...9999)

  private static func request(_ backend: RequestedBackend, _ workers: Int) -> RunRequest {
    RunRequest(
      caseDirectory: Installation.referenceCase("d03-two-hydro-cascade"), backend: backend, workers: workers,
      iterations: 40, forwardPasses: 3, simulateScenarios: 5, restarts: 2)
  }

  @Test(.timeLimit(.minutes(10)))
  func `whatever is killed whenever, the bits at the end are the same`() throws {
    var moments = Moments(state: Self.seed)
    let reference = try runs.finish(Self.request(.local, 1))
    try #require(reference.state == .succeeded, "\(reference.error ?? "")")
    let expected = try Bits(runs.store(of: reference))
    let share = max(1, Self.kills / RunLifeTests.backends.count)
    for (backend, workers) in RunLifeTests.backends {
      var left = share
      while left > 0 {
        let started = try runs.service.start(Self.request(backend, workers)).snapshot
        var rounds = 0
        while true {
          rounds += 1
          try #require(rounds < 200, "seed \(Self.seed)")
          if left > 0, try disturb(started, after: moments.next(below: 900_000), choice: moments.next(below: 3)) {
            left -= 1
          }
          let now = try #require(try runs.service.snapshot(runID: started.runID))
          if now.state == .interrupted || now.state == .failed {
            _ = try runs.service.resume(runID: started.runID)
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
  }

  /// Waits that many microseconds, then kills a rank or the supervisor; returns whether there was anybody to kill.
  private func disturb(_ run: RunSnapshot, after microseconds: Int, choice: Int) throws -> Bool {
    usleep(useconds_t(microseconds))
    let now = try #require(try runs.service.snapshot(runID: run.runID))
    guard !now.state.isFinal else { return false }
    if choice == 0 {
      guard let supervisor = try runs.supervisor(of: now) else { return false }
      return kill(pid_t(supervisor.pid), SIGKILL) == 0
    }
    let living = now.ranks.filter { $0.state == "starting" || $0.state == "running" }
    guard let victim = living.isEmpty ? nil : living[choice % living.count] else { return false }
    return kill(pid_t(victim.pid), SIGKILL) == 0
  }

  /// A small generator (SplitMix64; Steele, Lea, Flood 2014), so that a seed names a test.
  private struct Moments {
    var state: UInt64

    mutating func next(below limit: UInt64) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return Int((z ^ (z >> 31)) % limit)
    }
  }
}
