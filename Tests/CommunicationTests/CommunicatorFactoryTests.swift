import CobreEngine
import Testing

@Suite struct CommunicatorFactoryTests {
  /// Started by the launcher of another MPI library, every process is alone for its own library.
  @Test(arguments: [
    ["PMI_RANK": "0", "PMI_SIZE": "3"], ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"],
    // A size without a rank announces other processes all the same.
    ["OMPI_COMM_WORLD_SIZE": "2"], ["PMI_SIZE": "2"],
  ])
  func anotherLibrarysLauncherIsRefused(environment: [String: String]) {
    let error = #expect(throws: CommunicationError.self) {
      _ = try CommunicatorFactory.make(environment: environment) { _ in LocalCommunicator() }
    }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("COBRE_MPIEXEC") == true)
  }

  @Test(arguments: [
    ["PMI_RANK": "0", "PMI_SIZE": "1"], ["PMIX_RANK": "0"], ["COBRE_COMM_BACKEND": "mpi"],
    ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1", "SLURM_NTASKS": "4"],
  ])
  func oneProcessMayBeAlone(environment: [String: String]) throws {
    let group = try CommunicatorFactory.make(environment: environment) { _ in LocalCommunicator() }
    #expect(group.size == 1)
  }
}
