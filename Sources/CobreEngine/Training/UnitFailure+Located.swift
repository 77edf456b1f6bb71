extension ThreadTeam.UnitFailure {
  /// What the unit threw; a program without a solution is written to a file first.
  ///
  /// - Parameters:
  ///   - benches: those of the threads.
  ///   - rank: this rank.
  ///   - problemDirectory: where programs are written; nil for nowhere.
  /// - Returns: the error to throw.
  func located(on benches: [UnitBench], rank: Int, problemDirectory: String?) -> any Error {
    guard var failure = cause as? TrainingError else { return cause }
    if let problemDirectory, failure.cause.code != .outOfMemory, failure.phase != .upperBound {
      let path = "\(problemDirectory)/unsolved-rank\(rank)-stage\(failure.stage).mps"
      if benches[thread].writeMPS(stage: failure.stage, to: path) { failure.file = path }
    }
    return failure
  }
}
