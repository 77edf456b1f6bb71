internal import CobreBase
internal import CobreCase
internal import CobreCommunication
internal import CobreEngine
internal import Foundation
internal import Glibc

/// Reads and writes the policies that `policy` of `config.json` names.
///
/// Only rank 0 touches files.
struct PolicyExchange {
  let settings: PolicySettings
  let directory: RunDirectory
  let communicator: any Communicator
  /// Directories under which policies may be read.
  ///
  /// `nil` for anywhere.
  var roots: [String]?

  /// The fixed cuts after the last stage, the same on all ranks, or nil if the case wants none.
  ///
  /// A run stores them in its database, so that it continues with the same cuts when it is resumed.
  func boundary(for study: StudyCase, _ store: RunStore?) throws -> Policy.Pool? {
    guard let wanted = settings.boundary, study.graph.kind == .finiteHorizon else { return nil }
    let last = study.stages.count - 1
    var pool = Policy.Pool()
    if let store {
      if let kept = try store.cuts(upTo: 0).first(where: { $0.stage == last }) {
        pool = Policy.Pool(intercepts: kept.intercepts, slopes: kept.slopes)
      } else {
        var notes: [String] = []
        (pool, notes) = try refusing {
          let stored = try PolicyFile.read(resolve(wanted.path), under: roots)
          guard let stage = wanted.sourceStage else {
            return try stored.boundaryByDate(for: study, isStrict: wanted.isStrict)
          }
          return (try stored.boundary(after: stage, for: study, isStrict: settings.validateCompatibility), [])
        }
        for note in notes { try store.addEvent(level: "warning", message: note, at: Clocks.wall()) }
        try store.record([CutBatch(stage: last, firstPosition: 0, pool)], stateDimension: study.stateNames.count)
      }
    }
    var count = Int64(pool.count)
    try communicator.broadcast(&count, root: 0)
    var values = pool.intercepts + pool.slopes
    if communicator.rank != 0 {
      values = .init(repeating: 0, count: Int(count) * (1 + study.stateNames.count))
    }
    try communicator.broadcast(&values, root: 0)
    return Policy.Pool(intercepts: Array(values.prefix(Int(count))), slopes: Array(values.dropFirst(Int(count))))
  }

  /// What training starts from by the mode of the case, on rank 0, or nil for a fresh start.
  ///
  /// The cuts are in the run's database from then on.
  func start(_ trainer: Trainer, isTrained: Bool, _ store: RunStore) throws -> StoredCheckpoint? {
    guard !isTrained || settings.mode != .fresh else { return nil }
    return try refusing {
      let found = try PolicyFile.read(resolve(settings.path), under: roots)
      let stored: StoredPolicy
      if settings.matchesByDate {
        let (matched, notes) = try found.fittedByDate(to: trainer.study, groups: trainer.cutGroups)
        for note in notes { try store.addEvent(level: "warning", message: note, at: Clocks.wall()) }
        stored = matched
      } else {
        stored = try found.fitted(
          to: trainer.study, groups: trainer.cutGroups, isStrict: settings.validateCompatibility)
      }
      let checkpoint = trainer.checkpoint(
        from: stored, resumes: isTrained && settings.mode == .resume, isSimulated: !isTrained)
      let batches = trainer.poolIndices.map { CutBatch(stage: $0, firstPosition: 0, stored.policy.pools[$0]) }
        .filter { !$0.intercepts.isEmpty }
      try store.record(batches, stateDimension: stored.policy.stateDimension)
      return StoredCheckpoint(
        iteration: checkpoint.iteration, contents: checkpoint.encoded(), elapsedSeconds: 0, cuts: batches,
        states: Dictionary(uniqueKeysWithValues: stored.states.enumerated().map { ($0, $1) }))
    }
  }

  /// Whether a policy is due after an iteration.
  func isDue(_ iteration: Int) -> Bool { settings.checkpointing.isDue(iteration) }

  /// Writes the policy in its current state.
  ///
  /// A failure becomes a warning of the run, which has its cuts anyway.
  func write(_ trainer: Trainer, to store: RunStore) throws {
    let target = outputDirectory
    do {
      try Disk.createDirectory(target.path)
      try PolicyFile.write(
        trainer.storedPolicy(withStarts: settings.checkpointing.storeBasis), to: target.path + "/" + PolicyFile.name,
        packed: settings.checkpointing.compress)
      if let note = target.note { try store.addEvent(level: "warning", message: note, at: Clocks.wall()) }
    } catch let error as RunError {
      try store.addEvent(
        level: "warning", message: "The policy was not written: \(error.message)", at: Clocks.wall())
    }
  }

  /// Throws where the policy of this run could not be written in the end, for something that no training mends.
  func checkTarget() throws {
    let root = Self.absolute(directory.path)
    var path = outputDirectory.path
    while path.count > root.count {
      var information = stat()
      if stat(path, &information) == 0, information.st_mode & S_IFMT != S_IFDIR {
        throw RankFailure(
          rank: 0, kind: .invalidCase,
          message:
            "policy.path \"\(settings.path)\" leads to a file that is there already (\(path)). Name a directory of its own, "
            + "such as \"./policy\", in config.json.")
      }
      path = FilePath.parent(of: path)
    }
  }

  private var outputDirectory: (path: String, note: String?) { Self.output(settings, directory) }

  /// Where the run of a directory writes its policy, with a sentence where that is not where the case wants it.
  ///
  /// Runs write inside their own directory alone, whatever a case says.
  static func output(_ settings: PolicySettings, _ directory: RunDirectory) -> (path: String, note: String?) {
    let wanted = absolute(resolve(settings.path, directory))
    let root = absolute(directory.path)
    if wanted.hasPrefix(root + "/") { return (wanted, nil) }
    let path = root + "/policy"
    return (path, "The policy is at \(path): runs write nothing outside of their own directory.")
  }

  /// A path without steps upwards; a relative one keeps them in `standardizingPath`.
  private static func absolute(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return (whole as NSString).standardizingPath
  }

  private func resolve(_ path: String) -> String { Self.resolve(path, directory) }

  private static func resolve(_ path: String, _ directory: RunDirectory) -> String {
    path.hasPrefix("/") ? path : directory.path + "/" + path
  }

  /// A policy that cannot be used is a fault of the case, which no further attempt mends.
  private func refusing<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as PolicyMismatch {
      throw RankFailure(rank: 0, kind: .invalidCase, message: error.description)
    } catch let error as RunError where error.code == .invalidRequest {
      throw RankFailure(rank: 0, kind: .invalidCase, message: error.message)
    }
  }
}

extension CutBatch {
  init(stage: Int, firstPosition: Int, _ pool: Policy.Pool) {
    self.init(stage: stage, firstPosition: firstPosition, intercepts: pool.intercepts, slopes: pool.slopes)
  }
}
