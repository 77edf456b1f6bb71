internal import Dispatch
internal import Glibc
internal import Synchronization

/// A connection to the index of the runs for callers that only read, kept open between reads.
///
/// SQLite creates and removes two files whenever the only connection to a database opens and closes, which takes longer
/// than reading. The connection is closed after some time without reads, so that an idle server does not prevent a disk
/// from being unmounted. Callers that change the index open it again, which shows whatever has happened to the file.
final class CachedIndex: Sendable {
  /// Whether a path still leads to the same file.
  private struct Identity: Equatable {
    var device: dev_t
    var inode: ino_t

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, inode) = (status.st_dev, status.st_ino)
    }
  }

  private struct Kept {
    var index: RunsIndex
    var identity: Identity
    /// In seconds of uptime.
    var lookedAt: Double
  }

  private let path: String
  private let idleSeconds: Double
  private let kept = Mutex<Kept?>(nil)

  /// - Parameters:
  ///   - path: the index.
  ///   - idleSeconds: how long it stays open without being read.
  init(path: String, idleSeconds: Double = 1) {
    self.path = path
    self.idleSeconds = idleSeconds
  }

  /// Whether a connection is open.
  var isOpen: Bool { kept.withLock { $0 != nil } }

  /// The index, opened by `open` if it is not open yet or the file has been replaced.
  func index(_ open: () throws -> RunsIndex) throws -> RunsIndex {
    try kept.withLock { kept in
      if let found = kept, found.identity == Identity(path) {
        kept?.lookedAt = Clocks.uptime()
        return found.index
      }
      // The closing of the previous connection is already scheduled.
      let isWatched = kept != nil
      kept = nil
      let index = try open()
      if let identity = Identity(path) {
        kept = Kept(index: index, identity: identity, lookedAt: Clocks.uptime())
        if !isWatched { letGo(after: idleSeconds) }
      }
      return index
    }
  }

  private func letGo(after seconds: Double) {
    DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + seconds) { [weak self] in self?.letGoIfIdle() }
  }

  private func letGoIfIdle() {
    kept.withLock { kept in
      guard let found = kept else { return }
      let rest = found.lookedAt + idleSeconds - Clocks.uptime()
      if rest > 0 { letGo(after: rest) } else { kept = nil }
    }
  }
}
