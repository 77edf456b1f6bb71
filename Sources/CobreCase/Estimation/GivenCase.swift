/// A case as its files give it: what it leaves to its history is still missing from its tables.
///
/// Builders make it and rules judge it. The reader hands out only what `resolved` returns, so that everywhere outside
/// of reading a `StudyCase` has its inflow model in all stages. Only this module and tests, which change cases, make
/// one.
package struct GivenCase {
  /// What the files give.
  package let tables: StudyCase
  private var known: StudyCase?

  package init(_ tables: StudyCase) { self.tables = tables }

  /// The case with an inflow model in all stages, computed once.
  ///
  /// What the case leaves to its history is estimated, and so is the correlation of the residuals if it gives none.
  /// Residual deviations that follow from the coefficients are derived if the conventions of the case require it. Only
  /// sensible without errors: before them the model could have any size.
  package mutating func resolved() -> StudyCase {
    if let known { return known }
    var study = tables.fittingHistory().derivingResiduals()
    study.hasInflowModel = true
    study.capHistoricalOpenings()
    known = study
    return study
  }

  /// First years of the windows of the history that have all plants in all stages and in the lags before them, ascending.
  mutating func completeYears() -> [Int] {
    let study = resolved()
    return HistoricalReplay.completeYears(study, InflowProcess(study: study))
  }
}

extension StudyCase {
  /// Openings that replay the past number at most its windows, which the lags of the inflow model decide.
  fileprivate mutating func capHistoricalOpenings() {
    // In the other format each opening draws its window.
    guard noiseGenerator != .streams, noiseOpenings == nil, inflowOpenings == nil, loadOpenings == nil,
      stages.contains(where: { $0.samplingMethod == .historicalResiduals })
    else { return }
    let windows = HistoricalReplay.completeYears(self, InflowProcess(study: self)).count
    guard windows > 0 else { return }
    for stage in stages.indices where stages[stage].samplingMethod == .historicalResiduals {
      stages[stage].openings = min(stages[stage].openings, windows)
    }
  }
}
