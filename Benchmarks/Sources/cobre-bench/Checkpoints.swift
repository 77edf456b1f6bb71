import ArgumentParser
internal import CobreBase
import CobreCase
import CobreCommunication
import CobreEngine
import CobreRuns
import Foundation

/// What it costs to keep a run on disk: of a case that is trained, or of made-up cuts in any number.
struct Checkpoints: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoints", abstract: "Measure what writing iterations down costs; without a case, of made-up ones."
  )

  @Argument(help: "Directory of the case to train.") var caseDirectory: String?
  @Option(help: "Iterations.") var iterations = 4
  @Option(help: "Forward passes of a case, or cuts per stage and iteration.") var forwardPasses: Int?
  @Flag(help: "Wait for each iteration to be on disk before the next one begins.") var waiting = false
  @Option(help: "State components of made-up cuts.") var states = 160
  @Option(help: "Stages of made-up cuts.") var stages = 60
  @Option(help: "Columns and rows of a made-up stage LP.") var program = 3900
  @Option(help: "Cuts in the program of a unit when it ends, made up.") var binding = 20

  func run() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "cobre-bench-\(UUID().uuidString).sqlite").path
    defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    var figures = Figures()
    figures.iterations = iterations
    if let caseDirectory { try train(caseDirectory, path, &figures) } else { try makeUp(path, &figures) }
    figures.databaseBytes = ["", "-wal"].reduce(0) { total, suffix in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
      return total + ((attributes?[.size] as? Int) ?? 0)
    }
    let clock = ContinuousClock()
    let store = try RunStore.openForReading(path)
    let began = clock.now
    guard let read = try store.latestCheckpoint() else { throw RefusedCase(description: "No checkpoint was written.") }
    guard TrainingCheckpoint(decoding: read.contents) != nil else {
      throw RefusedCase(description: "The checkpoint cannot be read.")
    }
    figures.readMilliseconds = 1e3 * (clock.now - began).seconds
    figures.checkpointBytes = read.contents.count
    figures.cutBytes = read.cuts.reduce(0) { $0 + 8 * ($1.intercepts.count + $1.slopes.count) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(figures), as: UTF8.self))
  }

  /// Trains with one rank, as a run does.
  private func train(_ directory: String, _ path: String, _ figures: inout Figures) throws {
    let study = try readCase(directory)
    var options = TrainingOptions(study: study)
    options.iterationLimit = iterations
    if let forwardPasses { options.forwardPasses = forwardPasses }
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    trainer.keepsCheckpoints = true
    let recorder = IterationRecorder(store: try RunStore.open(path), trainer: trainer)
    let clock = ContinuousClock()
    var recording = Duration.zero
    let began = clock.now
    _ = try trainer.train { report in
      let start = clock.now
      try recorder.record(report)
      if waiting { try recorder.finish() }
      recording += clock.now - start
      return true
    }
    try recorder.finish()
    let total = (clock.now - began).seconds
    let kept = trainer.checkpointTime + recording
    figures.iterationMilliseconds = 1e3 * total / Double(iterations)
    figures.gatherMilliseconds = 1e3 * trainer.checkpointTime.seconds / Double(iterations)
    figures.writeMilliseconds = 1e3 * recording.seconds / Double(iterations)
    figures.share = kept.seconds / total
  }

  /// Writes iterations that hold as many bytes as real ones do.
  private func makeUp(_ path: String, _ figures: inout Figures) throws {
    let count = forwardPasses ?? 192
    let store = try RunStore.open(path)
    let clock = ContinuousClock()
    var gathering = Duration.zero
    var writing = Duration.zero
    var number = 0.0
    func next() -> Double {
      number += 1
      return 1e6 / number
    }
    for iteration in 1...max(1, iterations) {
      let cuts = (0..<stages).map { stage in
        CutBatch(
          stage: stage, firstPosition: (iteration - 1) * count, intercepts: (0..<count).map { _ in next() },
          slopes: (0..<(count * states)).map { _ in next() })
      }
      var start = WarmStart()
      start.status = (0..<program).map { UInt8(($0 + iteration) % 4) }
      start.cuts = (0..<binding).map { Int32($0) }
      start.cutStatus = .init(repeating: 1, count: binding)
      start.release = (0..<states).map { _ in next() }
      let checkpoint = TrainingCheckpoint(
        iteration: iteration, stages: stages, forwardPasses: count,
        starts: .init(repeating: start, count: stages * count), boundStarts: [])
      let work = RankWork(
        solves: 1, retries: 0, threads: 1, communicationSeconds: 0, waitSeconds: 0, memoryBytes: 0, peakMemoryBytes: 0)
      let report = IterationReport(
        iteration: iteration, lowerBound: 1, upperBound: 2, upperBoundHalfWidth: 1, gap: 0.5, elapsedSeconds: 1,
        forwardSeconds: 1, backwardSeconds: 1, communicationSeconds: 0, ranks: [work], cutsPerStage: [])
      let began = clock.now
      let contents = checkpoint.encoded()
      gathering += clock.now - began
      let encoded = clock.now
      try store.recordIteration(report, cuts: cuts, stateDimension: states, checkpoint: contents, at: 1)
      writing += clock.now - encoded
    }
    figures.gatherMilliseconds = 1e3 * gathering.seconds / Double(iterations)
    figures.writeMilliseconds = 1e3 * writing.seconds / Double(iterations)
  }

  struct Figures: Encodable {
    var iterations = 0
    /// Whole iteration of the case.
    var iterationMilliseconds: Double?
    /// Collecting where units start from, as bytes.
    var gatherMilliseconds = 0.0
    /// What training spends on handing an iteration over.
    ///
    /// The whole of its writing where it waits, or is made up.
    var writeMilliseconds = 0.0
    /// Both as a part of the training.
    var share: Double?
    /// Reading the last checkpoint with all cuts.
    var readMilliseconds = 0.0
    /// The checkpoint without the cuts.
    var checkpointBytes = 0
    /// All cuts of all iterations.
    var cutBytes = 0
    var databaseBytes = 0
  }
}
