import CobreTestSupport
import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Runs that write a policy, and others that start from it, through the rank's whole program.
@Suite struct PolicyRunTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory() }

  private func text(_ members: String) throws -> CaseText {
    var text = RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 2).text
    let plain = try #require(text.files["config.json"])
    text.files["config.json"] = plain.replacing("{", with: "{" + members, maxReplacements: 1)
    return text
  }

  /// Runs a case in a directory of its own and returns its store.
  @discardableResult
  private func run(
    _ name: String, _ text: CaseText, iterations: Int, scenarios: Int = 0, detail: SimulationDetail? = nil,
    expecting reason: StopReason = .iterationLimit
  ) throws -> RunStore {
    let directory = RunDirectory(path: root.path + "/" + name)
    try Disk.createDirectory(directory.path)
    let settings = RunSettings(
      iterations: iterations, forwardPasses: 2, timeLimitSeconds: nil, seed: nil, simulateScenarios: scenarios,
      restarts: 0, simulationDetail: detail)
    let program = RankProgram(
      directory: directory, settings: settings, study: try text.study(), communicator: LocalCommunicator())
    #expect(try program.run().stopReason == reason)
    return try RunStore.openForReading(directory.databasePath)
  }

  @Test func laterRunsStartFromThePolicy() throws {
    let first = try run("first", text(""), iterations: 6)
    let bound = try #require(try first.convergence(since: 5).first?.lowerBound)
    let path = root.path + "/first/policy"

    let warm = try run("warm", text("\"policy\":{\"path\":\"\(path)\",\"mode\":\"warm_start\"},"), iterations: 2)
    let rows = try warm.convergence(since: 0)
    #expect(rows.map(\.iteration) == [1, 2])
    #expect(try #require(rows[0].lowerBound) >= bound - 1e-9 * abs(bound))
    #expect(try warm.cuts()[0].intercepts.count == (6 + 2) * 2)

    let resumed = try run("resumed", text("\"policy\":{\"path\":\"\(path)\",\"mode\":\"resume\"},"), iterations: 8)
    #expect(try resumed.convergence(since: 0).map(\.iteration) == [7, 8])

    // A run that breaks off after a warm start goes on from its own checkpoint.
    let again = try run("warm", text("\"policy\":{\"path\":\"/gone\",\"mode\":\"warm_start\"},"), iterations: 3)
    #expect(try again.convergence(since: 0).map(\.iteration) == [1, 2, 3])

    let only = "\"policy\":{\"path\":\"\(path)\"},"
    var simulated = try text(only)
    simulated.files["config.json"] = simulated.files["config.json"]?.replacing(
      "\"training\": {", with: "\"training\": {\"enabled\":false,", maxReplacements: 1)
    try #require(simulated.files["config.json"]?.contains("\"enabled\":false") == true)
    let store = try run("only", simulated, iterations: 1, scenarios: 20, expecting: .trainingDisabled)
    #expect(try store.convergence(since: 0).isEmpty)
    #expect(try store.simulatedCosts().count == 20)
  }

  @Test func aPolicyThatIsNotThereIsAFaultOfTheCase() throws {
    let error = #expect(throws: RankFailure.self) {
      try run("none", text("\"policy\":{\"path\":\"/nowhere\",\"mode\":\"warm_start\"},"), iterations: 1)
    }
    #expect(error?.kind == .invalidCase)
    #expect(error?.message.contains("/nowhere") == true)
  }

  @Test func figuresAreKeptAsAskedFor() throws {
    let plain = try run("plain", text(""), iterations: 2, scenarios: 5)
    let study = try text("").study()
    let storages = try plain.simulatedMeans(.hydro, "storage", id: study.hydros[0].id)
    #expect(storages.count == study.stages.count)
    #expect(storages.allSatisfy { $0.map { $0 >= 0 } == true })
    #expect(try plain.simulatedValueCount() == 0)

    let stages = try run("stages", text(""), iterations: 2, scenarios: 5, detail: .stages)
    let perScenario = try stages.simulatedValueCount()
    let blocks = try run("blocks", text(""), iterations: 2, scenarios: 5, detail: .blocks)
    #expect(perScenario > 0 && perScenario % 5 == 0)
    #expect(try blocks.simulatedValueCount() > perScenario)
    #expect(try stages.simulatedMeans(.system, "cost", id: 0) == plain.simulatedMeans(.system, "cost", id: 0))
  }

  @Test func aRunBelowARelativePathWritesItsPolicyIntoItselfAlone() throws {
    var settings = try text("").study().configuration.policy
    let run = RunDirectory(path: "runs/new")
    let here = FileManager.default.currentDirectoryPath + "/runs/new"
    settings.path = "./policies/august"
    #expect(PolicyExchange.output(settings, run).path == here + "/policies/august")
    for outside in ["../old/policy", "policy/../../old/policy", "/nowhere/policy"] {
      settings.path = outside
      let (path, note) = PolicyExchange.output(settings, run)
      #expect(path == here + "/policy" && note != nil, "\(path)")
    }
  }
}
