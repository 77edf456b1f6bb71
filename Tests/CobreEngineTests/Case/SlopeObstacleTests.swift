import CobreBase
import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// What keeps penalties from bounding slopes is known before any training.
@Suite struct SlopeObstacleTests {
  private func study(_ edit: (inout CaseDraft) -> Void) throws -> StudyCase {
    var draft = CaseDraft.valley
    edit(&draft)
    let report = draft.read()
    return try #require(report.study, "\(report.findings)")
  }

  private func findings(_ edit: (inout CaseDraft) -> Void) -> [Int] {
    var draft = CaseDraft.valley
    edit(&draft)
    return draft.read().errors.map(\.code)
  }

  @Test func aSlopeFromTheUserLiftsIt() throws {
    let study = try study {
      $0.truncateLags()
      $0.set(F.config, "upper_bound_evaluation", ["enabled": true, "lipschitz": ["fallback_value": 5000.0]])
    }
    let slopes = try LipschitzBounds(study: study, process: InflowProcess(study: study)).slopes
    #expect(!slopes.isEmpty && slopes.allSatisfy { $0 == 5000 })
  }

  /// Whatever the rule lets through has slopes, and what it refuses has none.
  @Test func theRuleSaysWhatTheTrainingWould() throws {
    for method in ["none", "penalty", "truncation", "truncation_with_penalty"] {
      let refused = findings {
        $0.rememberInflow()
        $0.set(F.config, "modeling.inflow_non_negativity.method", .string(method))
        $0.set(F.config, "upper_bound_evaluation", ["enabled": true])
      }
      let plain = try study {
        $0.rememberInflow()
        $0.set(F.config, "modeling.inflow_non_negativity.method", .string(method))
      }
      let fails = (try? LipschitzBounds(study: plain, process: InflowProcess(study: plain))) == nil
      #expect(refused == (fails ? [568] : []), "\(method)")
      if method.hasPrefix("truncation") { #expect(fails) }
    }
  }

  @Test func anEvaluationThatIsNeverMadeNeedsNothing() {
    #expect(
      findings {
        $0.truncateLags()
        $0.set(F.config, "upper_bound_evaluation", ["enabled": true])
        $0.set(F.config, "training.enabled", false)
      }.isEmpty)
    #expect(
      findings {
        $0.truncateLags()
        $0.set(F.config, "simulation", ["enabled": false, "policy_type": "inner"])
      }.isEmpty)
  }

  /// A number of scenarios that comes as an option.
  @Test func theOptionIsRefusedWithTheCase() throws {
    let study = try study {
      $0.truncateLags()
      $0.set(F.config, "simulation", ["enabled": false, "policy_type": "inner"])
    }
    try RunRequest(caseDirectory: "/case").check(against: study)
    let error = #expect(throws: RunError.self) {
      try RunRequest(caseDirectory: "/case", simulateScenarios: 5).check(against: study)
    }
    #expect(error?.code == .invalidRequest && error?.message.contains("fallback_value") == true)
  }
}
