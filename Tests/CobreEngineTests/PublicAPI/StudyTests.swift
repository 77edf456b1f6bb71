import CobreCase
import CobreEngine
import CobreTestSupport
import Foundation
import Testing

/// The public face, used as a program that links the library uses it (no `@testable`).
struct StudyTests {
  private static let example = ReferenceCollection.packageRoot + "/examples/single-hydro"
  /// Optimum of the nine-path tree as one linear program, in $: `examples/single-hydro/expected.json`.
  private static let optimum = 5_246_330.4

  private static func directory() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "study-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test func trainsToTheOptimumOfTheTree() throws {
    let study = try Study(directory: Self.example)
    #expect(study.hydros.map(\.name) == ["LAKE"])
    #expect(study.stateNames == ["storage[\(study.hydros[0].id)]"])
    #expect(study.initialState == [80])
    var seen: [Int] = []
    let policy = try study.train(iterations: 20, threads: 2) {
      seen.append($0.iteration)
      return true
    }
    #expect(seen == Array(1...20))
    #expect(abs(try #require(policy.lowerBound) - Self.optimum) < 1e-8 * Self.optimum)
    #expect(policy.stopReason == "iteration_limit")
  }

  /// The value of water is how much the future costs less with a little more of it.
  @Test func waterValuesAreDifferencesOfTheFutureCost() throws {
    let policy = try Study(directory: Self.example).train(iterations: 20)
    let low = try #require(policy.futureCost(afterStage: 0, at: [60]))
    let high = try #require(policy.futureCost(afterStage: 0, at: [60.001]))
    #expect(low.cost > high.cost)
    #expect(abs((low.cost - high.cost) / 0.001 - low.waterValues[0]) < 1e-3 * low.waterValues[0])
    #expect(policy.futureCost(afterStage: 0, at: [1, 2]) == nil)
    #expect(policy.futureCost(afterStage: 99) == nil)
    #expect(policy.cutCount(afterStage: 99) == 0)
  }

  @Test func savedPolicyIsTheSameOne() throws {
    let study = try Study(directory: Self.example)
    let policy = try study.train(iterations: 5)
    let place = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: place) }
    try policy.save(to: place)
    let loaded = try TrainedPolicy(contentsOf: place, for: study)
    #expect(loaded.cutCount(afterStage: 0) == policy.cutCount(afterStage: 0))
    #expect(loaded.futureCost(afterStage: 1)?.slopes == policy.futureCost(afterStage: 1)?.slopes)
    #expect(try loaded.simulate(scenarios: 20).costs == policy.simulate(scenarios: 20).costs)
    #expect(loaded.lowerBound == nil)
  }

  /// In-sample scenarios are drawn from the tree whose optimum is known, so their mean is an estimate of it.
  @Test func simulatedMeanLiesAroundTheOptimum() throws {
    let costs = try Study(directory: Self.example).train(iterations: 20).simulate(scenarios: 2000)
    #expect(costs.costs.count == 2000)
    #expect(abs(costs.mean - Self.optimum) < 2.5 * costs.halfWidth)
    #expect(costs.meanStorages.count == 3 && costs.meanStorages.allSatisfy { $0.count == 1 })
  }

  @Test func whatCannotBeDoneIsSaid() throws {
    let place = try Self.directory()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let refusal = #expect(throws: Study.InvalidCase.self) { _ = try Study(directory: place) }
    #expect(refusal?.findings.contains { $0.isError } == true)
    let study = try Study(directory: Self.example)
    let failure = #expect(throws: EngineFailure.self) { _ = try study.train(iterations: 0) }
    #expect(failure?.description == "iterations must be from 1 to 1000000; 0 was given.")
    #expect(throws: EngineFailure.self) { _ = try TrainedPolicy(contentsOf: place, for: study) }
    struct Mine: Error {}
    #expect(throws: Mine.self) { _ = try study.train(iterations: 3) { _ in throw Mine() } }
    #expect(try study.train(iterations: 9) { $0.iteration < 2 }.iterations.count == 2)
  }
}
