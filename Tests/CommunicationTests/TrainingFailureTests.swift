import CobreTestSupport
import Foundation
import Synchronization
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine

/// Where several units cannot be computed, which one is reported depends on the units alone.
@Suite(.serialized) struct TrainingFailureTests {
  /// A reservoir that must give 7 hm³ in its second stage, in vain where inflow is low.
  ///
  /// It has 10 hm³ in the beginning, holds 5 to 15, and inflow (0, 5 or 10 hm³) comes with a load of 7.5, 5 or 2.5 for
  /// which the water above 5 hm³ is used, spill and surplus being dear: 5, 10 or 15 hm³ are left after the first stage.
  /// So of the nine pairs of inflows (0, 0), (0, 5) and (5, 0) leave less than 7 hm³ above 5 in the second.
  private static func thirstyStudy() throws -> StudyCase {
    var text = KnownProblem.dearSpill(stages: 2, optimum: 0).text
    text.json(
      "constraints/generic_constraints.json",
      [
        "constraints": [
          [
            "id": 0, "name": "THIRST", "sense": ">=", "expression": "hydro_outflow(0)", "slack": ["enabled": false],
          ]
        ]
      ])
    text.csv("constraints/generic_constraint_bounds.csv", "constraint_id,stage_id,bound", ["0,1,7"])
    return try text.study()
  }

  /// What each rank of a group ends with.
  private static func errors(
    _ backend: Backend, size: Int, threads: Int, seed: Int64, trajectories: Int = 12
  ) throws -> [(any Error)?] {
    let study = try thirstyStudy()
    let group = try TestGroup(backend: backend, size: size)
    return ThreadGroup.run(
      size: size, make: { try group.communicator(rank: $0) },
      body: { communicator in
        var options = TrainingOptions(study: study)
        options.forwardPasses = trajectories
        options.threads = threads
        options.treeSeed = seed
        options.iterationLimit = 1
        _ = try Trainer(study: study, options: options, communicator: communicator).train { _ in true }
      })
  }

  @Test(arguments: [Int64(1), 2, 3, 4])
  func theLowestFailingTrajectoryIsReportedByAll(seed: Int64) throws {
    let alone = try #require(try Self.errors(.local, size: 1, threads: 1, seed: seed)[0] as? TrainingError)
    let first = try #require(alone.trajectory)
    #expect(alone.phase == .forward && alone.stage == 1 && alone.iteration == 1)
    #expect(alone.cause.code == .infeasible)
    #expect(alone.opening <= 1, "an inflow of 10 hm³ is enough")
    // Trajectories do not depend on how many there are: those before it go through.
    if first > 0 {
      let fewer = try Self.errors(.local, size: 1, threads: 1, seed: seed, trajectories: first)[0] as? TrainingError
      #expect(fewer?.phase != .forward)
    }
    for (backend, size, threads) in [
      (Backend.local, 1, 3), (.shm, 2, 1), (.tcp, 3, 1), (.shm, 4, 2), (.tcp, 5, 2), (.shm, 12, 1),
    ] {
      let errors = try Self.errors(backend, size: size, threads: threads, seed: seed)
      let owner = try #require(
        (0..<size).first { WorkPartition(units: 12, rank: $0, size: size).range.contains(first) })
      for rank in 0..<size {
        if rank == owner {
          #expect(errors[rank] as? TrainingError == alone, "\(backend), rank \(rank) of \(size), \(threads) threads")
        } else {
          let told = errors[rank] as? CommunicationError
          #expect(told?.code == .abortedByPeer && told?.peer == owner)
          #expect(told?.message == "Rank \(owner) failed: \(alone.description)")
        }
      }
    }
  }

  /// The rank with the lowest unit is slow.
  ///
  /// The failure in a later loop, on the lowest rank, does not count.
  @Test func theLowestUnitOfTheFirstLoopCounts() throws {
    struct Broken: Error, CustomStringConvertible { let description: String }
    let group = try TestGroup(backend: .shm, size: 4)
    let errors = ThreadGroup.run(
      size: 4, make: { try group.communicator(rank: $0) },
      body: { communicator in
        var failures = UnitFailures()
        switch communicator.rank {
        case 0: failures.note(order: 1, unit: 0, Broken(description: "later"))
        case 1:
          usleep(300_000)
          failures.note(unit: 1, Broken(description: "first"))
          failures.note(unit: 0, Broken(description: "not looked at any more"))
        case 3: failures.note(unit: 0, Broken(description: "higher"))
        default: break
        }
        // Two units per rank, three figures each.
        let counts = [6, 6, 6, 6]
        var all = [Double](repeating: 0, count: 24)
        let own = failures.marked([Double](repeating: .nan, count: 6), width: 3)
        try communicator.allgatherv(own, counts: counts, into: &all)
        try failures.settle(all, width: 3, counts: counts, on: communicator)
      })
    #expect((errors[1] as? Broken)?.description == "first")
    for rank in [0, 2, 3] {
      #expect((errors[rank] as? CommunicationError)?.message == "Rank 1 failed: first", "rank \(rank)")
    }
  }

  /// Figures that are no numbers are no marks.
  @Test func figuresWithoutFailuresPass() throws {
    var failures = UnitFailures()
    let figures = [Double.nan, -.nan, .infinity, .signalingNaN, 0, Double(bitPattern: ~0)]
    #expect(failures.marked(figures, width: 1).map(\.bitPattern) == figures.map(\.bitPattern))
    try failures.settle(figures, width: 1, counts: [6], on: LocalCommunicator())
    #expect(!failures.hasFailure)
  }
}
