import CobreTestSupport
import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// A run that goes on from another one that has ended, against one long run.
@Suite struct ContinuedRunTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory() }

  /// Every cut and bound, bit for bit, with what a later run would start from.
  private struct Learnt: Equatable {
    var bounds: [[UInt64?]]
    var cuts: [CutBatch]
    var states: [Int: [Double]]
    var checkpoint: [UInt8]

    init(_ path: String) throws {
      let store = try RunStore.openForReading(path + "/run.sqlite")
      bounds = try store.convergence(since: 0).map { row in
        [row.lowerBound, row.upperBound, row.deterministicUpperBound, Double(row.iteration)].map { $0?.bitPattern }
      }
      let last = try #require(try store.latestCheckpoint())
      cuts = last.cuts
      states = last.states
      checkpoint = last.contents
    }
  }

  @discardableResult
  private func train(_ name: String, _ request: RunRequest) throws -> String {
    let path = root.path + "/" + name
    let run = DirectRun(request: request, home: .directory(path))
    _ = try run.run(connect: { _ in LocalCommunicator() }, observe: { _ in true })
    return path
  }

  /// A chain with lags and domination, a cycle of stages with an inner bound, a case with a budget of cuts.
  private func caseText(_ name: String) throws -> CaseText {
    switch name {
    case "chain":
      var text = RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 2).text
      let plain = try #require(text.files["config.json"])
      text.files["config.json"] = plain.replacing(
        "\"training\": {",
        with:
          "\"training\": {\"cut_selection\": {\"enabled\": true, \"method\": \"domination\", \"check_frequency\": 2},",
        maxReplacements: 1)
      return text
    default: return KnownProblem.seasons.text
    }
  }

  @Test(arguments: ["chain", "cycle"])
  func goingOnGivesTheBitsOfOneLongRun(name: String) throws {
    let place = root.path + "/case"
    try caseText(name).write(to: place)
    let whole = try train("whole", RunRequest(caseDirectory: place, iterations: 6, forwardPasses: 2))
    let half = try train("half", RunRequest(caseDirectory: place, iterations: 3, forwardPasses: 2))
    // The other run's case, number of trajectories and solver are taken over.
    let next = try train("next", RunRequest(caseDirectory: "", iterations: 6, continuedRun: half))
    #expect(try Learnt(next) == Learnt(whole))
    #expect(try Learnt(half).bounds.count == 3)
    let manifest = try RunManifest.read(from: next + "/run.json")
    #expect(manifest.settings.continuation?.iteration == 3)
    #expect(manifest.settings.continuation?.keepsStarts == true)
    #expect(manifest.request.caseDirectory == FilePath.resolve(place))
    // The run that was gone on from may go then.
    try FileManager.default.removeItem(atPath: half)
    let last = try train("last", RunRequest(caseDirectory: "", iterations: 7, continuedRun: next))
    #expect(try Learnt(last).bounds.prefix(6) == Learnt(whole).bounds[...])
  }

  @Test(
    .enabled(if: NovomodeloCollection.areAvailable, "\(NovomodeloCollection.absence)"),
    arguments: ["d16-par1-lag-shift"])
  func novomodeloCasesGoOnToo(name: String) throws {
    let place = NovomodeloCollection.path(name: name)
    let whole = try train("whole", RunRequest(caseDirectory: place, iterations: 12))
    let half = try train("half", RunRequest(caseDirectory: place, iterations: 6))
    let next = try train("next", RunRequest(caseDirectory: "", iterations: 12, continuedRun: half))
    #expect(try Learnt(next) == Learnt(whole))
    #expect(try Learnt(next).bounds.count == 12)
  }

  @Test func otherTrajectoriesSolversAndStoppingRulesKeepTheCuts() throws {
    let place = root.path + "/case"
    var text = try caseText("chain")
    try text.write(to: place)
    let first = try train("first", RunRequest(caseDirectory: place, iterations: 5, forwardPasses: 2))
    let before = try Learnt(first)
    let more = try train(
      "more", RunRequest(caseDirectory: "", iterations: 8, forwardPasses: 3, solver: .clp, continuedRun: first))
    let after = try Learnt(more)
    #expect(after.bounds.count == 8)
    #expect(after.bounds.prefix(5) == before.bounds[...])
    let lower = after.bounds.map { Double(bitPattern: $0[0] ?? 0) }
    #expect(lower == lower.sorted())
    #expect(after.cuts[0].intercepts.count == before.cuts[0].intercepts.count + 3 * 3)
    #expect(Array(after.cuts[0].intercepts.prefix(10)) == before.cuts[0].intercepts)
    // Of the case only what no cut depends on may have changed.
    let plain = try #require(text.files["config.json"])
    text.files["config.json"] = plain.replacing("\"simulation\": {", with: "\"simulation\": {\"num_scenarios\": 7,")
    text.files["config.json"]? += " \n"
    try text.write(to: place)
    let again = try train("again", RunRequest(caseDirectory: place, iterations: 6, continuedRun: first))
    #expect(try Learnt(again).bounds.count == 6)
  }

  @Test func whatCannotBeGoneOnFromIsRefusedWithASentence() throws {
    let place = root.path + "/case"
    var text = try caseText("chain")
    try text.write(to: place)
    let first = try train("first", RunRequest(caseDirectory: place, iterations: 3, forwardPasses: 2))
    func refusal(_ request: RunRequest) throws -> String {
      let error = #expect(throws: RunError.self) { try train("refused", request) }
      #expect(!FileManager.default.fileExists(atPath: root.path + "/refused"))
      return error?.message ?? ""
    }
    let same = try refusal(RunRequest(caseDirectory: "", iterations: 3, continuedRun: first))
    #expect(same.contains("has completed 3 iterations") && same.contains("Ask for more than 3."))
    #expect(try refusal(RunRequest(caseDirectory: "", iterations: 9, seed: 5, continuedRun: first)).contains("`seed`"))
    // A missing directory is told from one without a run, and what lies there is offered.
    let missing = try refusal(RunRequest(caseDirectory: "", continuedRun: root.path + "/fisrt"))
    #expect(missing.contains("There is no run in \(root.path)/fisrt to go on from. Did you mean first?"), "\(missing)")
    #expect(missing.hasSuffix(" In \(root.path) lie: first."), "\(missing)")
    let above = try refusal(RunRequest(caseDirectory: "", continuedRun: root.path))
    #expect(above.hasSuffix(" to go on from. Below it lie: first."), "\(above)")
    let empty = try refusal(RunRequest(caseDirectory: "", continuedRun: place + "/system"))
    #expect(empty.hasSuffix(" No run lies below it, either."), "\(empty)")
    let nowhere = try refusal(RunRequest(caseDirectory: "", continuedRun: root.path + "/no/run"))
    #expect(nowhere.hasSuffix(" There is no directory \(root.path)/no, either."), "\(nowhere)")
    #expect(try refusal(RunRequest(caseDirectory: "")).contains("`case_dir` is needed"))
    // Any file that cuts depend on.
    text.files["system/hydros.json"]? += " \n"
    try text.write(to: place)
    let changed = try refusal(RunRequest(caseDirectory: "", iterations: 9, continuedRun: first))
    #expect(changed.contains("not those that run") && changed.contains("stopping rules"))
  }
}
