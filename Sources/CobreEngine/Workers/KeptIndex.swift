internal import Glibc
internal import Synchronization

/// A connection to the index of the runs for those who only look, kept open from look to look.
///
/// SQLite makes and removes two files whenever the only connection to a database comes and goes, which takes longer than
/// reading. Those who change the index open it anew: whatever has happened to the file then comes to light.
final class KeptIndex: Sendable {
  /// Tells whether a path still leads to the same file.
  private struct Identity: Equatable {
    var device: dev_t
    var inode: ino_t

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, inode) = (status.st_dev, status.st_ino)
    }
  }

  private let path: String
  private let kept = Mutex<(index: RunsIndex, identity: Identity)?>(nil)

  init(path: String) {
    self.path = path
  }

  /// The index, opened by `open` where it is not open yet or another file has taken its place.
  func index(_ open: () throws -> RunsIndex) throws -> RunsIndex {
    try kept.withLock { kept in
      if let found = kept, found.identity == Identity(path) { return found.index }
      kept = nil
      let index = try open()
      if let identity = Identity(path) { kept = (index, identity) }
      return index
    }
  }
}
