import CobreEngine
import Testing

/// Every check of the contract, over every backend that threads of one process can drive.
@Suite(.serialized) struct ConformanceTests {
  @Test(arguments: ConformanceCheck.allCases)
  func local(check: ConformanceCheck) throws {
    try ThreadGroup.check(check, backend: .local, size: 1)
  }

  @Test(arguments: ConformanceCheck.allCases, [1, 2, 3, 4, 7])
  func sharedMemory(check: ConformanceCheck, size: Int) throws {
    try ThreadGroup.check(check, backend: .shm, size: size)
  }

  @Test(arguments: ConformanceCheck.allCases, [1, 2, 3, 4, 7])
  func sockets(check: ConformanceCheck, size: Int) throws {
    try ThreadGroup.check(check, backend: .tcp, size: size)
  }
}
