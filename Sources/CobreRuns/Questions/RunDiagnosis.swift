internal import CobreCase
internal import CobreEngine

/// Where the time of a run went, how it developed, and which option would help most.
///
/// Times are those of rank 0, in seconds. Shares are of the training, from its first iteration to its last.
package struct RunDiagnosis: Sendable {
  /// A change of an option, with the share of the training's time that it is expected to save.
  package struct Advice: Sendable, Equatable {
    package var option: String
    package var value: String
    /// Between 0 and 1; nil where no number can be given.
    package var gain: Double?
    package var reason: String
  }

  package var totals: TrainingTotals
  /// First and last tenth of the training: mean seconds of an iteration.
  package var firstPace: Double?
  package var lastPace: Double?
  /// How the seconds of an iteration grow.
  package var pace: IterationPace?
  /// Rise of the lower bound over the last tenth, relative; nil for fewer than ten iterations.
  package var lastGain: Double?
  /// Iteration after which the lower bound rose by less than a thousandth in all; with the seconds to its end.
  package var settled: (iteration: Int, seconds: Double)?
  /// Cuts by stage; stages without any are left out.
  package var cuts: [Int]
  package var ranks: [RankRow]
  /// Smallest and largest absolute coefficient of the stage LPs; nil where the case is not at hand or too large for
  /// that.
  package var coefficients: ClosedRange<Double>?
  package var hasCutSelection: Bool?
  package var hasUpperBound: Bool?
  package var forwardPasses: Int
  /// Physical cores of the machine that is asked, which the run may have left behind.
  package var cores: Int
  /// What else the machine that is asked does now; nil where the kernel does not say.
  package var load: MachineLoad?
  package var run: RunSnapshot

  /// Rise of the lower bound below which it counts as settled.
  static let settledShare = 0.001
}

extension RunDiagnosis {
  /// - Parameters:
  ///   - evidence: the run.
  ///   - looksAround: whether to look for a moment what else this machine does.
  /// - Throws: `RunError` where the database of the run cannot be read.
  package init(_ evidence: RunEvidence, looksAround: Bool = false) throws {
    run = evidence.snapshot
    totals = try evidence.store.totals()
    ranks = run.ranks
    forwardPasses = evidence.manifest.settings.forwardPasses
    cores = PhysicalCores.count()
    if looksAround {
      let host = ProcessTable.current().host
      load = MachineLoad.now(processes: run.state.isFinal ? [] : ranks.filter { $0.host == host }.map(\.pid))
    }
    let record = try evidence.store.record()
    pace = record.pace
    cuts = try evidence.store.cutCounts()
    if let last = record.last {
      let tenth = max(1, last.iteration / 10)
      func elapsed(_ iteration: Int) throws -> ConvergenceRow? { try evidence.store.convergence(at: iteration) }
      if last.iteration >= 4, let first = try elapsed(1), let early = try elapsed(1 + tenth),
        let late = try elapsed(last.iteration - tenth)
      {
        firstPace = max(0, early.elapsedSeconds - first.elapsedSeconds) / Double(tenth)
        lastPace = max(0, last.elapsedSeconds - late.elapsedSeconds) / Double(tenth)
      }
      if last.iteration >= 10, let before = try elapsed(last.iteration - tenth)?.lowerBound, let after = last.lowerBound
      {
        lastGain = (after - before) / max(1, abs(after))
      }
      settled = try Self.settled(evidence.store, last: last)
    }
    if let study = evidence.study {
      hasCutSelection =
        study.configuration.training.cutSelection.enabled
        || study.configuration.training.cutSelection.maxActivePerStage != nil
      hasUpperBound = study.configuration.upperBound.enabled
      if let sizes = StageLPSize.stages(of: study),
        let least = sizes.map(\.smallestCoefficient).filter({ $0 > 0 }).min(),
        let most = sizes.map(\.largestCoefficient).max(), most >= least
      {
        coefficients = least...most
      }
    }
  }

  /// The first iteration from which on the bound rose by less than the share that counts; the bound never falls.
  private static func settled(_ store: RunStore, last: ConvergenceRow) throws -> (iteration: Int, seconds: Double)? {
    guard last.iteration >= 10, let end = last.lowerBound else { return nil }
    var (low, high) = (1, last.iteration)
    while low < high {
      let middle = (low + high) / 2
      let bound = try store.convergence(at: middle)?.lowerBound ?? -.infinity
      if bound >= end - settledShare * max(1, abs(end)) { high = middle } else { low = middle + 1 }
    }
    return try store.convergence(at: low).map { (low, $0.elapsedSeconds) }
  }

  /// Processes times threads.
  package var computers: Int { max(1, run.workers) * max(1, run.threadsPerWorker) }

  /// Thread time of one LP: solving, loading, and looking for cuts; in s.
  ///
  /// Nil where ranks that share processors waited all the time.
  package var secondsPerSolve: Double? {
    let busy = totals.forwardSeconds + totals.backwardSeconds - totals.communicationSeconds
    return totals.solves > 0 && busy > 0 ? busy * Double(computers) / Double(totals.solves) : nil
  }

  /// Largest number of LPs of a rank over the mean; nil for one rank.
  package var imbalance: Double? {
    let sum = ranks.reduce(0) { $0 + $1.solves }
    guard ranks.count > 1, sum > 0, let most = ranks.map(\.solves).max() else { return nil }
    return Double(most) * Double(ranks.count) / Double(sum)
  }

  /// The time that the training would have taken, had no iteration been slower than those of its first tenth; as a
  /// share.
  package var growthShare: Double? {
    guard let first = firstPace, totals.elapsedSeconds > 0, totals.iterations > 0 else { return nil }
    return max(0, 1 - first * Double(totals.iterations) / totals.elapsedSeconds)
  }
}
