/// The work of one rank: train, then simulate, with rank 0 writing down what comes out.
struct RankProgram {
  let directory: RunDirectory
  let settings: RunSettings
  let study: StudyCase
  let communicator: any Communicator
  /// Called on rank 0 after each iteration, for showing progress.
  var show: (IterationReport) -> Void = { _ in }

  /// Computes to the end and returns why training ended; throws what the parts throw.
  func run() throws -> StopReason {
    let identities = try RankRoster.gather(communicator)
    let store = communicator.rank == 0 ? try begin(identities) : nil

    var options = TrainingOptions(study: study)
    options.forwardPasses = settings.forwardPasses
    options.iterationLimit = settings.iterations
    options.timeLimitSeconds = settings.timeLimitSeconds
    if let seed = settings.seed { options.treeSeed = seed }
    let trainer = try Trainer(study: study, options: options, communicator: communicator)
    var recorder = store.map { IterationRecorder(store: $0) }
    let result = try trainer.train { report in
      try recorder?.record(report, of: trainer)
      show(report)
      return !directory.isCancelRequested
    }
    try store?.setStopReason(result.stopReason.rawValue)
    for warning in result.warnings { try store?.addEvent(level: "warning", message: warning, at: Clocks.wall()) }
    if settings.simulateScenarios > 0 && result.stopReason != .cancelled {
      try simulate(trainer, options, store)
    }
    // Nobody may be torn down before rank 0 has written everything.
    try store?.setPhase("done")
    try communicator.barrier()
    return result.stopReason
  }

  private func begin(_ identities: [ProcessIdentity]) throws -> RunStore {
    let store = try RunStore.open(directory.databasePath)
    let now = Clocks.wall()
    for (rank, identity) in identities.enumerated() {
      let row = RankRow(
        rank: rank, pid: identity.pid, host: identity.host, state: "running", solves: 0, message: nil)
      try store.recordRank(row, start: identity.start, at: now)
    }
    try store.setPhase("training")
    try store.transition(to: .running, from: [.queued, .starting], at: now)
    return store
  }

  private func simulate(_ trainer: Trainer, _ options: TrainingOptions, _ store: RunStore?) throws {
    try store?.setPhase("simulation")
    let simulator = try Simulator(
      study: study, policy: trainer.policy, options: options, communicator: communicator)
    let result = try simulator.run(scenarios: settings.simulateScenarios)
    try store?.recordSimulation(StoredSimulation(result), at: Clocks.wall())
  }
}

/// Writes each iteration with the cuts that are new since the last one.
struct IterationRecorder {
  let store: RunStore
  /// Cuts of each pool that are in the database.
  private var written: [Int] = []

  init(store: RunStore) { self.store = store }

  mutating func record(_ report: IterationReport, of trainer: Trainer) throws {
    if written.isEmpty { written = Array(repeating: 0, count: trainer.pools.count) }
    var batches: [CutBatch] = []
    for (stage, pool) in trainer.pools.enumerated() where pool.count > written[stage] {
      let slots = written[stage]..<pool.count
      batches.append(
        CutBatch(
          stage: stage, firstPosition: written[stage], intercepts: slots.map { pool.intercept($0) },
          slopes: slots.flatMap { slot in (0..<pool.dimension).map { pool.slope(slot, $0) } }))
    }
    try store.recordIteration(
      report, cuts: batches, stateDimension: trainer.pools.first?.dimension ?? 0, checkpoint: nil, at: Clocks.wall())
    for batch in batches { written[batch.stage] += batch.intercepts.count }
  }
}

extension StoredSimulation {
  /// What is kept of a simulation: total costs, and means by stage.
  init(_ result: SimulationResult) {
    let statistics = result.statistics
    var means: [(quantity: String, values: [Double])] = [
      ("cost ($)", result.meanByStage(result.stageCosts)),
      ("hydro generation (MWh)", result.meanByStage(result.hydroEnergy)),
      ("thermal generation (MWh)", result.meanByStage(result.thermalEnergy)),
      ("deficit (MWh)", result.meanByStage(result.deficitEnergy)),
    ]
    let storages = result.meanStorages
    for hydro in 0..<result.hydros {
      means.append(
        ("storage of hydro \(hydro) (hm3)", (0..<result.stages).map { storages[$0 * result.hydros + hydro] }))
    }
    self.init(
      summary: SimulationSummary(
        scenarios: result.scenarios, meanCost: storable(statistics.mean),
        standardDeviation: storable(statistics.standardDeviation), halfWidth: storable(statistics.halfWidth)),
      costs: result.costs, stageMeans: means)
  }
}
