/// Which opening each trajectory meets at each stage, drawn in-sample by probability.
///
/// The draw is a pure function of (seed, stage, trajectory, iteration): any rank computes any of them.
package struct ForwardSampler: Sendable {
  private let generator: Philox
  private let isSimulation: Bool

  /// - Parameters:
  ///   - seed: that of the opening tree.
  ///   - isSimulation: whether scenarios of a simulation are drawn, which have a purpose of their own.
  package init(seed: Int64, isSimulation: Bool) {
    generator = Philox(seed: seed, purpose: isSimulation ? .inSampleIndexInSimulation : .inSampleIndex)
    self.isSimulation = isSimulation
  }

  /// The opening of a trajectory (or scenario) at a stage.
  ///
  /// - Parameters:
  ///   - stage: position of the stage.
  ///   - trajectory: trajectory of the iteration, or scenario of the simulation.
  ///   - iteration: from 1; ignored in simulations.
  ///   - openings: those of the stage.
  /// - Returns: index of the opening.
  package func opening(stage: Int, trajectory: Int, iteration: Int, openings: StageOpenings) -> Int {
    let uniform = generator.uniform(
      entity: 0, sample: UInt32(truncatingIfNeeded: trajectory), stage: UInt32(truncatingIfNeeded: stage),
      iteration: isSimulation ? Philox.simulationIteration : UInt32(truncatingIfNeeded: iteration))
    return openings.index(for: uniform)
  }
}
