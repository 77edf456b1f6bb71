import CobreTestSupport
import Foundation

@testable import CobreBase
@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// A run computed in this process, to be asked about.
struct AskedRun {
  let evidence: RunEvidence

  /// - Parameters:
  ///   - caseDirectory: of the case.
  ///   - home: directory in which the run's own is made.
  ///   - name: of that.
  ///   - iterations: of the training.
  ///   - scenarios: of the simulation.
  /// - Throws: what the engine throws.
  init(
    _ caseDirectory: String, in home: TemporaryDirectory, name: String = "run", iterations: Int = 3, scenarios: Int = 6
  )
    throws
  {
    var request = RunRequest(caseDirectory: caseDirectory, iterations: iterations, simulateScenarios: scenarios)
    request.simulationDetail = .blocks
    let path = home.path + "/" + name
    _ = try DirectRun(request: request, home: .directory(path)).run(
      connect: { _ in LocalCommunicator() }, observe: { _ in true })
    evidence = try RunEvidence(RunDirectory(path: path))
  }

  /// A run of a template.
  init(template: CaseTemplate, in home: TemporaryDirectory, iterations: Int = 3, scenarios: Int = 6) throws {
    let directory = home.path + "/case-\(template.rawValue)"
    _ = try template.write(to: directory)
    try self.init(
      directory, in: home, name: "run-\(template.rawValue)", iterations: iterations, scenarios: scenarios)
  }

  /// The example of one reservoir with thermal plants of 1 MW, so that most of its load of 48 MW is not served.
  init(shortOfPowerIn home: TemporaryDirectory, scenarios: Int) throws {
    let directory = home.path + "/short"
    try FileManager.default.copyItem(
      atPath: ReferenceCollection.packageRoot + "/examples/single-hydro", toPath: directory)
    let path = directory + "/system/thermals.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing(/"max_mw": *[0-9.]+/, with: "\"max_mw\": 1.0").write(
      toFile: path, atomically: true, encoding: .utf8)
    try self.init(directory, in: home, name: "run-short", iterations: 2, scenarios: scenarios)
  }

  /// The same example with a thermal plant that must run at 12 MW in the second stage, under a cap of 10 MW: a run that
  /// failed.
  init(contradictoryIn home: TemporaryDirectory) throws {
    let directory = home.path + "/contradictory"
    try FileManager.default.copyItem(
      atPath: ReferenceCollection.packageRoot + "/examples/single-hydro", toPath: directory)
    try FileManager.default.createDirectory(atPath: directory + "/constraints", withIntermediateDirectories: true)
    let limits = [
      ("MUST_RUN", "thermal_generation(1)", ">="), ("SMOG", "thermal_generation(1) + thermal_generation(2)", "<="),
      ("LOOSE", "thermal_generation(2)", "<="),
    ]
    let constraints: [JSONValue] = limits.enumerated().map { index, limit in
      [
        "id": .int(Int64(index + 1)), "name": .string(limit.0), "expression": .string(limit.1),
        "sense": .string(limit.2), "slack": ["enabled": false],
      ]
    }
    try JSONValue.object(["constraints": .array(constraints)]).text().write(
      toFile: directory + "/constraints/generic_constraints.json", atomically: true, encoding: .utf8)
    try "constraint_id,stage_id,bound\n1,1,12\n2,1,10\n3,1,50\n".write(
      toFile: directory + "/constraints/generic_constraint_bounds.csv", atomically: true, encoding: .utf8)
    let path = home.path + "/run-contradictory"
    do {
      _ = try DirectRun(
        request: RunRequest(caseDirectory: directory, iterations: 2, simulateScenarios: 0), home: .directory(path)
      ).run(connect: { _ in LocalCommunicator() }, observe: { _ in true })
    } catch is TrainingError {
      // That is what it is for.
    }
    evidence = try RunEvidence(RunDirectory(path: path))
  }
}
