import CobreCommunication
import Testing

@Suite struct BackendSelectionTests {
  static let all = Set(Backend.allCases)
  static let withoutMPI: Set<Backend> = [.local, .shm, .tcp]

  private func select(
    _ environment: [String: String] = [:], builtIn: Set<Backend> = all, argument: RequestedBackend = .auto,
    standing: RequestedBackend = .auto, workers: Int = 2, unusable: [Backend: String] = [:]
  ) -> BackendSelection {
    BackendSelection(
      BackendSelection.Inputs(
        builtIn: builtIn, environment: environment, argument: argument, standing: standing, workers: workers,
        probes: unusable.mapValues { BackendSelection.Probe(isUsable: false, reason: $0) }))
  }

  @Test(
    arguments: [
      (["OMPI_COMM_WORLD_RANK": "0"], true),
      (["OMPI_COMM_WORLD_RANK": "17"], true),
      (["PMI_RANK": "3"], true),
      (["PMI_SIZE": "4"], true),
      (["PMIX_RANK": "1"], true),
      (["MPI_LOCALRANKID": "0"], true),
      // MPICH's hydra, and Intel's, which also sets the local rank.
      (["PMI_RANK": "0", "PMI_SIZE": "2", "PMI_FD": "5"], true),
      (["PMI_RANK": "1", "PMI_SIZE": "2", "MPI_LOCALRANKID": "1", "MPI_LOCALNRANKS": "2"], true),
      (["PMIX_RANK": "0", "PMIX_NAMESPACE": "job"], true),
      // PMIx under Slurm, where the batch step's own numbers are there too.
      (["PMIX_RANK": "2", "SLURM_PROCID": "2", "SLURM_NTASKS": "4"], true),
      (["SLURM_PROCID": "0", "SLURM_NTASKS": "4"], true),
      (["SLURM_PROCID": "3", "SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4"], true),
      // A batch script of a job with four tasks is itself one task.
      (["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "4"], false),
      (["SLURM_PROCID": "0", "SLURM_NTASKS": "1"], false),
      (["SLURM_PROCID": "0"], false),
      (["SLURM_NTASKS": "4"], false),
      // Left over, empty or absurd.
      ([:], false),
      (["OMPI_COMM_WORLD_RANK": ""], false),
      (["OMPI_COMM_WORLD_RANK": "-1"], false),
      (["PMI_RANK": "first"], false),
      (["PMI_SIZE": "99999999999999999999999"], false),
      (["PMIX_RANK": "1.5"], false),
      (["MPI_LOCALRANKID": " "], false),
      (["PMI_RANK": " 3"], false),
      (["PMI_RANK": "0x1"], false),
      (["PMI_RANK": "9223372036854775808"], false),
      (["PMI_RANK": "1\n"], false),
      (["PMIX_RANK": "\u{0661}"], false),
      (["OMPI_COMM_WORLD_SIZE": "4"], true),
      (["SLURM_PROCID": "0", "SLURM_NTASKS": ""], false),
      (["SLURM_PROCID": "0", "SLURM_NTASKS": "-4"], false),
      (["SLURM_PROCID": "", "SLURM_NTASKS": "4"], false),
      // An absurd variable does not hide a good one.
      (["OMPI_COMM_WORLD_RANK": "x", "PMIX_RANK": "0"], true),
      (["SLURM_PROCID": "x", "SLURM_NTASKS": "4"], false),
    ] as [([String: String], Bool)])
  func launchersAreRecognised(environment: [String: String], isLauncher: Bool) {
    #expect((MPILauncher(environment) != nil) == isLauncher)
    // The program that starts ranks is none, whatever step it runs in.
    let selection = select(environment)
    #expect(selection.choice == .shm)
    #expect(selection.reason.contains("step that this program runs in") == isLauncher)
  }

  @Test(
    arguments: [
      ([:], Backend.shm),
      (["COBRE_TCP_COORDINATOR": "node1"], .tcp),
      (["COBRE_TCP_COORDINATOR": ""], .shm),
      (["COBRE_TCP_COORDINATOR": "node1", "PMI_RANK": "0"], .tcp),
      (["COBRE_COMM_BACKEND": "tcp"], .tcp),
      (["COBRE_COMM_BACKEND": "tcp", "PMI_RANK": "0"], .tcp),
      (["COBRE_COMM_BACKEND": "auto"], .shm),
      (["COBRE_COMM_BACKEND": ""], .shm),
      (["COBRE_COMM_BACKEND": "local"], .local),
    ] as [([String: String], Backend)])
  func automaticChoice(environment: [String: String], expected: Backend) {
    let selection = select(environment)
    #expect(selection.choice == expected)
    #expect(selection.refusal == nil)
    #expect(selection.entries.map(\.backend) == Backend.allCases)
    #expect(selection.entries.filter(\.isChosen).map(\.backend) == [expected])
    #expect(selection.entries.allSatisfy { $0.reason.count > 10 })
  }

  @Test(
    arguments: [
      (["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4"], "OMPI_COMM_WORLD_RANK", 4),
      (["PMI_RANK": "1", "PMI_SIZE": "8"], "PMI_RANK", 8),
      (["PMIX_RANK": "1"], "PMIX_RANK", nil),
      (["PMIX_RANK": "1", "SLURM_NTASKS": "6"], "PMIX_RANK", 6),
      (["OMPI_COMM_WORLD_SIZE": "2"], "OMPI_COMM_WORLD_SIZE", 2),
      (["SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "3", "SLURM_NTASKS": "6"], "SLURM_PROCID", 3),
      (["PMI_RANK": "1", "PMI_SIZE": "many"], "PMI_RANK", nil),
    ] as [([String: String], String, Int?)])
  func launcherAndItsSize(environment: [String: String], variable: String, size: Int?) throws {
    let launcher = try #require(MPILauncher(environment))
    #expect(launcher.variable == variable)
    #expect(launcher.size == size)
  }

  @Test func argumentThenDefaultThenEnvironment() {
    let environment = ["COBRE_COMM_BACKEND": "mpi"]
    #expect(select(environment, argument: .tcp, standing: .shm).choice == .tcp)
    #expect(select(environment, standing: .shm).choice == .shm)
    #expect(select(environment).choice == .mpi)
    #expect(select(["PMI_RANK": "0"], standing: .shm).choice == .shm)
  }

  @Test(arguments: RequestedBackend.allCases) func oneWorkerIsLocal(request: RequestedBackend) {
    let selection = select(argument: request, workers: 1)
    #expect(selection.choice == .local)
    #expect(selection.reason.contains("one worker") || request == .local)
    if request != .auto { #expect(selection.reason.contains("asked")) }
  }

  @Test func localIgnoresWorkers() {
    let selection = select(argument: .local, workers: 8)
    #expect(selection.choice == .local)
    #expect(selection.reason.contains("whatever number of workers"))
  }

  @Test func fullSharedMemoryFallsBackToSockets() {
    let selection = select(unusable: [.shm: "/dev/shm is full."])
    #expect(selection.choice == .tcp)
    #expect(selection.reason.contains("/dev/shm is full."))
    #expect(selection.refusal == nil)
    #expect(selection.entries[1].isUsable == false)
  }

  @Test func whatWasAskedForIsNotReplaced() {
    let selection = select(argument: .shm, unusable: [.shm: "/dev/shm is full."])
    #expect(selection.choice == .shm)
    #expect(selection.refusal == "/dev/shm is full.")
  }

  @Test func missingMPI() {
    let asked = select(builtIn: Self.withoutMPI, argument: .mpi, unusable: [.mpi: "There is no libmpi."])
    #expect(asked.choice == .mpi)
    #expect(asked.refusal == "There is no libmpi.")
    let launched = select(["PMI_RANK": "0"], builtIn: Self.withoutMPI)
    #expect(launched.choice == .shm)
    #expect(launched.reason.contains("PMI_RANK"))
    #expect(launched.entries[3].isBuiltIn == false)
  }

  @Test func nonsenseInTheEnvironmentIsRefusedUnlessOverridden() {
    let environment = ["COBRE_COMM_BACKEND": "carrier pigeon"]
    #expect(select(environment).refusal?.contains("carrier pigeon") == true)
    #expect(select(environment, argument: .tcp).refusal == nil)
    #expect(select(environment, standing: .tcp).refusal == nil)
  }
}
