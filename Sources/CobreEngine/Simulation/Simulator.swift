package import CobreCase
package import CobreCommunication

/// Walks a trained policy through sampled scenarios, divided among the ranks of a communicator.
///
/// Every (stage, scenario) starts from the same basis, found by a pilot walk that each rank repeats, so results are
/// bit-identical for any number of ranks. The pilot starts where training has left off: among several optima of a stage
/// LP it then meets the one whose future training has looked at, and not one at a state where the cuts are still low.
package final class Simulator {
  package let study: StudyCase
  private let communicator: any Communicator
  private let options: TrainingOptions
  private let tree: OpeningTree
  private let walk: StageWalk
  /// Seed of the draws.
  private let seed: Int64
  private let pools: [CutPool]
  private let templates: [StageLPTemplate]
  /// Whether a stage uses its pool of cuts, by stage.
  private let usesCuts: [Bool]
  private let recorders: [StageRecorder]
  private let starts: WarmStarts
  private let sample: NoiseSample
  private let retrying: RetryRules

  /// Solves of all ranks that needed more than a plain first attempt, in the simulation that ended last.
  package private(set) var retries = 0
  /// Directory into which a program that no attempt solves is written, or nil for nowhere.
  package var problemDirectory: String?
  /// Given the solver of each solved stage LP, the pool of its cuts and the scenario, on the thread that solved it.
  package var watch: ((StageSolver, CutPool?, Int) -> Void)?
  /// Given the solver of a stage LP that cannot be solved.
  package var watchUnsolved: ((StageSolver) -> Void)?

  /// - Parameters:
  ///   - study: the case.
  ///   - policy: its cuts.
  ///   - options: the options of the training.
  ///   - communicator: the ranks that simulate together.
  ///   - inner: stage LPs with an upper approximation of the future, for the stages that have one, or nil for cuts
  ///     alone.
  ///   - trained: where the pilot starts from by step, as `Trainer.firstStarts` and `TrainingCheckpoint.firstStarts` have
  ///     it, the same on every rank. Steps whose start does not fit are cold.
  /// - Throws: `PolicyMismatch` if the policy belongs to another case, `LPError` if solvers cannot be made,
  ///   `SamplingError` if the case has no data for its noise.
  package init(
    study: StudyCase, policy: Policy, options: TrainingOptions, communicator: any Communicator,
    inner: [StageLPTemplate?]? = nil, from trained: [WarmStart] = []
  ) throws {
    self.study = study
    self.communicator = communicator
    self.options = options
    var tree = OpeningTree(study: study, seed: options.treeSeed)
    let dimension = tree.inflow.layout.dimension
    guard policy.stateDimension == dimension, policy.pools.count == study.stages.count else {
      throw PolicyMismatch(
        "The policy has \(policy.stateDimension) state components and \(policy.pools.count) stages, the case has "
          + "\(dimension) and \(study.stages.count). Simulate it with the case it was trained on.")
    }
    if let problem = tree.problem { throw problem }
    seed = options.scenarioSeed ?? options.treeSeed
    sample = NoiseSample(study: study)
    retrying = RetryRules(study.configuration.training, options)
    let boundary = study.graph.kind == .finiteHorizon ? policy.pools.last.flatMap { $0.count > 0 ? $0 : nil } : nil
    walk = StageWalk(study: study, hasBoundary: boundary != nil)
    pools = policy.pools.prefix(walk.poolCount).map { CutPool(pool: $0, dimension: policy.stateDimension) }
    var outer = StageLPTemplate.all(
      study: study, tree: tree, formulation: options.cutFormulation, boundary: boundary == nil ? nil : pools.last,
      takesSamples: !study.configuration.simulation.scenarioSource.isInSample)
    for index in outer.indices { outer[index].library = options.solver }
    usesCuts = outer.indices.map { inner?[$0] == nil }
    try SharedTables.share(&tree, &outer, over: communicator)
    self.tree = tree
    templates = outer.indices.map { inner?[$0] ?? outer[$0] }
    recorders = templates.map { StageRecorder(study: study, template: $0) }
    guard zip(pools, outer).allSatisfy({ $0.groups == $1.futureCount }) else {
      throw PolicyMismatch(
        "The policy's cuts are aggregated in another way than cut_formulation says. Simulate it with the setting it was "
          + "trained with.")
    }
    starts = WarmStarts(count: walk.stages.count)
    guard trained.count == starts.count else { return }
    for (step, stage) in walk.stages.enumerated() where usesCuts[stage] {
      let cuts = walk.poolAfter[stage].map { pools[$0].count } ?? 0
      if trained[step].fits(templates[stage], cuts: cuts) { starts.place(step).pointee = trained[step] }
    }
  }

  /// Simulates scenarios 0 … `scenarios` − 1, all of them one step after the other.
  ///
  /// - Parameters:
  ///   - scenarios: at least one.
  ///   - goesOn: asked on rank 0 between parts of a step. `false` ends the simulation on all ranks.
  ///   - receive: given every step on rank 0.
  /// - Returns: the result, the same on all ranks, or nil if the simulation was ended early.
  /// - Throws: `TrainingError` if a stage LP cannot be solved, `CommunicationError` if a rank is lost, and what the
  ///   closures throw.
  package func run(
    scenarios: Int, while goesOn: () throws -> Bool, receive: (SimulationStep) throws -> Void
  ) throws -> SimulationResult? {
    var result = SimulationResult(
      scenarios: scenarios, stages: walk.stages.count, hydros: study.hydros.count,
      costs: .init(repeating: 0, count: scenarios), factors: EnergyFlow.factors(in: study))
    let share = WorkPartition(units: scenarios, rank: communicator.rank, size: communicator.size)
    let sampler = try self.sampler(scenarios: scenarios, kept: share.range)
    let runner = WorkRunner(communicator: communicator, threads: options.threads) { workspace(sampler) }
    runner.watchUnsolved = watchUnsolved
    runner.problemDirectory = problemDirectory
    // The pilot is a scenario that another rank may own.
    let pilotWorkspace = workspace(try self.sampler(scenarios: scenarios, kept: 0..<1))
    var states = share.range.map { sampler.initialState(trajectory: $0) + [0] }
    var pilot = pilotWorkspace.sampler.initialState(trajectory: 0) + [0]
    /// What the pilot brings to each stage that several paths branch to, from the first stage that leads there.
    var pilots: [Int: [Double]] = [:]
    let generator = Philox(seed: seed, purpose: .inSampleIndexInSimulation)
    let all = study.configuration.simulation.enumeratesPaths ? walk.paths : []
    let isExact = !all.isEmpty && all.count == scenarios
    if isExact { result.probabilities = all.map(\.probability) }
    let paths =
      walk.isBranching
      ? (0..<scenarios).map {
        Set(
          isExact
            ? all[$0].stages : walk.path(generator, trajectory: $0, iteration: Philox.simulationIteration))
      } : []
    var discounts = [Double](repeating: 1, count: scenarios)
    for (step, stage) in walk.stages.enumerated() {
      let visitors = walk.isBranching ? (0..<scenarios).filter { paths[$0].contains(stage) } : Array(0..<scenarios)
      guard !visitors.isEmpty else { continue }
      let own = visitors.filter { share.range.contains($0) }
      let recorder = recorders[stage]
      var unused = [Double](repeating: 0, count: recorder.width)
      // Siblings do not follow each other: what was committed would be delivered twice.
      if let state = pilots[stage] { pilot = state }
      runner.forEach(1, on: [pilotWorkspace]) { workspace, _ in
        try advance(&pilot, step: step, scenario: 0, isPilot: true, on: workspace, into: &unused)
      }
      if walk.isBranching {
        for next in walk.successors[stage] where pilots[next.stage] == nil { pilots[next.stage] = pilot }
      }
      var local = [Double](repeating: 0, count: own.count * recorder.width)
      // Every rank takes part in as many exchanges as the largest share has parts.
      let largest = WorkPartition(units: scenarios, rank: 0, size: communicator.size).count
      for part in stride(from: 0, to: max(1, largest), by: Self.partSize) {
        var isStopped: Int64 = communicator.rank == 0 ? (try goesOn() ? 0 : 1) : 0
        try communicator.broadcast(&isStopped, root: 0)
        guard isStopped == 0 else { return nil }
        local.withUnsafeMutableBufferPointer { local in
          states.withUnsafeMutableBufferPointer { states in
            guard let local = local.baseAddress, let states = states.baseAddress else { return }
            let count = min(part + Self.partSize, own.count) - part
            runner.forEach(count, order: 1, first: part) { workspace, unit in
              let scenario = own[part + unit]
              try advance(
                &states[scenario - share.start], step: step, scenario: scenario, isPilot: false, on: workspace,
                into: local + (part + unit) * recorder.width)
            }
          }
        }
      }
      var records = [Double](repeating: 0, count: visitors.count * recorder.width)
      let counts = (0..<communicator.size).map { rank in
        let range = WorkPartition(units: scenarios, rank: rank, size: communicator.size).range
        return visitors.count(where: { range.contains($0) }) * recorder.width
      }
      try runner.gather(local, counts: counts, width: recorder.width, into: &records)
      let figures = SimulationStep(
        step: step, stage: stage, period: walk.periods[step],
        visits: walk.isBranching ? portion(visitors, of: scenarios, result.probabilities) : 1, scenarioIDs: visitors,
        weights: result.probabilities.map { conditional($0, visitors) },
        hours: recorder.hours, records: records,
        sections: recorder.sections, width: recorder.width)
      let isLast = step == walk.stages.count - 1 || walk.isBranching && walk.successors[stage].isEmpty
      result.take(figures, discounts: discounts, tailFactor: isLast ? templates[stage].discountFactor : nil)
      if communicator.rank == 0 { try receive(figures) }
      for scenario in visitors { discounts[scenario] *= templates[stage].discountFactor }
    }
    var retries = Int64(runner.retryCount)
    try communicator.allreduce(&retries, .sum)
    self.retries = Int(retries)
    return result
  }

  /// Simulates to the end without reporting the steps.
  package func run(scenarios: Int) throws -> SimulationResult {
    guard let result = try run(scenarios: scenarios, while: { true }, receive: { _ in }) else {
      preconditionFailure("no rank ended the simulation")
    }
    return result
  }

  /// Probabilities of some scenarios given that one of them comes.
  private func conditional(_ probabilities: [Double], _ scenarios: [Int]) -> [Double] {
    var total = 0.0
    for scenario in scenarios { total += probabilities[scenario] }
    return scenarios.map { probabilities[$0] / total }
  }

  /// Share of some scenarios in all, by probability where all that can come are known.
  private func portion(_ visitors: [Int], of scenarios: Int, _ probabilities: [Double]?) -> Double {
    guard let probabilities else { return Double(visitors.count) / Double(scenarios) }
    return visitors.reduce(0) { $0 + probabilities[$1] }
  }

  /// Scenarios of a rank between two questions whether to go on.
  private static let partSize = 64

  private func sampler(scenarios: Int, kept: Range<Int>) throws -> ForwardSampler {
    var sampler = try ForwardSampler(
      study: study, tree: tree, source: study.configuration.simulation.scenarioSource, treeSeed: seed,
      use: .simulation, count: scenarios, kept: kept)
    sampler.prepare(iteration: 1)
    return sampler
  }

  /// What a thread computes scenarios with.
  private func workspace(_ sampler: ForwardSampler) -> Workspace {
    Workspace(
      templates: templates, retrying: retrying, sampler: sampler, sample: sample,
      openingCuts: OpeningCuts(openings: 0, dimension: 0), pools: 0)
  }

  /// Takes one scenario through one step.
  private func advance(
    _ state: inout [Double], step: Int, scenario: Int, isPilot: Bool, on workspace: Workspace,
    into record: UnsafeMutablePointer<Double>
  ) throws {
    let stage = walk.stages[step]
    let start = starts.place(step)
    let task = StageTask(
      phase: .simulation, stage: stage, iteration: 0, trajectory: scenario,
      pool: usesCuts[stage] ? walk.poolAfter[stage].map { pools[$0] } : nil, followsHead: true)
    let solver = try workspace.solve(
      task, from: state, start: start.pointee, openings: .met(step: step, trajectory: scenario)
    ) { solver, opening in
      let realisation =
        opening < templates[stage].openingCount
        ? StageRealisation(tree, stage: stage, opening: opening, state: state)
        : StageRealisation(tree, stage: stage, sample: workspace.sample, state: state)
      recorders[stage].write(solver, realisation, into: record)
    }
    if isPilot { solver.store(into: &start.pointee, onlyMarked: false) } else { watch?(solver, task.pool, scenario) }
    for component in 0..<solver.template.stateDimension { state[component] = solver.outgoingState[component] }
  }
}
