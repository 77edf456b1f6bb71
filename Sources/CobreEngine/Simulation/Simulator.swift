/// Walks a trained policy through sampled scenarios, shared out over the ranks of a communicator.
///
/// Every (stage, scenario) starts from the same place, found by a pilot walk that each rank repeats, so results are
/// bit-identical for any number of ranks.
package final class Simulator {
  package let study: StudyCase
  private let communicator: any Communicator
  private let tree: OpeningTree
  private let walk: StageWalk
  private let sampler: ForwardSampler
  private let pools: [CutPool]
  private let solvers: [StageSolver<ClpSolver>]
  private var starts: [WarmStart]

  /// - Throws: `PolicyMismatch` where the policy belongs to another case, `LPError` where solvers cannot be made.
  package init(study: StudyCase, policy: Policy, options: TrainingOptions, communicator: any Communicator) throws {
    self.study = study
    self.communicator = communicator
    let tree = OpeningTree(study: study, seed: options.treeSeed)
    self.tree = tree
    let dimension = tree.inflow.layout.dimension
    guard policy.stateDimension == dimension, policy.pools.count == study.stages.count else {
      throw PolicyMismatch(
        "The policy has \(policy.stateDimension) state components and \(policy.pools.count) stages, the case has "
          + "\(dimension) and \(study.stages.count). Simulate it with the case it was trained on.")
    }
    sampler = ForwardSampler(seed: options.treeSeed, isSimulation: true)
    let boundary = study.graph.kind == .finiteHorizon ? policy.pools.last.flatMap { $0.count > 0 ? $0 : nil } : nil
    walk = StageWalk(study: study, hasBoundary: boundary != nil)
    pools = policy.pools.prefix(walk.poolCount).map { CutPool(pool: $0, dimension: policy.stateDimension) }
    solvers = try StageTemplate.all(
      study: study, tree: tree, formulation: options.cutFormulation, boundary: boundary == nil ? nil : pools.last
    ).map { try StageSolver(template: $0) }
    guard zip(pools, solvers).allSatisfy({ $0.groups == $1.template.futureCount }) else {
      throw PolicyMismatch(
        "The policy's cuts are aggregated in another way than cut_formulation says. Simulate it with the setting it was "
          + "trained with.")
    }
    starts = .init(repeating: WarmStart(), count: walk.stages.count)
  }

  /// Simulates scenarios 0 … `scenarios` − 1.
  ///
  /// - Throws: `TrainingError` where a stage problem cannot be solved, `CommunicationError` where a rank is lost.
  package func run(scenarios: Int) throws -> SimulationResult {
    let stages = walk.stages.count
    let hydros = study.hydros.count
    let width = SimulationRecord.width(stages: stages, hydros: hydros)
    let share = WorkShare(units: scenarios, rank: communicator.rank, size: communicator.size)
    var pilot = [Double](repeating: 0, count: width)
    try walk(scenario: 0, isPilot: true, into: &pilot, at: 0)
    var local = [Double](repeating: 0, count: share.count * width)
    for (position, scenario) in share.range.enumerated() {
      try walk(scenario: scenario, isPilot: false, into: &local, at: position * width)
    }
    var all = [Double](repeating: 0, count: scenarios * width)
    try communicator.allgatherv(
      local, counts: WorkShare.counts(units: scenarios, size: communicator.size, width: width), into: &all)
    return SimulationResult(records: all, scenarios: scenarios, stages: stages, hydros: hydros)
  }

  private func walk(scenario: Int, isPilot: Bool, into records: inout [Double], at offset: Int) throws {
    let hydros = study.hydros.count
    var state = tree.inflow.initialState + [0]
    var total = 0.0
    var discount = 1.0
    for (step, stage) in walk.stages.enumerated() {
      let opening = sampler.opening(stage: step, trajectory: scenario, iteration: 0, openings: tree.stages[stage])
      let solver = solvers[stage]
      let pool = walk.poolAfter[stage].map { pools[$0] }
      do throws(LPError) {
        try solver.solveWithHead(state: state, pool: pool, start: starts[step], opening: opening)
      } catch {
        throw TrainingError(
          phase: .simulation, stage: stage, iteration: 0, trajectory: scenario, opening: opening, cause: error)
      }
      if isPilot { solver.store(into: &starts[step], onlyMarked: false) }
      total += discount * solver.stageCost
      discount *= solver.template.discountFactor
      for component in 0..<tree.inflow.layout.dimension { state[component] = solver.outgoingState[component] }
      SimulationRecord.write(
        stage: step, cost: solver.stageCost, state: state, energy: energy(of: solver, stage: stage), hydros: hydros,
        into: &records, at: offset)
    }
    records[offset] = total
  }

  /// Energy in MWh by hydro, thermal and deficit.
  private func energy(of solver: StageSolver<ClpSolver>, stage: Int) -> (
    hydro: Double, thermal: Double, deficit: Double
  ) {
    let layout = solver.template.layout
    let values = solver.columnValues
    var productivities = study.hydros.indices.map { study.production(stage: stage, hydro: $0).productivity }
    for (hydro, productivity) in solver.headProductivities { productivities[hydro] = productivity }
    var energy = (hydro: 0.0, thermal: 0.0, deficit: 0.0)
    for (k, block) in study.stages[stage].blocks.enumerated() {
      for hydro in study.hydros.indices {
        if let column = layout.generation[hydro * layout.blocks + k] { energy.hydro += block.hours * values[column] }
        guard let column = layout.turbined[hydro * layout.blocks + k] else { continue }
        energy.hydro += block.hours * productivities[hydro] * values[column]
      }
      for thermal in study.thermals.indices {
        guard let column = layout.thermal[thermal * layout.blocks + k] else { continue }
        energy.thermal += block.hours * values[column]
      }
      for bus in study.buses.indices {
        for column in layout.deficit[bus * layout.blocks + k] { energy.deficit += block.hours * values[column] }
      }
    }
    return energy
  }
}

/// The layout of what one scenario exchanges: total cost, then per stage its cost, three energies and the volumes.
enum SimulationRecord {
  static func width(stages: Int, hydros: Int) -> Int { 1 + stages * (4 + hydros) }

  static func write(
    stage: Int, cost: Double, state: [Double], energy: (hydro: Double, thermal: Double, deficit: Double), hydros: Int,
    into records: inout [Double], at offset: Int
  ) {
    let first = offset + 1 + stage * (4 + hydros)
    records[first] = cost
    records[first + 1] = energy.hydro
    records[first + 2] = energy.thermal
    records[first + 3] = energy.deficit
    for hydro in 0..<hydros { records[first + 4 + hydro] = state[hydro] }
  }
}

extension SimulationResult {
  init(records: [Double], scenarios: Int, stages: Int, hydros: Int) {
    let width = SimulationRecord.width(stages: stages, hydros: hydros)
    func column(_ position: Int) -> [Double] {
      (0..<scenarios).flatMap { scenario in
        (0..<stages).map { records[scenario * width + 1 + $0 * (4 + hydros) + position] }
      }
    }
    self.init(
      scenarios: scenarios, stages: stages, hydros: hydros, costs: (0..<scenarios).map { records[$0 * width] },
      stageCosts: column(0),
      storages: (0..<scenarios).flatMap { scenario in
        (0..<stages).flatMap { stage in
          let first = scenario * width + 1 + stage * (4 + hydros) + 4
          return records[first..<(first + hydros)]
        }
      }, hydroEnergy: column(1), thermalEnergy: column(2), deficitEnergy: column(3))
  }
}

/// A policy that does not belong to the case, as a sentence.
package struct PolicyMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}

extension CutPool {
  /// The cuts of a stored pool, in the same slots.
  convenience init(pool: Policy.Pool, dimension: Int) {
    self.init(dimension: dimension, groups: max(1, pool.groups))
    pool.slopes.withUnsafeBufferPointer { slopes in
      for slot in 0..<pool.count {
        // A system without hydros has cuts without slopes.
        var none = 0.0
        if let base = slopes.baseAddress {
          append(intercept: pool.intercepts[slot], slopes: base + slot * dimension)
        } else {
          append(intercept: pool.intercepts[slot], slopes: &none)
        }
      }
    }
    for slot in pool.inactive { deactivate(slot) }
  }
}
