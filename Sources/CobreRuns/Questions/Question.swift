package import CobreBase
package import CobreCase
internal import CobreEngine
internal import Foundation

/// A question about runs or a case, with everything that its answer depends on.
///
/// The commands of the worker answer it themselves. The server has it answered by a process of its own
/// (`AnswerProcess`), so that no long LP and no fault in one stops the server.
package enum Question: Codable, Sendable {
  /// What sets a price (`PriceExplanation`).
  case price(PriceExplanation.Request)
  /// Who pays what (`CostExplanation`).
  case cost(ReplayScope)
  /// Why a limit is missed (`ViolationExplanation`), or why the run has failed (`InfeasibilityExplanation`).
  case violation(ReplayScope)
  /// How long a training takes (`RunEstimate`), compared with the run, if there is one.
  case estimate(RunRequest)
  /// How to fit a training into its budget (`RunBudget`).
  case budget(RunRequest)
  /// What a report of the runs shows (`RunReport`).
  case report

  /// The answer.
  ///
  /// - Parameters:
  ///   - runs: what is asked about; explanations take the first.
  ///   - bounds: where cases may be.
  /// - Returns: its members.
  /// - Throws: `RunError`, `InvalidCaseError`, and what solving throws.
  package func answer(_ runs: [RunEvidence], bounds: CaseBounds = .anywhere) throws -> JSONObject {
    if case .estimate(let request) = self {
      return try RunEstimate(request, bounds: bounds).json(comparedWith: runs.first)
    }
    if case .budget(let request) = self {
      let decision = try BudgetDecision(fitting: request, bounds: bounds)
      return try JSONParser.parse(Array(JSONEncoder().encode(decision))).object ?? [:]
    }
    guard let run = runs.first else { throw RunError(.invalidRequest, "No run was named.") }
    return switch self {
    case .price(let request): try PriceExplanation(request, run, bounds: bounds).json
    case .cost(let scope): try CostExplanation(run, scope, bounds: bounds).json
    case .violation(let scope) where InfeasibilityExplanation.concerns(run):
      try InfeasibilityExplanation(run, seconds: scope.seconds, bounds: bounds).json
    case .violation(let scope): try ViolationExplanation(run, scope, bounds: bounds).json
    case .estimate, .budget, .report: try RunReport(runs, bounds: bounds).document()
    }
  }

  /// Longest time that a process gets for the answer, in s.
  ///
  /// Reading a large case and its policy takes some of it, so it is more than what a walk through scenarios gets.
  var seconds: Double {
    switch self {
    case .price(let request): request.seconds + Self.readingSeconds
    case .cost(let scope), .violation(let scope): scope.seconds + Self.readingSeconds
    case .estimate, .budget, .report: Self.longSeconds
    }
  }

  private static let readingSeconds = 20.0
  /// An estimate makes one iteration in any case.
  private static let longSeconds = 300.0
}

/// Which part of a run's simulation is walked through again.
package struct ReplayScope: Codable, Sendable, Equatable {
  /// Only this one; nil for all.
  package var stage: Int?
  /// At most so many.
  package var scenarios: Int
  /// Time at most.
  package var seconds: Double

  package init(stage: Int? = nil, scenarios: Int = 200, seconds: Double = 40) {
    self.stage = stage
    self.scenarios = scenarios
    self.seconds = seconds
  }
}
