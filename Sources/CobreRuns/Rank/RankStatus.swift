internal import CobreEngine
internal import CobrePlatformShim
internal import Foundation
internal import Glibc

/// What a rank is doing, stored in a small file that outlives it, since a killed rank cannot report.
struct RankStatus: Codable, Equatable {
  /// The parts of a rank's life.
  enum Part: String, Codable {
    case start, joined, forward, backward, bound, end
  }

  var pid: Int32
  var part: Part
  var iteration: Int
  var stage: Int?

  /// As the end of a sentence such as "was killed".
  var words: String {
    switch part {
    case .start: "while the ranks met"
    case .joined: "before training began"
    case .forward: "in the forward pass of iteration \(iteration)"
    case .backward:
      "in the backward pass of iteration \(iteration)" + (stage.map { " at stage \($0)" } ?? "")
    case .bound: "in iteration \(iteration), after its backward pass"
    case .end: "in the last barrier"
    }
  }

  /// The status as JSON.
  ///
  /// Written by hand because a rank changes its status every millisecond.
  var json: String {
    "{\"pid\":\(pid),\"part\":\"\(part.rawValue)\",\"iteration\":\(iteration)"
      + (stage.map { ",\"stage\":\($0)" } ?? "") + "}"
  }

  /// What the rank wrote last, or nil if it wrote nothing that can be read.
  static func read(from path: String) -> RankStatus? {
    guard let bytes = try? AtomicFile.read(path, limit: 4096) else { return nil }
    return try? JSONDecoder().decode(RankStatus.self, from: Data(bytes.prefix { $0 != 0 }))
  }
}

/// Keeps the file of one rank up to date.
///
/// If it cannot be written, the rank still computes, but less is known of its end.
final class RankStatusFile {
  private let descriptor: Int32
  private let rank: Int
  private let fault: RankFault?
  private static let width = 160

  init(directory: RunDirectory, rank: Int) {
    self.rank = rank
    descriptor = open(
      directory.statusPath(rank), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    fault = RankFault(ChildProcess.currentEnvironment()[RankFault.variable] ?? "")
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func reach(_ part: RankStatus.Part, iteration: Int = 0, stage: Int? = nil) {
    let place = RankStatus(pid: getpid(), part: part, iteration: iteration, stage: stage)
    if descriptor >= 0 {
      // No status is longer than that. The rest of an earlier one is overwritten with zeros.
      var bytes = Array(place.json.utf8.prefix(Self.width))
      bytes.append(contentsOf: repeatElement(0, count: Self.width - bytes.count))
      _ = pwrite(descriptor, bytes, bytes.count, 0)
    }
    fault?.strike(rank: rank, part, iteration: iteration)
  }

  func reach(_ place: TrainingPosition) {
    switch place.phase {
    case .forward: reach(.forward, iteration: place.iteration, stage: place.stage)
    case .backward: reach(.backward, iteration: place.iteration, stage: place.stage)
    case .lowerBound, .upperBound, .simulation: reach(.bound, iteration: place.iteration, stage: place.stage)
    }
  }
}

/// Fault injection for tests: this process sends itself a signal when it reaches a position.
///
/// Set in the environment only, so that no request can ask for it: `COBRE_COMM_FAULT=SIGNAL:RANK:PART:ITERATION`, such
/// as `9:1:backward:2`, with the signals 9 (killed) and 19 (stopped).
struct RankFault: Equatable {
  static let variable = "COBRE_COMM_FAULT"

  private let signal: Int32
  private let rank: Int
  private let part: RankStatus.Part
  private let iteration: Int

  /// Nil for anything that is no fault.
  init?(_ text: String) {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false)
    guard fields.count == 4, let signal = Int32(fields[0]), [SIGKILL, SIGSTOP].contains(signal),
      let rank = Int(fields[1]), let part = RankStatus.Part(rawValue: String(fields[2])), let iteration = Int(fields[3])
    else { return nil }
    self.signal = signal
    self.rank = rank
    self.part = part
    self.iteration = iteration
  }

  func strike(rank: Int, _ part: RankStatus.Part, iteration: Int) {
    if rank == self.rank, part == self.part, iteration == self.iteration { kill(getpid(), signal) }
  }
}
