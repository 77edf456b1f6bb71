/// How the stage LP treats what the case formats define differently.
///
/// Each field names one rule, so that the mathematics never depends on the format of a case.
package struct ModelConventions: Sendable, Equatable {
  /// How evaporation follows from the monthly depths of a plant.
  package enum EvaporationRule: Sendable, Equatable {
    /// The season id gives the month.
    ///
    /// The stage takes a share of the month's depth, by its days in the calendar month. The flow has one value per
    /// stage, and rain adds water.
    case monthShare
    /// The stage's first day gives the month, whose depth is spread over the hours of that calendar month.
    ///
    /// The flow may be negative (rain), and each chronological block has its own.
    case calendarMonth
  }

  /// What truncation does to a negative inflow.
  package enum TruncationRule: Sendable, Equatable {
    /// A negative inflow of a series with a deviation is set to 0, for both balances and lags.
    case inflow
    /// Lags keep every inflow as the model gives it.
    ///
    /// The balance receives what is missing to 0, at a price if the method has one.
    case balance
  }

  /// How an inflow model is estimated from observations.
  package enum EstimationRule: Sendable, Equatable {
    /// Every season of the year is fitted, up to the same order.
    case everySeason
    /// Seasons of the study are fitted, and so are the seasons just before it, up to orders that fall by one for each
    /// period.
    ///
    /// The others have order 0. A season whose selected order begins with a negative coefficient keeps the annual
    /// coefficient fitted with it. Correlations leave out the annual component. Plants without residuals count as
    /// uncorrelated, and residuals of all seasons together are taken as they are.
    case studySeasons
  }

  /// Whether every plant pays for turbined flow.
  ///
  /// Otherwise only those with production planes.
  package var chargesAllTurbinedFlow: Bool
  /// Whether diverted water counts in the limits of the outflow.
  package var countsDiversionAsOutflow: Bool
  /// Whether a withdrawal of either sign can be missed both ways: less than all of it, or more without limit.
  package var hasSignedWithdrawal: Bool
  package var evaporationRule: EvaporationRule
  /// Whether the minima of a plant that is out of service or being filled still apply, and whether the withdrawal of a
  /// plant out of service continues downstream.
  package var keepsDutiesOfAbsentPlants: Bool
  /// Whether the water in the reservoir of a plant out of service counts in generic constraints.
  package var countsStorageOfAbsentPlants: Bool
  package var truncationRule: TruncationRule
  /// Whether residual deviations follow from the coefficients of an inflow model, whatever is given or fitted.
  package var derivesResiduals: Bool
  package var estimationRule: EstimationRule
  /// Whether lags start from observed windows, recent windows first and then windows of the history.
  package var seedsLagsFromWindows: Bool
  /// Whether a lag over a longer period without statistics takes those of the shorter periods in it; otherwise it drops
  /// out.
  package var takesLagStatisticsOfParts: Bool
  /// Whether training with external scenarios of a class draws its openings with the moments of those scenarios.
  package var openingsFollowExternalScenarios: Bool
  /// Whether the load of a bus that varies in some stage is at least 0 in all of them.
  package var clampsLoadOfVaryingBuses: Bool
  /// Whether virtual inflow is limited to what is negative, where a plant's inflow has no lags.
  package var limitsVirtualInflow: Bool
  /// Whether the penalties of the case bound the slopes of the future cost as the inner approximation needs it; derived
  /// for the project's own format only.
  package var penaltiesBoundSlopes: Bool

  /// The conventions of our own case format.
  package static let cobre = ModelConventions(
    chargesAllTurbinedFlow: false, countsDiversionAsOutflow: true, hasSignedWithdrawal: false,
    evaporationRule: .monthShare, keepsDutiesOfAbsentPlants: false, countsStorageOfAbsentPlants: false,
    truncationRule: .inflow, derivesResiduals: false, estimationRule: .everySeason, seedsLagsFromWindows: false,
    takesLagStatisticsOfParts: false, openingsFollowExternalScenarios: false, clampsLoadOfVaryingBuses: false,
    limitsVirtualInflow: true, penaltiesBoundSlopes: true)

  /// The conventions of Novomodelo 0.19.
  package static let novomodelo = ModelConventions(
    chargesAllTurbinedFlow: true, countsDiversionAsOutflow: false, hasSignedWithdrawal: true,
    evaporationRule: .calendarMonth, keepsDutiesOfAbsentPlants: true, countsStorageOfAbsentPlants: true,
    truncationRule: .balance, derivesResiduals: true, estimationRule: .studySeasons, seedsLagsFromWindows: true,
    takesLagStatisticsOfParts: true, openingsFollowExternalScenarios: true, clampsLoadOfVaryingBuses: true,
    limitsVirtualInflow: false, penaltiesBoundSlopes: false)
}
