internal import CobreBase
internal import CobreEngine
internal import Foundation

/// How long it takes to write an iteration down on this machine, found by writing those of a sample into a database
/// that is thrown away.
final class RecordingSample {
  private let directory: String
  private let recorder: IterationRecorder
  private var times: [Double] = []
  /// Iterations that are written down; more would say nothing new.
  private static let enough = 40

  /// Median seconds of an iteration; nil where none was written.
  var seconds: Double? {
    let sorted = times.sorted()
    return sorted.isEmpty ? nil : sorted[sorted.count / 2]
  }

  /// Nil where the directory for temporary files takes none: the estimate then does without.
  init?(_ trainer: Trainer) {
    let directory = NSTemporaryDirectory() + "/cobre-estimate-" + UUID().uuidString
    guard (try? Disk.createDirectory(directory)) != nil else { return nil }
    guard let store = try? RunStore.open(directory + "/run.sqlite") else {
      try? FileManager.default.removeItem(atPath: directory)
      return nil
    }
    trainer.keepsCheckpoints = true
    self.directory = directory
    recorder = IterationRecorder(store: store, trainer: trainer)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Writes an iteration down, and waits for it, unless enough are written.
  ///
  /// - Parameter report: the iteration that has just ended.
  /// - Returns: seconds that it took.
  func record(_ report: IterationReport) -> Double {
    guard times.count < Self.enough else { return 0 }
    let start = Clocks.uptime()
    let isWritten = (try? recorder.record(report)) != nil && (try? recorder.finish()) != nil
    let seconds = Clocks.uptime() - start
    // The first one makes the files grow.
    if isWritten, report.iteration > 1 { times.append(seconds) }
    return seconds
  }
}
