/// Ends training when the lower bound and the simulated costs of the steps have both stopped changing.
///
/// Every `period` iterations, if the bound has stalled, the same scenarios are simulated and the mean costs by step are
/// compared with the costs of the previous check. The first check only stores them.
package struct SimulationStalling: ConvergenceCondition, CaseStoppingCondition {
  /// Trajectories simulated per check, ≥ 1.
  package var replications: Int
  /// Iterations between checks, ≥ 1.
  package var period: Int
  /// Iterations over which the bound must have stalled, ≥ 1.
  package var boundWindow: Int
  /// Distance of the mean step costs below which they count as unchanged, ≥ 0.
  package var distanceTolerance: Double
  /// Relative change of the lower bound below which it counts as stalled, ≥ 0.
  package var boundTolerance: Double

  package init(
    replications: Int, period: Int, boundWindow: Int, distanceTolerance: Double, boundTolerance: Double
  ) {
    self.replications = replications
    self.period = period
    self.boundWindow = boundWindow
    self.distanceTolerance = distanceTolerance
    self.boundTolerance = boundTolerance
  }

  package var reason: StopReason { .simulation }
  /// Mean discounted cost by step of the check before, in $.
  package var memoryName: String? { "step_costs" }

  package var slowRise: Double? { boundTolerance / Double(max(1, boundWindow)) }

  package func holds(_ evidence: StoppingEvidence, memory: inout [Double]) throws -> Bool {
    guard evidence.iteration % period == 0, let movement = evidence.movement(over: boundWindow),
      movement < boundTolerance
    else { return false }
    let before = memory
    memory = try means(evidence)
    return Self.distance(memory, before).map { $0 < distanceTolerance } ?? false
  }

  /// Mean discounted costs by step, in $.
  private func means(_ evidence: StoppingEvidence) throws -> [Double] {
    let costs = try evidence.simulate(replications, .fixed)
    return (0..<evidence.steps).map { step in
      var sum = 0.0
      for replication in 0..<replications { sum += costs[replication * evidence.steps + step] }
      return sum / Double(replications)
    }
  }

  /// √Σ ((new − old) / max(1, |old|))², or nil at the first check.
  private static func distance(_ means: [Double], _ before: [Double]) -> Double? {
    guard before.count == means.count else { return nil }
    var squares = 0.0
    for step in means.indices {
      let change = (means[step] - before[step]) / max(1, abs(before[step]))
      squares += change * change
    }
    return squares.squareRoot()
  }

  static let type = "simulation"
  static let fields: [Field] = [
    .required("replications", .whole(1), "Trajectories simulated per check"),
    .required("period", .whole(1), "Iterations between checks"),
    .required("bound_window", .whole(1), "Iterations over which the bound must have stalled"),
    .required("distance_tol", .nonNegative, "Normalised distance of mean stage costs"),
    .required("bound_tol", .nonNegative, "Relative change of the bound"),
  ]

  init(_ node: Node) {
    self.init(
      replications: node["replications"].int, period: node["period"].int, boundWindow: node["bound_window"].int,
      distanceTolerance: node["distance_tol"].number, boundTolerance: node["bound_tol"].number)
  }
}

extension StopReason {
  package static let simulation = StopReason(rawValue: SimulationStalling.type)
}

extension StoppingRule {
  package static func simulation(
    replications: Int, period: Int, boundWindow: Int, distanceTolerance: Double, boundTolerance: Double
  ) -> Self {
    Self(
      SimulationStalling(
        replications: replications, period: period, boundWindow: boundWindow, distanceTolerance: distanceTolerance,
        boundTolerance: boundTolerance))
  }
}
