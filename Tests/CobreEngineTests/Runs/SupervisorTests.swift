import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct SupervisorTests {
  @Test func `the launcher's word on a death is understood`() throws {
    let line = "mpiexec noticed that process rank 12 with PID 0 on node vm exited on signal 11 (Segmentation fault)."
    let death = try #require(Supervisor.death(in: line))
    #expect(death.rank == 12)
    #expect(death.signal == 11)
  }

  @Test(arguments: [
    "", "process rank", "process rank x exited on signal 9", "process rank 1 exited on signal",
    "process rank 1 exited on signal 99999999999999999999", "process rank 1 exited on signal 0",
  ])
  func `lines that only look like it are left alone`(line: String) {
    #expect(Supervisor.death(in: line) == nil)
  }
}
