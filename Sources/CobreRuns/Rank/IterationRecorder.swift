package import CobreEngine

/// Writes each iteration with the cuts that are new since the last one, and the checkpoint.
///
/// The database is written while the next iteration is computed, and is never more than one iteration behind. An
/// iteration counts as completed when its transaction has ended: that is what others see of the run, and where it
/// resumes after a crash.
package final class IterationRecorder {
  private let store: RunStore
  private let trainer: Trainer
  private let thread = TrailingThread()
  /// Cuts of each pool that were handed over.
  private var written: [Int]
  /// The same for the trial states, in numbers.
  private var writtenStates: [Int]

  package init(store: RunStore, trainer: Trainer) {
    self.store = store
    self.trainer = trainer
    written = trainer.pools.map { $0.count }
    writtenStates = trainer.visitedStates.map { $0.count }
  }

  /// Records the results of the iteration that has just ended.
  ///
  /// - Parameter report: the iteration.
  /// - Throws: the error of writing an earlier iteration.
  package func record(_ report: IterationReport) throws {
    let batches = trainer.pools.indices.filter { trainer.pools[$0].count > written[$0] }.map { newCuts(of: $0) }
    let states = trainer.visitedStates.indices.map { Array(trainer.visitedStates[$0][writtenStates[$0]...]) }
    let dimension = trainer.pools.first?.dimension ?? 0
    let checkpoint = trainer.encodedCheckpoint
    let store = store
    let now = Clocks.wall()
    try thread.submit {
      try store.recordIteration(
        report, cuts: batches, stateDimension: dimension, states: states, checkpoint: checkpoint, at: now)
    }
    written = trainer.pools.map { $0.count }
    writtenStates = trainer.visitedStates.map { $0.count }
  }

  /// Waits until everything is written.
  ///
  /// - Throws: what writing threw.
  package func finish() throws { try thread.finish() }

  private func newCuts(of stage: Int) -> CutBatch {
    let pool = trainer.pools[stage]
    let slots = written[stage]..<pool.count
    var slopes: [Double] = []
    slopes.reserveCapacity(slots.count * pool.dimension)
    for slot in slots {
      for component in 0..<pool.dimension { slopes.append(pool.slope(slot, component)) }
    }
    return CutBatch(
      stage: stage, firstPosition: slots.lowerBound, intercepts: slots.map { pool.intercept($0) }, slopes: slopes)
  }
}
