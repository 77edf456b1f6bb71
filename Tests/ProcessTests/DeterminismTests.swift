import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// The same case, seed and options give the same bits, however the work is shared out.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct DeterminismTests {
  @Test(.timeLimit(.minutes(5)))
  func `bounds, cuts and simulation have the same bytes on every backend and number of workers and threads`() throws {
    let runs = try RunsFixture()
    var variants: [(RequestedBackend, Int, Int)] = [
      (.local, 1, 1), (.local, 1, 2), (.shm, 2, 1), (.shm, 3, 1), (.tcp, 2, 2),
    ]
    if Installation.hasMPI { variants += [(.mpi, 2, 1), (.mpi, 2, 2)] }
    var reference: Bits?
    for (backend, workers, threads) in variants {
      let run = try runs.finish(
        RunRequest(
          caseDirectory: Installation.referenceCase("4ree"), backend: backend, workers: workers, iterations: 10,
          simulateScenarios: 8, threadsPerWorker: threads), within: 120)
      try #require(run.state == .succeeded, "\(backend) × \(workers) × \(threads): \(run.error ?? run.state.rawValue)")
      #expect(run.backend == backend.rawValue && run.workers == workers && run.threadsPerWorker == threads)
      #expect(run.ranks.map(\.threads) == .init(repeating: threads, count: workers))
      let bits = try Bits(runs.store(of: run))
      #expect(bits.bounds.count == 20)
      // 12 stages of which 11 have a successor, 4 cuts per iteration.
      let numbers = bits.cuts.map(\.count).reduce(0, +)
      #expect(numbers == 11 * 10 * 4 * 5)
      if let reference {
        #expect(bits == reference, "\(backend) × \(workers) × \(threads) differs from local × 1 × 1")
      } else {
        reference = bits
      }
    }
  }
}
