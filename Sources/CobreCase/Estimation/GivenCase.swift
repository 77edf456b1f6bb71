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
    known = study
    return study
  }
}
