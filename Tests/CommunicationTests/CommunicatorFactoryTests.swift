import CobreCommunication
import Testing

@Suite struct CommunicatorFactoryTests {
  /// An MPI library that sees this process alone.
  private static let alone = MPISupport(load: {}, join: { _ in LocalCommunicator() })
  /// A program on a machine without an MPI library.
  private static let missing = MPISupport(
    load: { () throws(CommunicationError) in throw CommunicationError(.configuration, .connect, "There is no libmpi.")
    },
    join: { _ in LocalCommunicator() })

  /// Started by the launcher of another MPI library, every process is alone for its own library.
  @Test(arguments: [
    ["PMI_RANK": "0", "PMI_SIZE": "3"], ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"],
    // A size without a rank announces other processes all the same.
    ["OMPI_COMM_WORLD_SIZE": "2"], ["PMI_SIZE": "2"],
  ])
  func anotherLibrarysLauncherIsRefused(environment: [String: String]) {
    let error = #expect(throws: CommunicationError.self) {
      _ = try CommunicatorFactory.make(environment: environment, mpi: Self.alone)
    }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("COBRE_MPIEXEC") == true)
  }

  /// Ranks that were started by hand and told of each other, but not where to meet.
  @Test(arguments: [
    (["COBRE_TCP_SIZE": "2", "COBRE_TCP_RANK": "1"], "COBRE_TCP_COORDINATOR"),
    (["COBRE_TCP_SIZE": "2"], "COBRE_TCP_COORDINATOR"),
    (["COBRE_SHM_SIZE": "3", "COBRE_SHM_RANK": "0"], "COBRE_SHM_NAME"),
  ])
  func ranksWithoutAMeetingPlaceAreRefused(environment: [String: String], missing: String) throws {
    let error = #expect(throws: CommunicationError.self) {
      _ = try CommunicatorFactory.make(environment: environment, mpi: Self.alone)
    }
    #expect(error?.code == .configuration && error?.message.contains(missing) == true)
    let told = environment.merging(["COBRE_COMM_BACKEND": "local"]) { $1 }
    #expect(try CommunicatorFactory.make(environment: told, mpi: Self.alone).size == 1)
  }

  @Test(arguments: [
    ["PMI_RANK": "0", "PMI_SIZE": "1"], ["COBRE_TCP_SIZE": "1"], ["PMIX_RANK": "0"], ["COBRE_COMM_BACKEND": "mpi"],
    ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1", "SLURM_NTASKS": "4"],
  ])
  func oneProcessMayBeAlone(environment: [String: String]) throws {
    let group = try CommunicatorFactory.make(environment: environment, mpi: Self.alone)
    #expect(group.size == 1)
  }

  @Test func withoutALibraryALauncherCannotBeJoined() throws {
    let started = ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"]
    let error = #expect(throws: CommunicationError.self) {
      _ = try CommunicatorFactory.backend(of: EnvironmentReader(started), mpi: Self.missing)
    }
    #expect(error?.message.contains("There is no libmpi.") == true)
    #expect(error?.message.contains("started 2 processes") == true)
    let meeting = started.merging(["COBRE_TCP_COORDINATOR": "h"]) { $1 }
    #expect(try CommunicatorFactory.backend(of: EnvironmentReader(meeting), mpi: Self.missing) == .tcp)
    #expect(try CommunicatorFactory.backend(of: EnvironmentReader(started), mpi: Self.alone) == .mpi)
    let asked = #expect(throws: CommunicationError.self) {
      _ = try CommunicatorFactory.make(environment: ["COBRE_COMM_BACKEND": "mpi"], mpi: Self.missing)
    }
    #expect(asked?.message == "There is no libmpi.")
  }
}
