internal import CobreBase
internal import Glibc

/// Whether a directory can be written.
package enum Disk {
  /// What prevents it, as the end of a sentence.
  ///
  /// - Parameters:
  ///   - directory: the directory.
  ///   - isReadOnly: nothing is written in order to find out.
  /// - Returns: nil if nothing does, or the directory does not exist.
  package static func problem(of directory: String, isReadOnly: Bool = false) -> String? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    if self.isReadOnly(directory, untouched: isReadOnly) {
      return "its directory is on a file system that is read-only now"
    }
    if status.f_bavail < 64 || status.f_files > 0 && status.f_favail == 0 { return "the disk is full" }
    return access(directory, W_OK) == 0 ? nil : "its directory is read-only for this user"
  }

  /// Whether no process can write there.
  ///
  /// - Parameters:
  ///   - directory: the directory.
  ///   - untouched: nothing is written in order to find out.
  /// - Returns: false if the directory does not exist.
  package static func isReadOnly(_ directory: String, untouched: Bool = false) -> Bool {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return false }
    if status.f_flag & UInt(ST_RDONLY) != 0 { return true }
    // After an error of the disk some file systems refuse writing without saying that they are read-only, so this tries
    // to create a file without a name, unless it must not write at all.
    if untouched { return false }
    let file = open(directory, nameless | O_WRONLY | O_CLOEXEC, 0o600)
    let code = errno
    if file >= 0 { close(file) }
    return file < 0 && code == EROFS
  }

  /// `O_TMPFILE` of Linux on all processors that Swift knows, a macro that Swift does not import.
  private static let nameless = 0o20000000 | O_DIRECTORY

  /// Creates a directory, readable by its owner alone, and parents that are missing.
  package static func createDirectory(_ path: String) throws {
    var missing: [String] = []
    var current = path
    while !current.isEmpty && current != "/" && access(current, F_OK) != 0 {
      missing.append(current)
      current = FilePath.parent(of: current)
    }
    for directory in missing.reversed() where mkdir(directory, 0o700) != 0 && errno != EEXIST {
      throw RunError(.storage, "Cannot create the directory \(directory): \(String(cString: strerror(errno))).")
    }
  }
}
