/// How far a training has got, for reports of a failure.
package struct TrainingPosition: Sendable, Equatable {
  package var phase: TrainingError.Phase
  package var iteration: Int
  /// Index of the stage at work, or nil if the pass as a whole is meant.
  package var stage: Int?

  package init(phase: TrainingError.Phase, iteration: Int, stage: Int? = nil) {
    self.phase = phase
    self.iteration = iteration
    self.stage = stage
  }
}

extension Trainer {
  /// Reports that the training has reached this position.
  func reach(_ phase: TrainingError.Phase, iteration: Int, stage: Int? = nil) {
    watchPosition?(TrainingPosition(phase: phase, iteration: iteration, stage: stage))
  }
}
