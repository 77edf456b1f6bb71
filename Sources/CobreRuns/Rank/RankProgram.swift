internal import CobreCase
internal import CobreCommunication
internal import CobreEngine

/// The work of one rank: train, then simulate.
///
/// Rank 0 writes the results.
struct RankProgram {
  let directory: RunDirectory
  let settings: RunSettings
  let study: StudyCase
  let communicator: any Communicator
  /// Records what this rank is doing, or nil if there is no supervisor to read it.
  let place: RankStatusFile?
  /// Called on rank 0 after each iteration.
  ///
  /// `false` stops the training.
  var observe: (IterationReport) -> Bool

  /// Why the work ended.
  struct Result {
    var stopReason: StopReason
    /// The last iteration of this training, or nil if none was computed.
    var lastReport: IterationReport?
  }

  init(
    directory: RunDirectory, settings: RunSettings, study: StudyCase, communicator: any Communicator,
    place: RankStatusFile? = nil, observe: @escaping (IterationReport) -> Bool = { _ in true }
  ) {
    self.directory = directory
    self.settings = settings
    self.study = settings.adapted(study)
    self.communicator = communicator
    self.place = place
    self.observe = observe
  }

  /// Computes to the end and returns why it ended.
  ///
  /// Throws what the parts throw.
  func run() throws -> Result {
    let roster = try RankRoster.gather(communicator, threads: settings.threads)
    place?.reach(.joined)
    let store = communicator.rank == 0 ? try begin(roster) : nil
    for warning in RankRoster.warnings(roster) {
      try store?.addEvent(level: "warning", message: warning, at: Clocks.wall())
    }

    var options = settings.options(for: study)
    options.timeLimitSeconds = settings.timeLimitOnClock
    options.threads = settings.threads
    options.solveFault = SolveFault(ChildProcess.currentEnvironment()[SolveFault.variable] ?? "")
    if let gap = settings.targetGap { options.otherRules.append(.targetGap(tolerance: gap, iterations: 1)) }
    if let gap = settings.statisticalGap {
      options.otherRules.append(.statistical(replications: 100, period: 10, deviations: 1.96, tolerance: gap))
    }
    let exchange = PolicyExchange(
      settings: study.configuration.policy, directory: directory, communicator: communicator,
      roots: settings.policyRoots)
    let trainer = try Trainer(
      study: study, options: options, communicator: communicator, boundary: exchange.boundary(for: study, store))
    let isTrained = study.configuration.training.enabled
    if communicator.rank == 0, isTrained { try exchange.checkTarget() }
    if communicator.rank == 0 { try StochasticExport.write(study, to: directory, treeSeed: options.treeSeed) }
    trainer.keepsCheckpoints = true
    if let place { trainer.watchPosition = { place.reach($0) } }
    trainer.problemDirectory = directory.path
    for warning in trainer.warnings { try store?.addEvent(level: "warning", message: warning, at: Clocks.wall()) }
    let start = try TrainingStart.share(
      from: store, pools: trainer.pools.count, dimension: trainer.stateDimension, communicator,
      otherwise: { try exchange.start(trainer, isTrained: isTrained, $0) })
    if let start {
      var checkpoint = start.checkpoint
      if let continuation = settings.continuation, checkpoint.iteration <= continuation.iteration {
        checkpoint = trainer.checkpoint(continuing: checkpoint, keepsStarts: continuation.keepsStarts)
      }
      try trainer.restore(
        checkpoint, policy: start.policy, states: start.states, elapsedSeconds: start.elapsedSeconds)
    }
    // Training may have ended already when the run broke off.
    let ended = start.flatMap { trainer.reasonToStop(elapsedSeconds: $0.elapsedSeconds) }
    var result = Result(stopReason: (isTrained ? ended : nil) ?? .trainingDisabled)
    if isTrained && ended == nil { result = try train(trainer, exchange, store) }
    try store?.setStopReason(result.stopReason.rawValue)
    if settings.simulateScenarios > 0 && result.stopReason != .cancelled {
      if try !simulate(trainer, options, store) { result.stopReason = .cancelled }
    }
    // No rank may leave before rank 0 has written everything.
    try store?.setPhase("done")
    place?.reach(.end)
    try communicator.barrier()
    return result
  }

  private func train(_ trainer: Trainer, _ exchange: PolicyExchange, _ store: RunStore?) throws -> Result {
    let recorder = store.map { IterationRecorder(store: $0, trainer: trainer) }
    let result = try trainer.train { report in
      try recorder?.record(report)
      if let store, exchange.isDue(report.iteration) {
        // A policy of an iteration that the run itself does not know of would outlive it.
        try recorder?.finish()
        try exchange.write(trainer, to: store)
      }
      return observe(report) && !directory.isCancelRequested
    }
    try recorder?.finish()
    for sentence in trainer.closingRemarks(result) {
      try store?.addEvent(level: "warning", message: sentence, at: Clocks.wall())
    }
    if let store { try exchange.write(trainer, to: store) }
    return Result(stopReason: result.stopReason, lastReport: result.lastReport)
  }

  private func begin(_ roster: [RankRoster.Entry]) throws -> RunStore {
    let store = try RunStore.open(directory.databasePath)
    let now = Clocks.wall()
    for (rank, entry) in roster.enumerated() {
      let identity = entry.identity
      let row = RankRow(
        rank: rank, pid: identity.pid, host: identity.host, state: "running", solves: 0, message: nil,
        threads: entry.threads)
      try store.recordRank(row, start: identity.start, at: now)
    }
    if let continuation = settings.continuation { try continuation.takeOver(into: store) }
    try store.recordElements(of: study)
    try store.setPhase("training")
    try store.transition(to: .running, from: [.queued, .starting], at: now)
    return store
  }

  /// Simulates the policy, and returns false if that was ended on request.
  private func simulate(_ trainer: Trainer, _ options: TrainingOptions, _ store: RunStore?) throws -> Bool {
    try store?.setPhase("simulation")
    try store?.beginSimulation()
    var inner: [StageLPTemplate?]?
    if study.configuration.simulation.policyType == .inner {
      if trainer.innerTemplates == nil { _ = try trainer.upperBound() }
      inner = trainer.innerTemplates
      guard inner != nil else {
        throw PolicyMismatch(
          "There is no inner policy to simulate: no trajectory has left some of the stages. Train for more iterations, or "
            + "set simulation.policy_type to \"outer\".")
      }
    }
    let starts = try trainer.firstStarts()
    if !study.configuration.training.enabled { try store?.recordStarts(starts, at: Clocks.wall()) }
    let simulator = try Simulator(
      study: study, policy: trainer.policy, options: options, communicator: communicator, inner: inner, from: starts)
    simulator.problemDirectory = directory.path
    // Each step is written while the next one is computed.
    let writer = TrailingThread()
    let detail = settings.simulationDetail ?? .statistics
    var periods = store == nil ? nil : SimulationPeriods(study: study)
    let result = try simulator.run(scenarios: settings.simulateScenarios) {
      !directory.isCancelRequested
    } receive: { step in
      guard let store else { return }
      let study = study
      let complete = periods?.take(step) ?? []
      try writer.submit {
        try store.recordSimulationStep(step, study: study, keeping: detail)
        for steps in complete { try store.recordSimulationPeriod(steps, study: study) }
      }
    }
    try writer.finish()
    guard let result else {
      // An incomplete simulation would look like a complete one.
      try store?.beginSimulation()
      try store?.setStopReason(StopReason.cancelled.rawValue)
      return false
    }
    for steps in periods?.finish() ?? [] { try store?.recordSimulationPeriod(steps, study: study) }
    if simulator.retries > 0 {
      try store?.addEvent(
        level: "warning",
        message: "\(simulator.retries) stage LP\(simulator.retries == 1 ? "" : "s") of the simulation needed more "
          + "than one attempt. The results stand; check the case for numbers of very different size.",
        at: Clocks.wall())
    }
    try store?.recordSimulation(StoredSimulation(result, study: study), at: Clocks.wall())
    return true
  }
}

extension StoredSimulation {
  /// What is stored of a simulation: total costs, and means by stage.
  init(_ result: SimulationResult, study: StudyCase) {
    let statistics = result.statistics
    var means: [(quantity: String, values: [Double])] = [
      ("cost ($)", result.meanByStage(result.stageCosts)),
      // Less than a kWh is rounding of the solver.
      (RunSchema.deficitProbability, result.meanByStage(result.energy(.deficit).map { $0 > 0.001 ? 1 : 0 })),
    ]
    for flow in EnergyFlow.allCases where RunSchema.alwaysStored.contains(flow) || flow.exists(in: study) {
      means.append((RunSchema.energyQuantity(flow), result.meanByStage(result.energy(flow))))
    }
    let storages = result.meanStorages
    for hydro in 0..<result.hydros {
      means.append(
        (
          "\(RunSchema.storagePrefix)\(study.hydros[hydro].id) \(study.hydros[hydro].name) (hm3)",
          (0..<result.stages).map { storages[$0 * result.hydros + hydro] }
        ))
    }
    self.init(
      summary: SimulationSummary(
        scenarios: result.scenarios, meanCost: storable(statistics.mean),
        standardDeviation: storable(statistics.standardDeviation), halfWidth: storable(statistics.halfWidth)),
      costs: result.costs, spread: SampleStatistics(result.costs, weights: result.probabilities),
      probabilities: result.probabilities, stageMeans: means)
  }
}
