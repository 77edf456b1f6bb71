import CobreBase
import Foundation

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// A run computed in this process and left where a server finds it.
struct StoredRun {
  let id: String

  /// - Parameters:
  ///   - runsDirectory: created if it is missing.
  ///   - template: the case, written into `caseDirectory` if that does not exist yet.
  ///   - caseDirectory: its directory.
  ///   - iterations: 0 for a run that has not computed anything yet.
  ///   - scenarios: 0 for no simulation.
  ///   - detail: what is stored of the simulation.
  ///   - state: how it ended, or `running`.
  /// - Throws: what the engine throws.
  init(
    in runsDirectory: String, template: CaseTemplate = .fourAreas, caseDirectory: String, iterations: Int = 3,
    scenarios: Int = 10, detail: SimulationDetail = .statistics, state: RunState = .succeeded
  ) throws {
    if !FileManager.default.fileExists(atPath: caseDirectory) { _ = try template.write(to: caseDirectory) }
    id = RunIdentifier.make()
    let directory = RunDirectory(runsDirectory: runsDirectory, runID: id)
    try Disk.createDirectory(directory.path)
    let input = try CaseInput(directory: caseDirectory)
    let request = RunRequest(
      caseDirectory: caseDirectory, iterations: max(1, iterations), forwardPasses: 2, simulateScenarios: scenarios,
      simulationDetail: detail)
    let settings = RunSettings(request, configuration: input.study.configuration)
    let store = try RunStore.open(directory.databasePath)
    try store.transition(to: .queued, at: 1)
    try store.beginAttempt(supervisor: ProcessTable.current(), at: 1, uptime: 1)
    try store.transition(to: .starting, at: 2)
    try RunManifest(
      runID: id, createdAt: Clocks.wall(), engineVersion: engineVersion, request: request, caseHash: input.hash.text,
      settings: settings, backend: "local", backendReason: "It is a test.", workers: 1, warnings: []
    ).write(to: directory.manifestPath)
    guard iterations > 0 else { return }
    _ = try RankProgram(
      directory: directory, settings: settings, study: input.study, communicator: LocalCommunicator()
    ).run()
    if state.isFinal { try store.finish(state, elapsed: 1, at: 5) }
  }
}
