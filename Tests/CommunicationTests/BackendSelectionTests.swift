import CobreEngine
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
      (["OMPI_COMM_WORLD_RANK": "0"], Backend.mpi),
      (["OMPI_COMM_WORLD_RANK": "17"], .mpi),
      (["PMI_RANK": "3"], .mpi),
      (["PMI_SIZE": "4"], .mpi),
      (["PMIX_RANK": "1"], .mpi),
      (["MPI_LOCALRANKID": "0"], .mpi),
      (["SLURM_PROCID": "0", "SLURM_NTASKS": "4"], .mpi),
      (["SLURM_PROCID": "3", "SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4"], .mpi),
      // A batch script of a job with four tasks is itself one task.
      (["SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "4"], .shm),
      (["SLURM_PROCID": "0", "SLURM_NTASKS": "1"], .shm),
      (["SLURM_PROCID": "0"], .shm),
      (["SLURM_NTASKS": "4"], .shm),
      // Left over, empty or absurd.
      ([:], .shm),
      (["OMPI_COMM_WORLD_RANK": ""], .shm),
      (["OMPI_COMM_WORLD_RANK": "-1"], .shm),
      (["PMI_RANK": "first"], .shm),
      (["PMI_SIZE": "99999999999999999999999"], .shm),
      (["PMIX_RANK": "1.5"], .shm),
      (["MPI_LOCALRANKID": " "], .shm),
      (["SLURM_PROCID": "x", "SLURM_NTASKS": "4"], .shm),
      (["COBRE_TCP_COORDINATOR": "node1"], .tcp),
      (["COBRE_TCP_COORDINATOR": ""], .shm),
      (["COBRE_TCP_COORDINATOR": "node1", "PMI_RANK": "0"], .mpi),
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
    let asked = select(builtIn: Self.withoutMPI, argument: .mpi)
    #expect(asked.choice == .mpi)
    #expect(asked.refusal?.contains("not built in") == true)
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
