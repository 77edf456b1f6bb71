package import CobreEngine

/// `train`: starts a run and waits a bounded time for it.
package struct TrainTool: Tool {
  let runs: RunService
  let paths: PathPolicy
  let maximumWait: Double

  package let name = "train"
  package let title = "Train a policy"

  package var description: String {
    """
    Train a dispatch policy for a case by SDDP, in processes of its own, and return its run_id and bounds. Waits at most \
    wait_seconds for the end; a longer run goes on in the background and is read with status. Ending or timing out this \
    call does not stop the run: use cancel. A case with errors starts nothing and the errors are returned. Uses num_workers x \
    threads_per_worker CPU cores; runs are kept in the runs directory. Give a run_name where you may have to repeat the call: \
    the same name with the same request returns the same run. Call status next.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)

  package var parameters: [Parameter] { Self.request + [StartedRun.name, StartedRun.wait(maximum: maximumWait)] }

  /// The arguments that say what to compute.
  package static var request: [Parameter] {
    [
      Parameter(
        "case_dir", .text(maximumLength: 4096), required: true,
        "Directory of the case (the one that holds config.json), absolute or relative to the server's working directory, "
          + "e.g. \"examples/four-areas\"."),
      Parameter(
        "backend", .choice(RequestedBackend.allCases.map(\.rawValue)), default: "auto",
        "How the processes communicate. auto: the default set by select_backend, else the best here. local: one process. "
          + "shm: several on one host. tcp: any hosts. mpi: under an MPI launcher."),
      Parameter(
        "num_workers", .integer(1...1024),
        "Processes that share the work. Default: the physical cores over threads_per_worker, at most forward_passes. The "
          + "result does not depend on it."),
      Parameter(
        "threads_per_worker", .integer(1...1024), default: 1,
        "Threads of each process that share its work and its cuts; a thread takes less memory than a process. The result does not depend on "
          + "it. Leave num_workers x threads_per_worker within the cores."),
      Parameter(
        "hosts", .hosts(maximumCount: HostList.limit),
        "Hosts on which to start the processes, each at least one, e.g. [\"node1\", \"node2\"]; needs backend mpi, a "
          + "launcher that reaches them without a password, and the programs and the runs directory under the same paths on "
          + "all of them. Default: this host."),
      Parameter("iterations", .integer(1...1_000_000), "Iterations at most. Default: what the case says."),
      Parameter(
        "forward_passes", .integer(1...100_000), "Trajectories per iteration. Default: what the case says."),
      Parameter(
        "seed", .integer(-9_007_199_254_740_991...9_007_199_254_740_991),
        "Seed of the scenario tree and of the sampling. Default: what the case says."),
      Parameter(
        "time_limit_seconds", .number(0.001...31_536_000),
        "Training stops at the end of the iteration in which this time has passed, in seconds. Default: none."),
      Parameter(
        "simulate_scenarios", .integer(0...1_000_000),
        "Scenarios of the simulation after training; 0 for none. Default: what the case says."),
      Parameter(
        "target_gap", .number(0.000_000_001...0.999),
        "Training stops after an iteration whose gap, to the deterministic upper bound where the case has it switched on, is "
          + "within this, relative, e.g. 0.01. Default: none."),
      Parameter(
        "statistical_gap", .number(0.000_000_001...0.999),
        "Every 10 iterations 100 fresh trajectories are simulated; training stops when the upper end of the 95 % interval of "
          + "their mean cost is within this of the lower bound, relative. Not under risk aversion. Default: none."),
      Parameter(
        "solver", .choice(RequestedSolver.allCases.map(\.rawValue)), default: "auto",
        "Who solves the stage problems. auto: the faster one for the size of the case. highs is there only in builds with "
          + "it. Both reach the same bounds, over different cuts."),
    ]
  }

  package var outputSchema: JSONObject { StartedRun.schema(required: ["backend", "num_workers", "iteration"]) }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let directory = try paths.directory(arguments.text("case_dir") ?? "", argument: "case_dir")
    let started = try runs.start(Self.request(directory, arguments))
    return try StartedRun.answer(
      started.snapshot, created: started.created, arguments, maximumWait: maximumWait, context, runs)
  }

  /// The request that arguments stand for, on a case that was found.
  package static func request(_ directory: String, _ arguments: Arguments) -> RunRequest {
    let hosts = arguments.names("hosts")
    return RunRequest(
      caseDirectory: directory,
      backend: arguments.text("backend").flatMap { RequestedBackend(rawValue: $0) } ?? .auto,
      workers: arguments.integer("num_workers"),
      iterations: arguments.integer("iterations"),
      forwardPasses: arguments.integer("forward_passes"),
      seed: arguments.integer("seed").map { Int64($0) },
      timeLimitSeconds: arguments.number("time_limit_seconds"),
      simulateScenarios: arguments.integer("simulate_scenarios"),
      runName: arguments.text("run_name"), targetGap: arguments.number("target_gap"),
      threadsPerWorker: arguments.integer("threads_per_worker"), hosts: hosts.isEmpty ? nil : hosts,
      solver: arguments.text("solver").flatMap { RequestedSolver(rawValue: $0) },
      statisticalGap: arguments.number("statistical_gap"))
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
