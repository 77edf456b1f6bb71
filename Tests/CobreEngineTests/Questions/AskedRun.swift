import CobreTestSupport
import Foundation

@testable import CobreEngine

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
}
