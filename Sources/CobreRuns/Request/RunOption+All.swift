internal import CobreBase
internal import CobreCase
internal import CobreCommunication
internal import CobreEngine

/// Every option of a run, in the order in which tools and comparisons list them.
extension RunOption {
  package static let backend = RunOption(
    "backend", .choice(RequestedBackend.allCases.map(\.rawValue)), default: "auto",
    flagHelp: "How the processes communicate.",
    "How the processes communicate. auto: the default set by select_backend, else the best here. local: one process. "
      + "shm: several on one host. tcp: any hosts. mpi: under an MPI launcher.",
    used: { .string($0.backend) }, get: { .string($0.backend.rawValue) },
    set: { $0.backend = $1.string.flatMap { RequestedBackend(rawValue: $0) } ?? .auto })

  package static let workers = ofInteger(
    "num_workers", 1...1024, \.workers, flag: "workers",
    flagHelp: "Rank processes; by default cores over threads.",
    "Processes that share the work. Default: the physical cores over threads_per_worker, at most forward_passes. The "
      + "result does not depend on it.",
    used: { .int(Int64($0.workers)) })

  package static let threadsPerWorker = ofInteger(
    "threads_per_worker", 1...1024, \.threadsPerWorker, default: 1,
    flagHelp: "Threads of each rank; else COBRE_THREADS_PER_WORKER, or 1.",
    "Threads of each process that share its work and its cuts; a thread takes less memory than a process. The result does not depend on "
      + "it. Leave num_workers x threads_per_worker within the cores.",
    used: { .int(Int64($0.settings.threads)) })

  package static let hosts = RunOption(
    "hosts", .hosts(maximumCount: HostList.limit),
    flagHelp: "Hosts for the rank processes; needs the backend mpi.",
    "Hosts on which to start the processes, each at least one, e.g. [\"node1\", \"node2\"]; needs backend mpi, a "
      + "launcher that reaches them without a password, and the programs and the runs directory under the same paths on "
      + "all of them. Default: this host.",
    get: { $0.hosts.map { .array($0.map { .string($0) }) } },
    set: { request, value in
      let names = value.array?.compactMap(\.string) ?? []
      request.hosts = names.isEmpty ? nil : names
    })

  package static let iterations = ofInteger(
    "iterations", 1...1_000_000, \.iterations, flagHelp: "Iteration limit, in place of config.json's.",
    "Iterations at most. Default: what the case says.", used: { .int(Int64($0.settings.iterations)) })

  package static let continueFrom = RunOption(
    "continue_from", .run, flag: "from",
    flagHelp: "Run to go on from; iterations counts its own too.",
    "Go on from this run, which has ended, in a run of its own: with more iterations (`iterations` counts "
      + "those done too), other stopping rules, solver or number of trajectories. What is left out of forward_passes, seed and "
      + "solver is as it was there. The case must be the same, or differ in stopping rules and simulation alone.",
    used: { ($0.settings.continuation?.run).map { .string($0) } ?? .null },
    get: { $0.continuedRun.map { .string($0) } }, set: { $0.continuedRun = $1.string })

  package static let forwardPasses = ofInteger(
    "forward_passes", 1...100_000, \.forwardPasses,
    flagHelp: "Trajectories per iteration.",
    "Trajectories per iteration. Default: what the case says.", used: { .int(Int64($0.settings.forwardPasses)) })

  package static let passesTogether = RunOption(
    "passes_together", .integer(0...100_000),
    flagHelp: "Trajectories with the same cuts; 0: few at first.",
    "Trajectories that walk with the same cuts, the next ones with theirs too. 0: few at first with over 64 state components. "
      + "Default: what the case says, else 0; all in Novomodelo's format.",
    effect: .training { $0.passesTogether = $1.int.flatMap { $0 > 0 ? $0 : nil } })

  package static let trialRegion = RunOption(
    "trial_region", .number(0...1),
    flagHelp: "Share of ranges that passes keep to at first; 1: all.",
    "Share of reservoirs' ranges that forward passes stay in until the bound stalls; 1: all. Default: what the case says, else 0: "
      + "0.1 from 8 reservoirs and stages on.",
    effect: .training { options, share in options.trialRegion = share.number.flatMap { $0 > 0 ? $0 : nil } })

  package static let seed = ofSeed(
    "seed", \.seed, flagHelp: "Seed of opening tree and samples.",
    "Seed of the scenario tree and of the sampling. Default: what the case says.",
    used: { $0.settings.seed.map { .string(String($0)) } ?? "as in the case" })

  package static let timeLimit = ofNumber(
    "time_limit_seconds", 0.001...31_536_000, \.timeLimitSeconds, flag: "time-limit",
    flagHelp: "Seconds to train, to the end of an iteration.",
    "Training stops at the end of the iteration in which this time has passed, in seconds. Default: none.",
    used: { $0.settings.timeLimitSeconds.map { .double($0) } ?? .null })

  package static let simulateScenarios = ofInteger(
    "simulate_scenarios", 0...1_000_000, \.simulateScenarios, flag: "simulate",
    flagHelp: "Scenarios to simulate after training; 0 for none.",
    "Scenarios of the simulation after training; 0 for none. Default: what the case says.",
    used: { .int(Int64($0.settings.simulateScenarios)) })

  package static let targetGap = ofNumber(
    "target_gap", 0.000_000_001...0.999, \.targetGap,
    flagHelp: "Relative gap at which training stops, such as 0.01.",
    "Training stops after an iteration whose gap, to the deterministic upper bound where the case has it switched on, is "
      + "within this, relative, e.g. 0.01. Default: none.",
    used: { $0.settings.targetGap.map { .double($0) } ?? .null })

  package static let statisticalGap = ofNumber(
    "statistical_gap", 0.000_000_001...0.999, \.statisticalGap,
    flagHelp: "Gap to a fresh simulation at which training stops.",
    "Every 10 iterations fresh trajectories are simulated, 100 or as many as it takes up to 2,000; training stops when the upper end of the 95 % interval of "
      + "their mean cost is within this of the lower bound, relative. Not under risk aversion. Default: none.",
    used: { $0.settings.statisticalGap.map { .double($0) } ?? .null })

  package static let solver = ofChoice(
    "solver", \.solver, default: .auto, flagHelp: "Who solves the stage LPs.",
    "Who solves the stage LPs. auto: simplex, the engine's own, with clp where that fails; clp alone on "
      + "processors without AVX2. highs is there only in builds with it. All reach the same bounds, over different cuts.",
    used: { .string(($0.settings.solver ?? .clp).rawValue) })

  package static let simulationDetail = ofChoice(
    "simulation_detail", \.simulationDetail, default: .statistics, flag: "keep",
    flagHelp: "What to keep besides statistics: nothing more, every stage or every block.",
    "What is kept besides statistics by element and stage: every scenario and stage, or every block too, which can be "
      + "large.",
    used: { .string(($0.settings.simulationDetail ?? .statistics).rawValue) })

  package static let scenarioScheme = ofChoice(
    "scheme", \.scenarioScheme, default: nil, flagHelp: "Origin of the noise of the scenarios.",
    "Origin of the noise. in_sample: openings of the tree. out_of_sample: fresh noise of the same model. historical: "
      + "past years. external: tables of scenarios of the case. Default: what the case says.",
    used: { ($0.settings.policy?.scheme).map { .string($0.rawValue) } ?? .null })

  package static let scenarioSeed = ofSeed(
    "scenario_seed", \.scenarioSeed, flagHelp: "Seed of the scenarios.",
    "Seed of the scenarios; the opening tree stays as it was. Default: that of the case.",
    used: { ($0.settings.policy?.seed).map { .string(String($0)) } ?? .null })

  package static let restarts = ofInteger(
    "restarts", 0...100, \.restarts,
    flagHelp: "How often ranks that died are started again before the run counts as failed; 2 where none is given.",
    "How often the processes are started again after one has died. Default: twice.")

  package static let caseEdits = RunOption(
    "case_edits", .edits, flag: "edits",
    flagHelp: "Edits of the case for this run alone: a JSON list.",
    "Changes of the case for this run alone, as edit_case takes them, e.g. risk, discount, cut selection, scenarios: "
      + "[{\"file\": \"stages.json\", \"at\": \"stages[*]\", \"merge\": {\"risk_measure\": {\"cvar\": {\"alpha\": 0.1, "
      + "\"lambda\": 0.5}}}}]. No file changes. Default: none; those of the run with continue_from without case_dir.",
    used: { $0.caseEdits.flatMap { try? JSONParser.parse(Array($0.utf8)) } ?? .null },
    get: { $0.caseEdits.flatMap { try? JSONParser.parse(Array($0.utf8)) } },
    set: { $0.caseEdits = $1.array == nil ? nil : $1.text() })

  package static let riskMeasure = RunOption(
    "risk_measure", .risk,
    flagHelp: "Risk measure of all stages, such as worst_case or cvar:0.1:0.5.",
    "Risk measure of all stages for this run alone, in one word: expectation, worst_case, cvar:ALPHA:LAMBDA, entropic:GAMMA, "
      + "wasserstein:RADIUS or modified_chi_squared:RADIUS, e.g. cvar:0.1:0.5. Combinations go by case_edits. Default: what the "
      + "case says.",
    effect: .edits { value in
      // A patch alone would leave the former measure's key in its object.
      [JSONValue.null, value.string.flatMap { RiskWord.measure($0) }].compactMap { $0 }.map {
        ["file": "stages.json", "at": "stages[*]", "merge": ["risk_measure": $0]]
      }
    })

  package static let discountRate = RunOption(
    "discount_rate", .number(0...10),
    flagHelp: "Discount rate per year, such as 0.08.",
    "Discount rate per year for this run alone, e.g. 0.08, in place of annual_discount_rate of stages.json; rates of "
      + "single transitions and stages stay. Default: what the case says.",
    effect: .edits { [["file": "stages.json", "merge": ["policy_graph": ["annual_discount_rate": $0]]]] })

  package static let stages = RunOption(
    "stages", .integer(1...100_000),
    flagHelp: "Only the first so many stages of the study.",
    "Only the first so many stages of the study, for this run alone; water left over after them is worth nothing. Default: all.",
    effect: .edits { [["file": "stages.json", "keep_stages": $0]] })

  package static let budgetSeconds = ofNumber(
    "budget_seconds", 1...31_536_000, \.budgetSeconds,
    flagHelp: "Seconds to fit training into.",
    "Seconds that training may take. A sample of about 4 s decides on processes, forward passes and cuts so that it fits; training "
      + "stops in time, and warnings say what was traded. What you name yourself stays. Default: none.",
    used: { $0.request.budgetSeconds.map { .double($0) } ?? .null })

  package static let budgetMemory = ofNumber(
    "budget_memory_mb", 16...16_777_216, \.budgetMemoryMB, flag: "budget-memory",
    flagHelp: "Megabytes to fit all processes into.",
    "Megabytes that all processes may take together; the same sample decides on threads, cuts and iterations. Default: none.",
    used: { $0.request.budgetMemoryMB.map { .double($0) } ?? .null })

  package static let runName = RunOption(
    "run_name", .name,
    flagHelp: "Makes this repeatable: same name and request, same run.",
    "Name that makes the call repeatable: the same name and request return the same run; another request is refused.",
    get: { $0.runName.map { .string($0) } }, set: { $0.runName = $1.string })

  /// The options on how a policy is trained, in the order of the tool `train`.
  package static let training: [RunOption] = [
    backend, workers, threadsPerWorker, hosts, continueFrom, iterations, forwardPasses, passesTogether, trialRegion,
    seed, timeLimit, simulateScenarios, targetGap, statisticalGap, solver, riskMeasure, discountRate, stages, caseEdits,
    budgetSeconds, budgetMemory,
  ]

  /// The options on the scenarios that a policy is simulated on, as the tool `simulate` names them.
  package static let scenarios: [RunOption] = [
    scenarioScheme, scenarioSeed.named("seed", help: scenarioSeed.help),
    simulationDetail.named("detail", help: simulationDetail.help),
  ]

  /// The options on the processes that simulate, as the tool `simulate` describes them.
  package static let simulators: [RunOption] = [
    backend.named(help: "How the processes communicate; see train."),
    workers.named(help: "Processes that share the work. Default: the physical cores over threads_per_worker."),
    threadsPerWorker.named(help: "Threads of each of them; see train."),
    discountRate.named(help: "Discount rate per year for this simulation alone; see train. Default: that of the run."),
    caseEdits.named(help: "Changes of the case for this simulation alone; see train. Default: those of the run."),
  ]

  /// The options that are also flags of the worker's commands.
  ///
  /// The others belong to simulations; the command `simulate` has them.
  package static let flags: [RunOption] = training + [simulationDetail, restarts, runName]

  /// All options except the name of the run, which does not change what is computed.
  package static let all: [RunOption] = training + [simulationDetail, scenarioScheme, scenarioSeed, restarts]
}
