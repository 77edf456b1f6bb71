extension RunDiagnosis {
  /// Share of the training below which no option is worth changing.
  private static let leastGain = 0.05
  /// Share of the training outside of the passes below which writing less often is not worth what it costs a resumed
  /// run.
  private static let leastOtherShare = 0.15
  /// Ratio of coefficients beyond which solvers begin to lose digits.
  private static let wideRange = 1e9

  /// Changes of options that would help, the best first.
  package var advice: [Advice] {
    guard totals.elapsedSeconds > 0, totals.iterations > 0 else { return [] }
    let all = [moreComputers, fewerComputers, evenShares, fewerIterations, cutSelection, otherWork, numbers]
    return all.compactMap { $0 }
      .filter { ($0.gain ?? 1) >= Self.leastGain }
      .sorted { ($0.gain ?? 0) > ($1.gain ?? 0) }
  }

  /// Share of the training that is computed side by side.
  private var parallelShare: Double {
    let work = totals.forwardSeconds + totals.backwardSeconds - totals.communicationSeconds
    return min(1, max(0, work / totals.elapsedSeconds))
  }

  /// Trial states that the busiest of so many threads takes.
  private func rounds(_ computers: Int) -> Double { (Double(forwardPasses) / Double(max(1, computers))).rounded(.up) }

  private var moreComputers: Advice? {
    let target = min(cores, forwardPasses)
    guard target > computers else { return nil }
    let gain = parallelShare * (1 - rounds(target) / rounds(computers))
    let threads = max(1, run.threadsPerWorker)
    return Advice(
      option: "num_workers", value: "\(max(1, target / threads))", gain: gain,
      reason: "The \(forwardPasses) forward passes are shared by \(computers) of \(cores) cores of this machine.")
  }

  private var fewerComputers: Advice? {
    guard computers > max(cores, 1), Set(ranks.map(\.host)).count <= 1, totals.waitSeconds > 0 else { return nil }
    return Advice(
      option: "num_workers", value: "\(max(1, cores / max(1, run.threadsPerWorker)))",
      gain: totals.waitSeconds / totals.elapsedSeconds,
      reason: "\(computers) threads take turns on \(cores) cores and wait for each other.")
  }

  private var evenShares: Advice? {
    guard computers > 1, computers <= cores, forwardPasses % computers != 0 else { return nil }
    let even = Int(rounds(computers)) * computers
    let idle = 1 - Double(forwardPasses) / Double(even)
    return Advice(
      option: "forward_passes", value: "\(even)", gain: idle * parallelShare,
      reason: "\(forwardPasses) forward passes do not divide among \(computers) threads, so that some of them wait; "
        + "\(even) take no longer.")
  }

  private var fewerIterations: Advice? {
    guard let settled, settled.iteration < totals.iterations else { return nil }
    return Advice(
      option: "iterations", value: "\(settled.iteration)", gain: 1 - settled.seconds / totals.elapsedSeconds,
      reason:
        "The lower bound rose by less than \(Figures.percent(Self.settledShare)) after iteration \(settled.iteration); "
        + "the stopping rule bound_stalling of config.json ends a training there by itself.")
  }

  private var cutSelection: Advice? {
    guard hasCutSelection == false, let share = growthShare, let first = firstPace, let last = lastPace, last > first
    else { return nil }
    return Advice(
      option: "training.cut_selection", value: "level1", gain: share,
      reason:
        "An iteration took \(Figures.duration(first)) at first and \(Figures.duration(last)) at the end, with up to "
        + "\(cuts.max() ?? 0) cuts a stage and cut selection off. The gain is what is saved at most.")
  }

  private var otherWork: Advice? {
    let share = totals.otherSeconds / totals.elapsedSeconds
    guard share >= Self.leastOtherShare else { return nil }
    let isUpperBound = hasUpperBound == true
    return Advice(
      option: isUpperBound ? "upper_bound_evaluation.interval_iterations" : "policy.checkpointing.interval_iterations",
      value: "larger", gain: share / 2,
      reason: "\(Figures.percent(share)) of the training is neither forward nor backward pass: "
        + (isUpperBound ? "the deterministic upper bound, and " : "") + "writing cuts and checkpoints to disk. Half as "
        + "often takes half of it.")
  }

  private var numbers: Advice? {
    guard totals.solves > 0, Double(totals.retries) / Double(totals.solves) > 1e-4 else { return nil }
    var sentence = "\(totals.retries) of \(totals.solves) LPs needed more than one attempt."
    if let range = coefficients, range.upperBound / range.lowerBound > Self.wideRange {
      sentence +=
        " Their coefficients reach from \(Figures.text(range.lowerBound)) to \(Figures.text(range.upperBound)): look for "
        + "penalties and productivities that are out of scale."
    }
    return Advice(option: "case", value: "numbers of similar size", gain: nil, reason: sentence)
  }

  /// Sentences on the most important findings.
  package var findings: [String] {
    guard totals.elapsedSeconds > 0, totals.iterations > 0 else {
      return ["No iteration is complete, so there is nothing to judge yet."]
    }
    var list = [
      "Of \(Figures.duration(totals.elapsedSeconds)) of training \(share(totals.forwardSeconds)) went into forward passes, "
        + "\(share(totals.backwardSeconds)) into backward passes, \(share(totals.otherSeconds)) into the rest; "
        + "\(share(totals.waitSeconds)) were spent waiting for other ranks."
    ]
    if let first = firstPace, let last = lastPace, first > 0 {
      let ratio = last / first
      list.append(
        "An iteration took \(Figures.duration(first)) in the first tenth and \(Figures.duration(last)) in the last one"
          + (ratio > 1.25
            ? ": \(Figures.text(ratio)) times as long."
            : ratio < 0.8 ? ", so they became faster." : ", about the same."))
    }
    if let imbalance, imbalance > 1.1 {
      list.append("The busiest rank solved \(Figures.percent(imbalance - 1)) more LPs than the mean.")
    }
    if let range = coefficients, range.upperBound / range.lowerBound > Self.wideRange {
      list.append(
        "Coefficients of the stage LPs reach from \(Figures.text(range.lowerBound)) to \(Figures.text(range.upperBound)), "
          + "which costs digits.")
    }
    if let load { list.append(load.sentence(isRunning: !run.state.isFinal)) }
    return list
  }

  private func share(_ seconds: Double) -> String { Figures.percent(seconds / totals.elapsedSeconds) }

  /// Whether the run is converged, in words with numbers.
  package var convergence: String {
    guard run.lowerBound != nil else { return "Nothing is known of convergence: there is no lower bound yet." }
    var sentences = [RunVerdict.sentence(run) ?? RunVerdict.gap(run)]
    if let lastGain {
      sentences.append(
        "Over the last tenth of the iterations the lower bound rose by \(Figures.percent(lastGain))"
          + (lastGain < Self.settledShare ? ", so that more iterations will hardly move it." : ": it is still moving."))
    } else {
      sentences.append("There are fewer than ten iterations, too few to see whether the bound has settled.")
    }
    return sentences.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
