extension ThreadTeam.UnitFailure {
  /// The error that the unit threw.
  ///
  /// A stage LP without a solution is written to a file first.
  ///
  /// - Parameters:
  ///   - workspaces: the workspaces, by thread.
  ///   - rank: this rank.
  ///   - problemDirectory: where such stage LPs are written, or nil to write none.
  /// - Returns: the error to throw.
  func located(on workspaces: [Workspace], rank: Int, problemDirectory: String?) -> any Error {
    guard var failure = cause as? TrainingError else { return cause }
    if let problemDirectory, failure.cause.code != .outOfMemory, failure.cause.code != .outOfRange,
      failure.phase != .upperBound
    {
      let path = "\(problemDirectory)/unsolved-rank\(rank)-stage\(failure.stage).mps"
      if workspaces[thread].writeMPS(stage: failure.stage, to: path) { failure.file = path }
    }
    return failure
  }
}
