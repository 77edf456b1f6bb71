package import CobreCase

/// In which part of their range reservoirs end the stages of the next forward pass.
///
/// While cuts are few, a forward pass empties reservoirs whose water seems to be worth nothing, and visits states that no
/// good policy comes to. With many reservoirs there are so many of these that most iterations cut them away. So
/// trajectories stay near the states that those of the iteration before have visited on average, in a box that takes a
/// share of the range of each reservoir: a regularised forward pass (Ruszczyński 1986; Asamov, Powell 2018, with a
/// quadratic term in place of the box). The box is wide at first, where nothing is known yet. Once the bound rises slowly
/// it grows again, until all of the range is open, so that training converges as it does without.
package struct RegionRule: Sendable, Equatable {
  /// Share of the range that boxes take once something is known, within (0, 1), or nil where all of it is open from the
  /// beginning.
  package let first: Double?
  /// What the bound must rise over `window` iterations so that the share stays, relative.
  private let leastRise: Double

  /// Measured (`Decisions/RegularisedForwardPasses.md`).
  package static let fewestReservoirs = 8
  package static let fewestStages = 8
  package static let first = 0.1
  /// How many times as wide boxes are in the second iteration, and what each iteration takes off that.
  package static let wide = 3.0
  package static let narrowing = 0.7
  package static let growth = 1.5
  package static let window = 4
  package static let leastRise = 1e-4

  /// - Parameters:
  ///   - first: share of the range; nil, or 1, for all of it.
  ///   - slowRise: rise of the bound for an iteration below which a stopping rule calls it stalled, relative.
  package init(first: Double?, slowRise: Double = 0) {
    self.first = first.flatMap { $0 < 1 ? $0 : nil }
    // A rule that is content with a slower bound must not wait for a region that opens later.
    leastRise = max(Self.leastRise, slowRise * Double(Self.window))
  }

  /// The rule of a training; all of the range is open where `trialRegionObstacle` names a reason.
  package init(study: StudyCase, options: TrainingOptions) {
    let isLarge = Self.isLarge(reservoirs: Self.reservoirs(of: study), stages: study.stages.count)
    let slow = options.otherRules.compactMap { ($0.condition as? any ConvergenceCondition)?.slowRise }.max() ?? 0
    let asked = options.trialRegion ?? (isLarge ? Self.first : nil)
    self.init(first: study.trialRegionObstacle == nil ? asked : nil, slowRise: slow)
  }

  /// Whether boxes pay where the case says nothing: with few stages the bound rises slowly for long, and what they leave
  /// out is missed.
  static func isLarge(reservoirs: Int, stages: Int) -> Bool {
    reservoirs >= fewestReservoirs && stages >= fewestStages
  }

  /// Plants whose storage may differ in some stage.
  private static func reservoirs(of study: StudyCase) -> Int {
    study.hydros.indices.count { hydro in
      study.stages.indices.contains { stage in
        let limits = study.limits(stage: stage, hydro: hydro)
        return limits.minStorage < limits.maxStorage
      }
    }
  }

  /// The share in the next iteration, or nil for all of the range: a function of the lower bounds by iteration alone.
  package func share(after bounds: [Double]) -> Double? {
    // The first iteration has visited nothing yet to stay near to.
    guard !bounds.isEmpty, let first, let share = grown(bounds).share else { return nil }
    var early = first * Self.wide
    for _ in bounds.dropFirst() where early > share { early *= Self.narrowing }
    return min(1, max(share, early))
  }

  /// How many of the last iterations have walked through all of the range.
  package func openIterations(_ bounds: [Double]) -> Int { bounds.count - grown(bounds).confined }

  /// The share after all bounds, and the iterations up to the last one that did not walk through all of the range.
  private func grown(_ bounds: [Double]) -> (share: Double?, confined: Int) {
    guard var share = first else { return (nil, 0) }
    for (index, (earlier, later)) in zip(bounds, bounds.dropFirst(Self.window)).enumerated() {
      // A bound that is no number does not rise.
      guard !(later - earlier >= leastRise * abs(later)) else { continue }
      share *= Self.growth
      if share >= 1 { return (nil, index + Self.window + 1) }
    }
    return (share, bounds.count)
  }
}
