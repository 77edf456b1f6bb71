internal import CobreCase
internal import CobreEngine
internal import Foundation
internal import Synchronization

/// Waits for the end of a run for any number of callers: one of them polls, the others sleep until it has seen
/// something.
///
/// So many waiting callers take no more time from the ranks than a single one.
///
/// The polling thread checks SQLite's `data_version` instead of querying tables, which would slow the ranks. When its
/// wait ends, another waiter takes over.
final class RunWatch: @unchecked Sendable {
  private let directory: RunDirectory
  private let store: RunStore

  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var latest: RunSnapshot?
  /// The number of reads that have begun, and the number of the read that found `latest`.
  private var begun = 0
  private var found = 0
  private var isManned = false
  /// Where the last one who polled left off.
  private var left = Post()

  /// Polling interval in microseconds.
  private static let interval: useconds_t = 25_000
  /// How often everything is read, in seconds: a dead supervisor changes no counter, and no caller needs every
  /// iteration.
  private static let fullLook = 0.25
  /// How often the others see whether their call was cancelled, in seconds.
  private static let patience = 0.1

  /// Throws `RunError` where the run's database cannot be read.
  init(_ directory: RunDirectory) throws {
    self.directory = directory
    store = try directory.openStore()
  }

  /// Returns the last snapshot, which is not final if the deadline came first.
  ///
  /// - Parameters:
  ///   - known: what the caller knows already.
  ///   - deadline: when the caller gives up.
  ///   - isCancelled: asked several times a second.
  ///   - moveQueue: starts queued runs and returns the obstacle, if any. Every caller that waits for a run moves the
  ///     queue.
  ///   - observe: called with every snapshot that shows progress.
  /// - Returns: never an older state than `known`.
  /// - Throws: `RunError` if the run's files cannot be read.
  func wait(
    from known: RunSnapshot, until deadline: ContinuousClock.Instant, isCancelled: () -> Bool,
    moveQueue: () -> String?, observe: (RunSnapshot) -> Void
  ) throws -> RunSnapshot {
    var known = known
    condition.lock()
    defer { condition.unlock() }
    // A read in progress may be older than what the caller knows.
    var seen = begun
    var post: Post?
    defer { if let post { leave(post) } }
    while true {
      if let latest, found > seen {
        seen = found
        let isProgress = latest.iteration != known.iteration || latest.state != known.state
        known = latest
        if isProgress { unlocked { observe(latest) } }
      }
      let rest = (deadline - .now) / .seconds(1)
      if known.state.isFinal || rest <= 0 || isCancelled() { return known }
      if let mine = post {
        post = try look(mine, moveQueue)
      } else if !isManned {
        isManned = true
        post = left
      } else if found <= seen {
        _ = condition.wait(until: Date(timeIntervalSinceNow: min(rest, Self.patience)))
      }
    }
  }

  /// What the polling thread remembers between reads.
  private struct Post {
    var version: Int?
    var state: RunState?
    /// When the whole was read, in seconds of uptime.
    var looked = -Double.infinity
  }

  /// What the last read found, which may be long ago; nil before the first.
  var lastSeen: RunSnapshot? {
    condition.lock()
    defer { condition.unlock() }
    return latest
  }

  /// The iterations after one, in order.
  func convergence(since iteration: Int) throws -> [ConvergenceRow] {
    try store.convergence(since: iteration, points: .max)
  }

  /// One read, after a short sleep if it is not the first.
  ///
  /// All waiters get its result.
  private func look(_ last: Post, _ moveQueue: () -> String?) throws -> Post {
    begun += 1
    let number = begun
    let isQueued = latest?.state == .queued
    let (post, snapshot) = try unlocked { () throws -> (Post, RunSnapshot?) in
      var post = last
      if last.version != nil { usleep(Self.interval) }
      post.version = try store.dataVersion()
      if post.version != last.version { post.state = try store.state() }
      guard post.state != last.state || Clocks.uptime() - last.looked > Self.fullLook else { return (post, nil) }
      post.looked = Clocks.uptime()
      let obstacle = isQueued ? moveQueue() : nil
      let manifest = try RunManifest.read(from: directory.manifestPath)
      return (post, try RunSnapshot.read(directory, manifest: manifest, store: store).warning(obstacle))
    }
    if let snapshot {
      latest = snapshot
      found = number
      condition.broadcast()
    }
    return post
  }

  private func leave(_ post: Post) {
    left = post
    isManned = false
    condition.broadcast()
  }

  private func unlocked<T>(_ body: () throws -> T) rethrows -> T {
    condition.unlock()
    defer { condition.lock() }
    return try body()
  }
}

/// The watches of runs with waiting callers.
///
/// A watch without callers is dropped, unless it is kept for one that calls again and again. One who has stopped
/// calling loses it at the next call of anybody, or at once where he says that he has stopped.
final class RunWatches: Sendable {
  private struct Reference {
    weak var watch: RunWatch?
  }

  private struct Kept {
    var watch: RunWatch
    var asked: ContinuousClock.Instant
  }

  /// How long a watch is kept after the last call; those who follow a run call several times a second.
  private static let patience = Duration.seconds(2)

  private let open = Mutex<[String: Reference]>([:])
  private let kept = Mutex<[String: Kept]>([:])

  /// The watch over a run, created if no caller waits for it yet.
  func watch(over directory: RunDirectory) throws -> RunWatch {
    try open.withLock { open in
      if let watch = open[directory.path]?.watch { return watch }
      open = open.filter { $0.value.watch != nil }
      let watch = try RunWatch(directory)
      open[directory.path] = Reference(watch: watch)
      return watch
    }
  }

  /// The same, kept until it is released or not asked for in a while.
  func keptWatch(over directory: RunDirectory) throws -> RunWatch {
    releaseIdle()
    let watch = try watch(over: directory)
    kept.withLock { $0[directory.path] = Kept(watch: watch, asked: .now) }
    return watch
  }

  /// Notes the end of a call, which may have waited for long.
  func left(_ directory: RunDirectory) { kept.withLock { $0[directory.path]?.asked = .now } }

  func release(_ directory: RunDirectory) { kept.withLock { $0[directory.path] = nil } }

  /// Drops the watches that have not been asked for in a while.
  func releaseIdle() {
    kept.withLock { kept in kept = kept.filter { $0.value.asked + Self.patience > .now } }
  }

  /// Watches that are kept.
  var keptCount: Int { kept.withLock { $0.count } }
}
