/// Why training or simulation cannot go on, with the stage LP that failed.
package struct TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Phase: String, Sendable {
    case forward
    case backward
    case lowerBound = "lower bound"
    case upperBound = "upper bound"
    case simulation
  }

  package var phase: Phase
  package var stage: Int
  /// 0 in simulations.
  package var iteration: Int
  /// Trajectory or scenario, or nil for the lower bound.
  package var trajectory: Int?
  package var opening: Int
  package var cause: LPError
  /// File with the LP in MPS format, if it could be written.
  package var file: String?

  package init(
    phase: Phase, stage: Int, iteration: Int, trajectory: Int?, opening: Int, cause: LPError
  ) {
    self.phase = phase
    self.stage = stage
    self.iteration = iteration
    self.trajectory = trajectory
    self.opening = opening
    self.cause = cause
  }

  /// A message with where it happened and what to do.
  package var description: String { advice + (file.map { " The program is in \($0)." } ?? "") }

  /// How the message of a stage LP without a feasible point begins.
  package static let infeasibility = "The stage LP has no feasible point"

  private var advice: String {
    let place =
      "stage \(stage), opening \(opening)"
      + (trajectory.map { ", \(phase == .simulation ? "scenario" : "trajectory") \($0)" } ?? "")
      + (iteration > 0 ? ", iteration \(iteration)" : "") + " (\(phase.rawValue))"
    switch cause.code {
    case .infeasible:
      return
        "\(Self.infeasibility) at \(place). Call explain_violation for the limits that contradict each other, or look for a "
        + "hard limit that the water or power of this stage cannot meet: a rising min_storage_hm3, a pump minimum, a generic constraint without slack, "
        + "production planes that lie below 0 where a plant has little water, or negative inflow under the method "
        + "'none' (use 'penalty')."
    case .unbounded:
      return "The stage LP is unbounded at \(place). Look for a negative price without a limit."
    case .notSolved:
      return "The LP solver could not solve the stage LP at \(place) to its tolerances (\(cause.detail)). Check "
        + "the case for numbers of very different size."
    case .notBuilt:
      return cause.detail
    case .outOfRange:
      return
        "The numbers of the stage LP are too large for the LP solver at \(place): \(cause.detail). Look for a cost, "
        + "productivity, factor or length of time in another unit; going on from a checkpoint would fail again."
    case .outOfMemory:
      return "Memory ran out while solving \(place). Use fewer workers per host."
    }
  }
}
