import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// The backends tried for real.
@Suite struct BackendProberTests {
  private func select(_ prober: BackendProber, environment: [String: String] = [:]) -> BackendSelection {
    prober.select(argument: .auto, standing: .auto, environment: environment, workers: 2, thorough: true)
  }

  @Test func everyBackendIsTriedAndTheResultIsKept() {
    let prober = BackendProber(worker: Installation.worker)
    let first = select(prober)
    #expect(first.choice == .shm)
    #expect(first.entries.map(\.backend) == Backend.allCases)
    for entry in first.entries where entry.backend != .mpi { #expect(entry.isUsable, "\(entry.reason)") }
    #expect(first.entries[3].isUsable == Installation.hasMPI, "\(first.entries[3].reason)")
    #expect(first.entries.allSatisfy { ($0.probeSeconds ?? -1) >= 0 })
    // What was measured is not measured again within the minute: the same numbers to the last bit.
    #expect(select(prober) == first)
  }

  @Test func aWorkerThatDoesNotStartIsNamed() {
    let selection = select(BackendProber(worker: "/no/such/cobre-worker"))
    #expect(selection.entries.allSatisfy { !$0.isUsable })
    #expect(selection.refusal?.contains("/no/such/cobre-worker does not start") == true, "\(selection.refusal ?? "")")
    // Exits with 1 and says nothing.
    let other = select(BackendProber(worker: "/bin/false"))
    #expect(other.refusal?.contains("ended with exit code 1") == true, "\(other.refusal ?? "")")
  }
}
