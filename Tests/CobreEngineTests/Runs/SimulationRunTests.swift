import CobreTestSupport
import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Runs that simulate the policy of another run.
@Suite struct SimulationRunTests {
  private let root: TemporaryDirectory
  private let text = RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 2).text

  init() throws { root = try TemporaryDirectory() }

  private func run(
    _ name: String, scenarios: Int, policy: SimulatedPolicy? = nil, seed: Int64? = nil, study: StudyCase? = nil
  ) throws -> RunStore {
    let directory = RunDirectory(path: root.path + "/" + name)
    try Disk.createDirectory(directory.path)
    var settings = RunSettings(
      iterations: policy == nil ? 5 : 0, forwardPasses: 2, timeLimitSeconds: nil, seed: seed,
      simulateScenarios: scenarios, restarts: 0)
    settings.policy = policy
    let program = RankProgram(
      directory: directory, settings: settings, study: try study ?? text.study(), communicator: LocalCommunicator())
    #expect(try program.run().stopReason == (policy == nil ? .iterationLimit : .trainingDisabled))
    return try RunStore.openForReading(directory.databasePath)
  }

  private func policy(scheme: ScenarioSource.Scheme? = nil, seed: Int64? = nil) -> SimulatedPolicy {
    SimulatedPolicy(run: "first", path: root.path + "/first/policy/policy.sqlite", scheme: scheme, seed: seed)
  }

  @Test func theSameScenariosCostTheSameToTheLastBit() throws {
    let first = try run("first", scenarios: 12, seed: 3)
    let again = try run("again", scenarios: 12, policy: policy(), seed: 3)
    #expect(try again.simulatedCosts() == first.simulatedCosts())
    #expect(try again.convergence(since: 0).isEmpty)
    // The first scenarios of a larger number are the same ones.
    #expect(
      try run("more", scenarios: 15, policy: policy(), seed: 3).simulatedCosts().prefix(12).elementsEqual(
        first.simulatedCosts()))
  }

  @Test func anotherSeedOrSchemeGivesOtherScenarios() throws {
    let first = try run("first", scenarios: 12, seed: 3).simulatedCosts()
    let other = try run("seed", scenarios: 12, policy: policy(seed: 8), seed: 3).simulatedCosts()
    #expect(other != first)
    #expect(try run("seed2", scenarios: 12, policy: policy(seed: 8), seed: 3).simulatedCosts() == other)
  }

  @Test func freshNoiseIsOtherThanThatOfTheTree() throws {
    let study = try CaseText(CaseTemplate.singleHydro.files()).study()
    let tree = try run("first", scenarios: 12, study: study).simulatedCosts()
    let fresh = try run("fresh", scenarios: 12, policy: policy(scheme: .outOfSample, seed: 8), study: study)
    #expect(try fresh.simulatedCosts() != tree)
    #expect(Set(try fresh.simulatedCosts().compactMap { $0 }).count == 12)
  }

  @Test func theCaseIsAdaptedToTheSchemeAsFarAsItHasTheData() throws {
    let study = try text.study()
    var settings = RunSettings(
      iterations: 0, forwardPasses: 1, timeLimitSeconds: nil, seed: nil, simulateScenarios: 1, restarts: 0)
    #expect(settings.adapted(study).configuration == study.configuration)
    settings.policy = policy(scheme: .outOfSample, seed: 5)
    let fresh = settings.adapted(study).configuration
    #expect(!fresh.training.enabled && fresh.policy.path == policy().path)
    #expect(fresh.simulation.scenarioSource.seed == 5)
    #expect(NoiseClass.allCases.allSatisfy { fresh.simulation.scenarioSource.scheme($0) == .outOfSample })
    settings.policy = policy(scheme: .historical)
    let past = settings.adapted(study).configuration.simulation.scenarioSource
    #expect(past.inflow == .historical && past.load == .inSample && past.ncs == .inSample)
    settings.policy = policy(scheme: .external)
    #expect(settings.adapted(study).configuration.simulation.scenarioSource.isInSample)
  }
}
