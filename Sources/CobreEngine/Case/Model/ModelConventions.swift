/// How the stage problem reads what the case formats define differently.
///
/// Each field names one rule, so that the mathematics never asks from which format a case comes.
package struct ModelConventions: Sendable, Equatable {
  /// How evaporation follows from the monthly depths of a plant.
  package enum EvaporationRule: Sendable, Equatable {
    /// Of the depth of the month that the season id names, the stage takes its share of the calendar month by days; the
    /// flow has one value per stage, and rain adds water.
    case monthShare
    /// The month is that of the stage's first day, and its depth is spread over the hours of that calendar month; the
    /// flow may be negative (rain), and chronological blocks have one each.
    case calendarMonth
  }

  /// What truncation does to a negative inflow.
  package enum TruncationRule: Sendable, Equatable {
    /// An inflow with a deviation becomes 0 itself, for balances and lags alike.
    case inflow
    /// Lags remember every inflow as the model gives it; the balance gets what is missing to 0, at a price where the
    /// method has one.
    case balance
  }

  /// How an inflow model is estimated from observations.
  package enum EstimationRule: Sendable, Equatable {
    /// Every season of the year is fitted, up to the same order.
    case everySeason
    /// Seasons of the study are fitted, and those just before it up to orders that fall by one for each period; the others
    /// have order 0. A season whose selected order begins with a negative coefficient keeps the annual coefficient fitted
    /// with it. Correlations leave out the annual component; plants without residuals count as uncorrelated, and residuals
    /// of all seasons together are taken as they are.
    case studySeasons
  }

  /// Whether every plant pays for turbined flow; otherwise only those with production planes.
  package var chargesAllTurbinedFlow: Bool
  /// Whether diverted water counts in the limits of the outflow.
  package var countsDiversionAsOutflow: Bool
  /// Whether a withdrawal of either sign can be missed both ways: less than all of it, or more without limit.
  package var hasSignedWithdrawal: Bool
  package var evaporationRule: EvaporationRule
  /// Whether the minima of a plant that is out of service or being filled are still asked for, and the withdrawal of one
  /// out of service goes on downstream.
  package var keepsDutiesOfAbsentPlants: Bool
  package var truncationRule: TruncationRule
  /// Whether residual deviations follow from the coefficients of an inflow model, whatever is given or fitted.
  package var derivesResiduals: Bool
  package var estimationRule: EstimationRule
  /// Whether lags start from observed windows, recent ones first and then those of the history.
  package var seedsLagsFromWindows: Bool
  /// Whether training with external scenarios of a class draws its openings with the moments of those scenarios.
  package var openingsFollowExternalScenarios: Bool
  /// Whether the load of a bus that varies in some stage is at least 0 in all of them.
  package var clampsLoadOfVaryingBuses: Bool

  /// Those of our own case format.
  package static let cobre = ModelConventions(
    chargesAllTurbinedFlow: false, countsDiversionAsOutflow: true, hasSignedWithdrawal: false,
    evaporationRule: .monthShare, keepsDutiesOfAbsentPlants: false, truncationRule: .inflow,
    derivesResiduals: false, estimationRule: .everySeason, seedsLagsFromWindows: false,
    openingsFollowExternalScenarios: false, clampsLoadOfVaryingBuses: false)

  /// Those of Novomodelo 0.19.
  package static let novomodelo = ModelConventions(
    chargesAllTurbinedFlow: true, countsDiversionAsOutflow: false, hasSignedWithdrawal: true,
    evaporationRule: .calendarMonth, keepsDutiesOfAbsentPlants: true, truncationRule: .balance,
    derivesResiduals: true, estimationRule: .studySeasons, seedsLagsFromWindows: true,
    openingsFollowExternalScenarios: true, clampsLoadOfVaryingBuses: true)
}
