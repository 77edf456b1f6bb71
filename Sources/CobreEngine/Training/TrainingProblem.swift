internal import CobreCase
internal import CobreCommunication

/// What a training works on, fixed from its beginning: case, options, noise, stage LPs, the walk through the stages.
///
/// The same on every rank, read by every thread.
final class TrainingProblem {
  let study: StudyCase
  /// With the number of trajectories in use.
  let options: TrainingOptions
  let tree: OpeningTree
  /// By stage.
  let templates: [StageLPTemplate]
  let walk: StageWalk
  /// One path for each trajectory, if each iteration walks all paths.
  let paths: [StageWalk.Path]?
  /// State before the first stage, at least one element, so that it has an address.
  let initialState: [Double]
  /// Whether every stage takes expectations.
  ///
  /// Under any other measure a sampled cost is not a bound.
  let isRiskNeutral: Bool
  /// Between the outcomes that follow each stage; empty where its measure needs none.
  private let distances: [OutcomeDistances]
  /// Between the openings of the first stage.
  private let rootDistances: OutcomeDistances

  /// - Parameters:
  ///   - study: the case.
  ///   - options: how to train it.
  ///   - communicator: the ranks, which share the tables of noise where they can.
  ///   - boundary: fixed cuts on the cost after the last stage.
  /// - Throws: `SamplingError` where the case has no data for its noise, `CommunicationError`.
  init(
    study: StudyCase, options: TrainingOptions, communicator: any Communicator, boundary: Policy.Pool? = nil
  ) throws {
    self.study = study
    walk = StageWalk(study: study, hasBoundary: boundary != nil)
    let configuration = study.configuration
    paths = configuration.training.enumeratesPaths ? walk.paths : nil
    var options = options
    if let paths { options.forwardPasses = paths.count }
    self.options = options
    var tree = OpeningTree(study: study, seed: options.treeSeed)
    if let problem = tree.problem { throw problem }
    // The LPs of an inner simulation are made from the LPs of the training.
    let isInSample =
      configuration.training.scenarioSource.isInSample
      && (configuration.simulation.policyType == .outer || configuration.simulation.scenarioSource.isInSample)
    let dimension = tree.inflow.layout.dimension
    var templates = StageLPTemplate.all(
      study: study, tree: tree, formulation: options.cutFormulation,
      boundary: boundary.map { CutPool(pool: $0, dimension: dimension) }, takesSamples: !isInSample,
      fewestLazyPlanes: options.fewestLazyPlanes)
    for index in templates.indices { templates[index].library = options.solver }
    try SharedTables.share(&tree, &templates, over: communicator)
    self.tree = tree
    self.templates = templates
    initialState = tree.inflow.initialState + [0]
    isRiskNeutral = study.stages.allSatisfy(\.riskMeasure.isNeutral)
    let walk = self.walk
    distances = study.stages.indices.map { stage in
      guard study.stages[stage].riskMeasure.usesDistances else { return .none }
      return OutcomeDistances(openings: walk.successors[stage].map { tree.stages[$0.stage] })
    }
    rootDistances =
      study.stages[0].riskMeasure.usesDistances ? OutcomeDistances(openings: [tree.stages[0]]) : .none
  }

  /// How a stage weighs the costs of what follows it: outcomes in the order of successors, then of openings.
  func weighting(after stage: Int, costs: [Double], probabilities: [Double]) -> OutcomeWeights {
    study.stages[stage].riskMeasure.weighting(
      costs: costs, probabilities: probabilities, distances: distances[stage])
  }

  /// The bound of the costs of the openings of the first stage, by its own measure.
  func rootValue(costs: [Double]) -> Double {
    study.stages[0].riskMeasure.value(
      costs: costs, probabilities: templates[0].probabilities, distances: rootDistances)
  }

  /// Number of state components.
  var stateDimension: Int { tree.inflow.layout.dimension }

  /// Figures of a cut: intercept, then slopes.
  var cutWidth: Int { 1 + stateDimension }

  /// The stages of a trajectory of this training.
  func path(trajectory: Int, iteration: Int) -> [Int] {
    if let paths { return paths[trajectory].stages }
    return walk.path(
      Philox(seed: options.treeSeed, purpose: .inSampleIndex), trajectory: trajectory,
      iteration: UInt32(truncatingIfNeeded: iteration))
  }

  /// Makes what each thread of a rank computes with.
  ///
  /// - Parameter share: the trajectories of the rank.
  /// - Returns: a function that makes a workspace, to be called on one thread only.
  /// - Throws: `SamplingError` if the case has no data for its noise.
  func workspaceMaker(share: Range<Int>) throws -> () -> Workspace {
    let sampler = try ForwardSampler(
      study: study, tree: tree, source: study.configuration.training.scenarioSource, treeSeed: options.treeSeed,
      use: .training, count: options.forwardPasses, kept: share)
    let openings = walk.successors.map { arcs in arcs.reduce(0) { $0 + templates[$1.stage].openingCount } }
    let openingCuts = OpeningCuts(
      openings: openings.max() ?? 0, dimension: stateDimension, prices: tree.inflow.layout.prices)
    let sample = NoiseSample(study: study)
    let retrying = RetryRules(study.configuration.training, options)
    return { [templates, walk] in
      Workspace(
        templates: templates, retrying: retrying, sampler: sampler, sample: sample, openingCuts: openingCuts,
        pools: walk.poolCount)
    }
  }
}
