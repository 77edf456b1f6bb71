/// Where a training stands, for those who tell of a failure.
package struct TrainingPosition: Sendable, Equatable {
  package var phase: TrainingError.Phase
  package var iteration: Int
  /// Index of the stage at work; nil where the pass as a whole is meant.
  package var stage: Int?

  package init(phase: TrainingError.Phase, iteration: Int, stage: Int? = nil) {
    self.phase = phase
    self.iteration = iteration
    self.stage = stage
  }
}

extension Trainer {
  /// Tells whoever wants to know that the training has come to this place.
  func reach(_ phase: TrainingError.Phase, iteration: Int, stage: Int? = nil) {
    watchPosition?(TrainingPosition(phase: phase, iteration: iteration, stage: stage))
  }
}
