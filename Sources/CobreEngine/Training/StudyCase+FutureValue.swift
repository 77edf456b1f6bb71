package import CobreCase

extension StudyCase {
  /// The future cost that a pool of cuts gives at a state.
  ///
  /// - Parameters:
  ///   - pool: the cuts after a stage.
  ///   - stage: that stage.
  ///   - state: as long as a cut has slopes.
  ///   - probabilities: of the outcomes that groups of cuts belong to.
  ///   - floors: what the future costs at least.
  /// - Returns: nil where cuts are missing, the numbers do not fit, or several prices follow processes.
  package func futureValue(
    of pool: Policy.Pool, after stage: Int, at state: [Double], probabilities: [Double], floors: LeastFutureCosts
  ) -> Policy.Pool.Value? {
    switch priceProcesses.count {
    case 0:
      pool.value(at: state, probabilities: probabilities, measure: stages[stage].riskMeasure) { floors.after(stage) }
    case 1:
      pool.value(at: state, slopesInPrice: PriceBounds.slopes(self)[stage][0]) { floors.after(stage) }
    default: nil
    }
  }
}
