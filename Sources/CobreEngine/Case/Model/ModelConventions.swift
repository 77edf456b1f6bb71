/// How the stage problem reads what the case formats define differently.
///
/// Each field names one rule, so that the mathematics never asks from which format a case comes.
package struct ModelConventions: Sendable, Equatable {
  /// How evaporation follows from the monthly depths of a plant.
  package enum EvaporationRule: Sendable, Equatable {
    /// The whole depth of the month of the season id falls on the stage; the flow has one value per stage and is not
    /// negative.
    case stageDepth
    /// The month is that of the stage's first day, and its depth is spread over the hours of that calendar month; the
    /// flow may be negative (rain), and chronological blocks have one each.
    case calendarMonth
  }

  /// Whether every plant pays for turbined flow; otherwise only those with production planes.
  package var chargesAllTurbinedFlow: Bool
  /// Whether diverted water counts in the limits of the outflow.
  package var countsDiversionAsOutflow: Bool
  /// Whether a withdrawal of either sign can be missed both ways: less than all of it, or more without limit.
  package var hasSignedWithdrawal: Bool
  package var evaporationRule: EvaporationRule
  /// Whether the minimum flows of a plant out of service are still asked for, and its withdrawal goes on downstream.
  package var keepsDutiesOfAbsentPlants: Bool
  /// Whether inflows without deviation are truncated too.
  package var truncatesCertainInflow: Bool
  /// Whether lags remember inflows as the model gives them, even where the balances use truncated ones.
  package var keepsRawLags: Bool
  /// Whether truncation with penalty buys the water that is missing to 0 and no more.
  package var limitsVirtualInflow: Bool
  /// Whether the load of a bus that varies in some stage is at least 0 in all of them.
  package var clampsLoadOfVaryingBuses: Bool

  /// Those of our own case format.
  package static let cobre = ModelConventions(
    chargesAllTurbinedFlow: false, countsDiversionAsOutflow: true, hasSignedWithdrawal: false,
    evaporationRule: .stageDepth, keepsDutiesOfAbsentPlants: false, truncatesCertainInflow: false, keepsRawLags: false,
    limitsVirtualInflow: false, clampsLoadOfVaryingBuses: false)

  /// Those of Novomodelo 0.19.
  package static let novomodelo = ModelConventions(
    chargesAllTurbinedFlow: true, countsDiversionAsOutflow: false, hasSignedWithdrawal: true,
    evaporationRule: .calendarMonth, keepsDutiesOfAbsentPlants: true, truncatesCertainInflow: true, keepsRawLags: true,
    limitsVirtualInflow: true, clampsLoadOfVaryingBuses: true)
}
