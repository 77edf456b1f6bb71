import CobreBase
internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Foundation
internal import Glibc
internal import Synchronization
internal import Testing

/// Policies that are written, read and taken up again.
@Suite struct PolicyTests {
  private static func study(_ passes: Int = 3) throws -> StudyCase {
    try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: passes).text.study()
  }

  private static func trainer(
    _ study: StudyCase, iterations: Int, adjust: (inout TrainingOptions) -> Void = { _ in },
    boundary: Policy.Pool? = nil
  ) throws -> Trainer {
    var options = TrainingOptions.adjusted(study, adjust)
    options.iterationLimit = iterations
    let trainer = try Trainer(
      study: study, options: options, communicator: LocalCommunicator(), boundary: boundary)
    trainer.keepsCheckpoints = true
    return trainer
  }

  @Test func aPolicyComesBackAsItWasWritten() throws {
    let directory = try TemporaryDirectory()
    let trainer = try Self.trainer(Self.study(), iterations: 6) {
      $0.cutSelection = CutSelectionTests.selection(.domination, frequency: 2)
    }
    _ = try trainer.train { _ in true }
    let stored = trainer.storedPolicy(withStarts: true)
    try #require(stored.policy.pools.contains { !$0.inactive.isEmpty })
    try PolicyFile.write(stored, to: directory.path + "/policy.sqlite")
    let read = try PolicyFile.read(directory.path)
    #expect(read == stored)
    let sizes = try [false, true].map { packed -> Int in
      let path = directory.path + "/packed-\(packed).sqlite"
      try PolicyFile.write(stored, to: path, packed: packed)
      #expect(try PolicyFile.read(path) == stored)
      return try Data(contentsOf: URL(fileURLWithPath: path)).count
    }
    #expect(sizes[1] <= sizes[0])
  }

  @Test(arguments: [CutFormulation.single, .multi])
  func cutsComeBackFromJSON(formulation: CutFormulation) throws {
    let study = try Self.study()
    let trainer = try Self.trainer(study, iterations: 4) { $0.cutFormulation = formulation }
    _ = try trainer.train { _ in true }
    let bytes = CutDocument.value(of: trainer.storedPolicy(withStarts: false)).serialized()
    let read = try CutDocument.read(bytes, name: "cuts.json").fitted(
      to: study, groups: trainer.cutGroups, isStrict: true)
    #expect(read.policy == trainer.policy)
  }

  /// SDDP.jl allocates realizations by the first risk set, and would drop cuts by the states stored with them.
  @Test func theJuliaPackageCanReadMultiCuts() throws {
    let directory = try TemporaryDirectory()
    let study = try Self.study()
    let trainer = try Self.trainer(study, iterations: 2) { $0.cutFormulation = .multi }
    _ = try trainer.train { _ in true }
    try PolicyFile.write(trainer.storedPolicy(withStarts: false), to: directory.path + "/policy.sqlite")
    let stored = try PolicyFile.read(directory.path)
    let nodes = try #require(CutDocument.value(of: stored).array)
    let sets = try #require(nodes[0]["risk_set_cuts"]?.array)
    let weights = (sets.first?.array ?? []).compactMap(\.number)
    let tree = OpeningTree(study: study, seed: TrainingOptions(study: study).treeSeed)
    #expect(weights == tree.stages[1].probabilities && weights.count > 1)
    let cuts = try #require(nodes[0]["multi_cuts"]?.array)
    #expect(cuts.count == 2 * 3 * weights.count)
    #expect(cuts.allSatisfy { $0["state"] == nil && $0["realization"] != nil && $0["intercept"] != nil })
    #expect(nodes[0]["single_cuts"]?.array?.isEmpty == true)
  }

  /// Components are matched by name although nothing else is compared.
  @Test func namesAreFollowedWithoutStrictness() throws {
    let study = try Self.study()
    let run = try TrainingRun(study, iterations: 2)
    let names = study.stateNames
    try #require(names.count > 1)
    let plain = StoredPolicy(policy: run.policy, stateNames: names)
    var turned = plain
    turned.stateNames.reverse()
    for pool in turned.policy.pools.indices {
      let slopes = turned.policy.pools[pool].slopes
      turned.policy.pools[pool].slopes = stride(from: 0, to: slopes.count, by: names.count).flatMap {
        slopes[$0..<($0 + names.count)].reversed()
      }
    }
    let groups = [Int](repeating: 1, count: study.stages.count)
    #expect(try turned.fitted(to: study, groups: groups, isStrict: false).policy == plain.policy)
    #expect(
      try turned.boundary(after: 0, for: study, isStrict: false)
        == plain.boundary(after: 0, for: study, isStrict: true))
  }

  /// A file as SDDP.jl writes it: the intercept is the value at the sampled state.
  @Test func readsWhatTheJuliaPackageWrites() throws {
    let text = """
      [{"risk_set_cuts":[],"node":"2","single_cuts":[],"multi_cuts":[]},
       {"risk_set_cuts":[],"node":"1","multi_cuts":[],"single_cuts":[
        {"state":{"storage[7]":3.0,"storage[2]":1.0},"intercept":10.0,"coefficients":{"storage[7]":-2.0,"storage[2]":0.5}},
        {"intercept":4,"coefficients":{"storage[7]":-1}}]}]
      """
    let stored = try CutDocument.read(Array(text.utf8), name: "x")
    #expect(stored.stateNames == ["storage[2]", "storage[7]"])
    #expect(stored.policy.pools.count == 2 && stored.policy.pools[1].count == 0)
    #expect(stored.policy.pools[0].intercepts == [15.5, 4])
    #expect(stored.policy.pools[0].slopes == [0.5, -2, 0, -1])
  }

  @Test(arguments: [
    "", "{}", "[{}]", "[{\"node\":\"0\"}]", "[{\"node\":\"1\"},{\"node\":\"1\"}]",
    "[{\"node\":\"1\",\"single_cuts\":[{\"intercept\":null,\"coefficients\":{}}]}]",
    "[{\"node\":\"1\",\"single_cuts\":[{\"intercept\":1,\"coefficients\":{\"a\":\"b\"}}]}]",
    "[{\"node\":\"1\",\"multi_cuts\":[{\"intercept\":1,\"coefficients\":{},\"realization\":2}]}]",
    "[{\"node\":\"1\",\"multi_cuts\":[{\"intercept\":1,\"coefficients\":{}}]}]",
  ])
  func aDamagedDocumentIsNamed(text: String) {
    let error = #expect(throws: RunError.self) { try CutDocument.read(Array(text.utf8), name: "cuts.json") }
    #expect(error?.message.contains("cuts.json") == true)
  }

  @Test func warmStartGoesOnFromTheCuts() throws {
    let study = try Self.study()
    let first = try TrainingRun(study, iterations: 10)
    let stored = StoredPolicy(policy: first.policy, stateNames: study.stateNames)
    let second = try Self.trainer(study, iterations: 1)
    try second.restore(
      second.checkpoint(from: stored, resumes: false), policy: stored.policy, elapsedSeconds: 0)
    let report = try second.train { _ in true }.lastReport
    #expect(report.iteration == 1)
    #expect(report.lowerBound >= first.lowerBound - 1e-9 * abs(first.lowerBound))
    #expect(second.policy.pools[0].count == 11 * 3)
  }

  /// With bases kept, and without them where the run has emptied its own when it wrote the policy.
  @Test(arguments: [true, false])
  func resumingGivesTheSameBits(keepsBasis: Bool) throws {
    var text = RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 3).text
    let plain = try #require(text.files["config.json"])
    let policy =
      "\"policy\":{\"checkpointing\":{\"enabled\":true,\"interval_iterations\":4,\"store_basis\":\(keepsBasis)}},"
    text.files["config.json"] = plain.replacing("{", with: "{" + policy, maxReplacements: 1)
    let study = try text.study()
    let whole = try Self.trainer(study, iterations: 9)
    _ = try whole.train { _ in true }
    let first = try Self.trainer(study, iterations: 4)
    _ = try first.train { _ in true }
    let stored = first.storedPolicy(withStarts: keepsBasis)
    let second = try Self.trainer(study, iterations: 9)
    try second.restore(
      second.checkpoint(from: stored, resumes: true), policy: stored.policy, elapsedSeconds: 0)
    #expect(try second.train { _ in true }.lastReport.iteration == 9)
    #expect(second.policy == whole.policy)
  }

  /// The first two stages of a problem with the cuts that its own later stages gave are the whole problem.
  @Test func boundaryCutsStandForTheStagesLeftOut() throws {
    let whole = KnownProblem.fast[1]
    let long = try whole.text.study()
    let trained = try TrainingRun(long, iterations: 30)
    let short = try KnownProblem.fast[0].text.study()
    let stored = StoredPolicy(policy: trained.policy, stateNames: long.stateNames)
    let boundary = try stored.boundary(after: 1, for: short, isStrict: true)
    let trainer = try Self.trainer(short, iterations: 20, boundary: boundary)
    var bounds: [Double] = []
    _ = try trainer.train {
      bounds.append($0.lowerBound)
      return true
    }
    #expect(abs(try #require(bounds.last) - whole.optimum) <= 1e-5)
    #expect(bounds.allSatisfy { $0 <= whole.optimum + 1e-5 })
    #expect(trainer.policy.pools[1] == boundary)
    let simulator = try Simulator(
      study: short, policy: trainer.policy, options: TrainingOptions(study: short), communicator: LocalCommunicator())
    let costs = try simulator.run(scenarios: 200).statistics
    #expect(abs(costs.mean - whole.optimum) <= 3 * costs.halfWidth + 1e-6)
  }

  /// Of the bounds 1000 − 2 · storage and 40 the better one over all storages, discounted from stage to stage.
  @Test func theLeastFutureCostCountsBoundaryCuts() throws {
    var draft = CaseDraft.twoStages
    draft.set("stages.json", "policy_graph.annual_discount_rate", 0.12)
    let report = draft.read()
    var study = try #require(report.study, "\(report.findings)")
    try #require(study.stateNames.count == 1)
    let most = study.limits(stage: 1, hydro: 0).maxStorage
    let discount = study.discountFactor(stage: 1)
    try #require(discount < 1)
    let steep = Policy.Pool(intercepts: [-3000, 1000], slopes: [0, -2])
    let floors = LeastFutureCosts(study: study, treeSeed: 42, boundary: steep)
    let expected = max(-3000, 1000 - 2 * most)
    #expect(abs(floors.after(1) - expected) <= 1e-9 * abs(expected))
    #expect(abs(floors.after(0) - discount * expected) <= 1e-9 * abs(expected))
    #expect(LeastFutureCosts(study: study, treeSeed: 42).after(0) == 0)
    // A case that wants cuts which are not known has none that is sure.
    study.configuration.policy.boundary = PolicySettings.Boundary(path: "other")
    #expect(LeastFutureCosts(study: study, treeSeed: 42).after(0) == -.infinity)
    #expect(LeastFutureCosts(study: study, treeSeed: 42, boundary: steep).after(1) == floors.after(1))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let study = try Self.study()
    let other = try KnownProblem.fast[0].text.study()
    let run = try TrainingRun(other, iterations: 2)
    let stored = StoredPolicy(policy: run.policy, stateNames: other.stateNames, blocks: [1, 1])
    let groups = [Int](repeating: 1, count: study.stages.count)
    #expect(throws: PolicyMismatch.self) { try stored.fitted(to: study, groups: groups, isStrict: true) }
    #expect(throws: PolicyMismatch.self) { try stored.fitted(to: study, groups: groups, isStrict: false) }
    #expect(throws: PolicyMismatch.self) { try stored.boundary(after: 1, for: other, isStrict: true) }
    #expect(throws: PolicyMismatch.self) { try stored.boundary(after: 0, for: study, isStrict: true) }
    let longer = try KnownProblem.fast[1].text.study()
    #expect(throws: PolicyMismatch.self) {
      try stored.fitted(to: longer, groups: .init(repeating: 1, count: 5), isStrict: true)
    }
    #expect(
      try stored.fitted(to: longer, groups: .init(repeating: 1, count: 5), isStrict: false).policy.pools.count == 5)
    #expect(throws: PolicyMismatch.self) { try stored.fitted(to: other, groups: [2, 1], isStrict: true) }
    var renamed = stored
    renamed.stateNames = ["storage[99]"]
    #expect(throws: PolicyMismatch.self) { try renamed.fitted(to: other, groups: [1, 1], isStrict: true) }
    #expect(throws: RunError.self) { try PolicyFile.read("/nowhere/at/all") }
  }

  @Test(arguments: [PolicyFile.name, CutDocument.name])
  func policiesOutsideOfWhatMayBeReadAreRefusedAlsoBehindLinks(name: String) throws {
    let run = try TrainingRun(KnownProblem.fast[0].text.study(), iterations: 2)
    let names = (0..<run.policy.stateDimension).map { "storage[\($0)]" }
    let stored = StoredPolicy(policy: run.policy, stateNames: names, blocks: [1, 1])
    let manager = FileManager.default
    let directory = try TemporaryDirectory()
    let root = URL(filePath: directory.path).resolvingSymlinksInPath().path
    for folder in ["in", "out"] {
      try manager.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
    }
    let file = "\(root)/out/\(name)"
    if name == CutDocument.name {
      try Data(CutDocument.value(of: stored).serialized()).write(to: URL(filePath: file))
    } else {
      try PolicyFile.write(stored, to: file)
    }
    try manager.createSymbolicLink(atPath: "\(root)/in/link", withDestinationPath: "../out")
    try manager.createSymbolicLink(atPath: "\(root)/in/\(name)", withDestinationPath: "../out/\(name)")
    for path in ["out", "in/link", "in", "in/\(name)", "in/../out/\(name)"] {
      let refused = #expect(throws: RunError.self) { try PolicyFile.read("\(root)/\(path)", under: ["\(root)/in"]) }
      #expect(refused?.message.contains("outside") == true, "\(path)")
      #expect(
        try PolicyFile.read("\(root)/\(path)", under: [root]).policy.pools.map(\.count) == run.policy.pools.map(\.count)
      )
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what is read of a policy is what was looked at, although directories change places meanwhile`() throws {
    let run = try TrainingRun(KnownProblem.fast[0].text.study(), iterations: 1)
    let names = (0..<run.policy.stateDimension).map { "storage[\($0)]" }
    let directory = try TemporaryDirectory()
    let root = URL(filePath: directory.path).resolvingSymlinksInPath().path
    for (folder, iteration) in [("in", 1), ("out", 2)] {
      try FileManager.default.createDirectory(atPath: "\(root)/\(folder)/p", withIntermediateDirectories: true)
      try PolicyFile.write(
        StoredPolicy(policy: run.policy, stateNames: names, blocks: [1, 1], iteration: iteration),
        to: "\(root)/\(folder)/p/\(PolicyFile.name)")
    }
    try FileManager.default.createSymbolicLink(atPath: "\(root)/in/q", withDestinationPath: "../out/p")
    let isOver = Mutex(false)
    let group = DispatchGroup()
    group.enter()
    Thread {
      while !isOver.withLock({ $0 }) {
        for (old, new) in [("p", "r"), ("q", "p"), ("p", "q"), ("r", "p")] {
          rename("\(root)/in/\(old)", "\(root)/in/\(new)")
        }
      }
      group.leave()
    }.start()
    var readings = [0, 0, 0]
    for _ in 0..<2000 {
      let stored = try? PolicyFile.read("\(root)/in/p", under: ["\(root)/in"])
      readings[stored?.iteration ?? 0] += 1
    }
    isOver.withLock { $0 = true }
    group.wait()
    #expect(readings[0] > 0 && readings[1] > 0)
    #expect(readings[2] == 0)
  }
}
