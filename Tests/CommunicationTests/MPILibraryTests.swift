import Testing

@testable import CobreCommunication
@testable import CobreMPI

@Suite struct MPILibraryTests {
  private static let program = "/home/u/env/lib/python3.12/site-packages/cobre/native/cobre-worker"

  private func candidates(
    _ environment: [String: String] = [:], launchers: [String] = ["/usr/bin/mpiexec"], there: Set<String> = []
  ) -> [String] {
    MPILibrary.candidates(environment: environment, launchers: launchers, program: Self.program) { there.contains($0) }
  }

  @Test func theLoaderLooksWhereNoFileIsNear() {
    #expect(candidates() == ["libmpi.so.40", "libmpi.so.12", "libmpich.so.12"])
  }

  @Test func theLibraryInThePythonEnvironmentOfTheProgramComesFirst() {
    let near = "/home/u/env/lib/libmpi.so.12"
    #expect(candidates(there: [near]).first == near)
  }

  /// Each process of a launcher would be alone with the library of another one.
  @Test func theLauncherDecidesBetweenTwoKinds() {
    let both: Set<String> = ["/home/u/env/lib/libmpi.so.12", "/home/u/env/lib/libmpi.so.40"]
    let byMPICH = candidates(["PMI_RANK": "0", "OMPI_ALLOW_RUN_AS_ROOT": "1"], there: both)
    #expect(byMPICH.prefix(2) == ["/home/u/env/lib/libmpi.so.12", "libmpi.so.12"])
    let byOpenMPI = candidates(["OMPI_COMM_WORLD_RANK": "0", "PMI_RANK": "0"], there: both)
    #expect(byOpenMPI.prefix(2) == ["/home/u/env/lib/libmpi.so.40", "libmpi.so.40"])
  }

  @Test func aLauncherInAModuleBringsItsLibrary() {
    let library = "/opt/openmpi/lib64/libmpi.so.40"
    #expect(candidates(launchers: ["/opt/openmpi/bin/mpiexec"], there: [library]).first == library)
  }

  @Test(arguments: [
    ("/no/such/libmpi.so", "cannot open shared object file"), ("libc.so.6", "it has no function MPI_Abort"),
  ])
  func aNamedLibraryThatCannotBeUsedIsNotReplaced(path: String, reason: String) {
    let error = #expect(throws: CommunicationError.self) {
      try MPILibrary.load(environment: ["COBRE_MPI_LIBRARY": path])
    }
    #expect(error?.message.contains("COBRE_MPI_LIBRARY") == true)
    #expect(error?.message.contains(reason) == true)
  }
}
