import CobreCommunication
import Foundation
import Testing

/// The checks with a process per rank, as runs use the backends.
@Suite(.serialized) struct WorkerConformanceTests {
  @Test(arguments: [Backend.shm, .tcp], ConformanceSize.groups)
  func processes(backend: Backend, size: Int) throws {
    let group = try WorkerGroup(backend, size: size, arguments: ConformanceSize.arguments)
    for ended in try group.end(within: ConformanceSize.timeout) { #expect(ended.code == 0, "\(ended.output)") }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "/dev/shm").allSatisfy { "/" + $0 != group.segmentName })
  }

  @Test(.enabled(if: WorkerGroup.mpiexec != nil, "mpiexec is not installed"), arguments: [1, 2, 3, 4, 7])
  func mpi(size: Int) throws {
    let group = try WorkerGroup(mpi: size, arguments: ConformanceSize.arguments)
    let ended = try group.end(within: ConformanceSize.timeout + 30)
    #expect(ended[0].code == 0, "\(ended[0].output)")
    #expect(ended[0].output.components(separatedBy: "over mpi: ok").count == size + 1, "\(ended[0].output)")
  }

  /// Counts beyond what one call of the library takes, with that limit at 1009 bytes instead of 1 GiB.
  @Test(.enabled(if: WorkerGroup.mpiexec != nil, "mpiexec is not installed"), arguments: [2, 3])
  func mpiInManyCalls(size: Int) throws {
    let group = try WorkerGroup(
      mpi: size,
      arguments: ["--large-bytes", "200000", "--mixed-calls", "200", "--check", "unequalCounts"]
        + ["--check", "broadcasts", "--check", "mixedCollectives", "--check", "largeContributions"],
      adding: [CommunicationVariable.mostBytesPerCall: "1009"])
    let ended = try group.end(within: 60)
    #expect(ended[0].code == 0, "\(ended[0].output)")
    #expect(ended[0].output.components(separatedBy: "over mpi: ok").count == size + 1, "\(ended[0].output)")
  }

  @Test(
    .enabled(if: WorkerGroup.mpiexec != nil, "mpiexec is not installed"),
    arguments: ConformanceCheck.allCases.filter(\.breaksGroup))
  func mpiMisuse(check: ConformanceCheck) throws {
    let group = try WorkerGroup(mpi: 3, arguments: ["--check", check.rawValue])
    let ended = try group.end(within: 60)
    #expect(ended[0].code == 0, "\(ended[0].output)")
    #expect(ended[0].output.components(separatedBy: "over mpi: ok").count == 4, "\(ended[0].output)")
  }
}
