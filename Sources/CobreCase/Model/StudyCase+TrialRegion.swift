extension StudyCase {
  /// Why forward passes walk through all of the range of the reservoirs whatever `trial_region` says, as the end of a
  /// sentence; nil where they may stay near the states visited before.
  ///
  /// States that lie side by side have no trajectories in common, all paths are no sample, and prices among the state
  /// give its columns another meaning.
  package var trialRegionObstacle: String? {
    if configuration.training.enumeratesPaths { return "every iteration walks all paths" }
    if !priceProcesses.isEmpty { return "prices follow processes" }
    return graph.isBranching(stages: stages.count) ? "the policy graph branches" : nil
  }
}
