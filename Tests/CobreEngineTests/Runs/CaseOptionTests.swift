import CobreTestSupport
import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Options of a run that change its case: what the case says with them, and that everything that follows knows of it.
@Suite struct CaseOptionTests {
  private let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func template(_ template: CaseTemplate) throws -> String {
    let directory = home.path + "/" + template.rawValue
    _ = try template.write(to: directory)
    return directory
  }

  private func run(_ request: RunRequest, _ name: String) throws -> RunEvidence {
    let path = home.path + "/" + name
    _ = try DirectRun(request: request, home: .directory(path)).run(
      connect: { _ in LocalCommunicator() }, observe: { _ in true })
    return try RunEvidence(RunDirectory(path: path))
  }

  /// The template has a combination of three measures: nothing of it is left.
  @Test func aRiskMeasureTakesThePlaceOfThatOfEveryStage() throws {
    let directory = try template(.riskAverse)
    let plain = try CaseInput(RunRequest(caseDirectory: directory), bounds: .anywhere)
    for (word, measure) in [
      ("expectation", RiskMeasure.expectation), ("cvar:0.1:0.5", .cvar(alpha: 0.1, lambda: 0.5)),
      ("entropic:0.001", .entropic(gamma: 0.001)),
    ] {
      let request = RunRequest(caseDirectory: directory).with(.riskMeasure, .string(word))
      let input = try CaseInput(request, bounds: .anywhere)
      #expect(input.study.stages.allSatisfy { $0.riskMeasure == measure }, "\(word)")
      #expect(input.hash.text != plain.hash.text && input.trainingHash.text != plain.trainingHash.text)
    }
    #expect(throws: InvalidCaseError.self) {
      try CaseInput(RunRequest(caseDirectory: directory).with(.riskMeasure, "cvar:0.1:7"), bounds: .anywhere)
    }
  }

  /// 5 % a year: the factor of d days is 1.05^(−d/365.25).
  @Test func aDiscountRateIsThatOfTheCase() throws {
    let directory = try template(.singleHydro)
    let input = try CaseInput(RunRequest(caseDirectory: directory).with(.discountRate, 0.05), bounds: .anywhere)
    for stage in input.study.stages.indices {
      let expected: Double = pow(1.05, -Double(input.study.stages[stage].days) / 365.25)
      let distance: Double = abs(input.study.discountFactor(stage: stage) - expected)
      #expect(distance < 1e-12)
    }
  }

  /// The same bounds and costs as those of a case whose file says so.
  @Test func aRunIsThatOfTheEditedCase() throws {
    let directory = try template(.singleHydro)
    let edited = home.path + "/edited"
    try FileManager.default.copyItem(atPath: directory, toPath: edited)
    let patch = """
      [{"file": "stages.json", "at": "stages[*]", "merge": {"risk_measure": {"cvar": {"alpha": 0.2, "lambda": 0.7}}}},
       {"file": "stages.json", "merge": {"policy_graph": {"annual_discount_rate": 0.15}}}]
      """
    _ = try CaseEditor().edit(
      edited, CaseEdit.list(JSONParser.parse(Array(patch.utf8)).array ?? []), CaseEditor.Options())
    let options = RunRequest(
      caseDirectory: directory, iterations: 3, simulateScenarios: 5
    ).with(.riskMeasure, "cvar:0.2:0.7").with(.discountRate, 0.15)
    let one = try run(options, "options")
    let other = try run(RunRequest(caseDirectory: edited, iterations: 3, simulateScenarios: 5), "files")
    #expect(one.snapshot.lowerBound == other.snapshot.lowerBound)
    #expect(one.snapshot.simulation == other.snapshot.simulation)
    let plain = try run(RunRequest(caseDirectory: directory, iterations: 3, simulateScenarios: 5), "plain")
    #expect(plain.snapshot.lowerBound != one.snapshot.lowerBound)
    // Readers find the case as it was computed, and comparisons name what differs.
    #expect(try one.requiredStudy().graph.annualDiscountRate == 0.15)
    let comparison = try RunComparison([plain, one])
    #expect(comparison.optionDifferences["risk_measure"] == ["as in the case", "cvar:0.2:0.7"])
    #expect(comparison.optionDifferences["discount_rate"] == ["as in the case", 0.15])
    let said: [String] = comparison.json["summary"]?.array?.compactMap(\.string) ?? []
    #expect(said.contains { $0.contains("discount otherwise") && $0.contains("15 %") }, "\(said)")
    // What goes on from it has the same case; another rate is another training.
    let continued = try run(
      RunRequest(caseDirectory: "", iterations: 4, simulateScenarios: 0, continuedRun: home.path + "/options"),
      "continued")
    #expect(try continued.requiredStudy().graph.annualDiscountRate == 0.15)
    #expect(throws: (any Error).self) {
      try run(
        RunRequest(
          caseDirectory: "", iterations: 4, simulateScenarios: 0, continuedRun: home.path + "/options"
        ).with(.discountRate, 0.2),
        "refused")
    }
  }

  @Test func casesThatDiscountAlikeAreNotCalledDifferent() throws {
    let directory = try template(.singleHydro)
    let one = try run(RunRequest(caseDirectory: directory, iterations: 1, simulateScenarios: 2), "one")
    let other = try run(
      RunRequest(caseDirectory: directory, iterations: 1, simulateScenarios: 2).with(.riskMeasure, "worst_case"),
      "other")
    let said: [String] = try RunComparison([one, other]).json["summary"]?.array?.compactMap(\.string) ?? []
    #expect(!said.contains { $0.contains("discount otherwise") })
  }
}

extension RunRequest {
  /// The request with a value of an option.
  func with(_ option: RunOption, _ value: JSONValue) -> RunRequest {
    var request = self
    option.set(&request, value)
    return request
  }
}
