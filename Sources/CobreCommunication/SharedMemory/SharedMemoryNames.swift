internal import Glibc

/// Names in /dev/shm.
///
/// They cannot be guessed, and contain who made them, so that the leftovers of a killed process can be found.
package enum SharedMemoryNames {
  package static let directory = "/dev/shm"
  private static let prefix = "cobre-"

  /// A new name, without a slash: prefix, pid and start time of the creator, 128 random bits.
  package static func make() throws -> String {
    let pid = getpid()
    let start = ProcessLife(pid: pid)?.startTime ?? 0
    return try "\(prefix)\(pid)-\(start)-\(RandomName.hexadecimal(bytes: 16))"
  }

  /// Removes what ended processes of this user left behind.
  ///
  /// Only needed if a supervisor and its ranks were all killed before the last rank had attached.
  package static func sweep() {
    for name in entries(of: directory) where name.hasPrefix(prefix) {
      let parts = name.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[2].utf8.count == 32, let pid = Int32(parts[0]), let start = UInt64(parts[1]),
        start > 0
      else { continue }
      // Another pid namespace may share /dev/shm, so a missing process proves nothing. An entry must also be older than
      // any start-up takes.
      if let life = ProcessLife(pid: pid), life.startTime == start { continue }
      let path = "\(directory)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0, status.st_uid == geteuid() else { continue }
      guard time(nil) - status.st_ctim.tv_sec > 600 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR { removeDirectory(path) } else { unlink(path) }
    }
  }

  /// Removes what one process left behind, without waiting.
  ///
  /// For callers who know that it has ended.
  package static func remove(madeBy pid: Int, start: UInt64) {
    for name in entries(of: directory) where name.hasPrefix("\(prefix)\(pid)-\(start)-") {
      let path = "\(directory)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0, status.st_uid == geteuid() else { continue }
      if status.st_mode & S_IFMT == S_IFDIR { removeDirectory(path) } else { unlink(path) }
    }
  }

  /// Removes a directory with the plain files in it.
  package static func removeDirectory(_ path: String) {
    for name in entries(of: path) { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  private static func entries(of path: String) -> [String] {
    guard let handle = opendir(path) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
