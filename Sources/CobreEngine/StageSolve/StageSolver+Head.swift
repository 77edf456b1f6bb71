extension StageSolver {
  /// Solves one opening from a state.
  ///
  /// Plants with linearized head work at the productivity of their mean volume.
  ///
  /// The first solve uses the incoming volume as the mean of the stage, the second one the mean of the volumes at its
  /// start and its end. The second solution counts.
  ///
  /// - Parameters:
  ///   - state: incoming state, storages first.
  ///   - pool: the cuts on the future, or nil after the last stage.
  ///   - start: basis and cuts to start from.
  ///   - opening: index of the opening.
  /// - Throws: `LPError` if there is no optimum.
  func solveWithHead(
    state: UnsafePointer<Double>, pool: CutPool?, start: borrowing WarmStart, opening: Int
  ) throws(LPError) {
    setHeads { state[$0] }
    try begin(state: state, pool: pool, start: start, openings: opening..<(opening + 1))
    try solve(opening: opening, pool: pool)
    guard !template.headPlants.isEmpty else { return }
    let outgoing = outgoingState
    let means = (0..<template.stateDimension).map { (state[$0] + outgoing[$0]) / 2 }
    setHeads { means[$0] }
    try begin(state: state, pool: pool, start: start, openings: opening..<(opening + 1))
    try solve(opening: opening, pool: pool)
  }
}
