internal import CobreBase
internal import Glibc

/// Files that are either wholly there or not at all, also after a power cut.
package enum AtomicFile {
  /// Writes bytes to a new file next to `path`, syncs it to the disk and renames it to `path`.
  ///
  /// - Parameters:
  ///   - bytes: all of the contents.
  ///   - path: the file.
  ///   - mode: permissions, from which the umask takes away.
  ///   - replaces: whether a file that is there gives way; else that is an error.
  /// - Throws: `RunError` with the reason of the operating system.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, replaces: Bool = true
  ) throws {
    let temporary = path + ".\(getpid()).tmp"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("create", temporary) }
    do {
      try writeAll(bytes, to: descriptor, path: temporary)
      guard fsync(descriptor) == 0 else { throw failure("write", temporary) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    close(descriptor)
    guard place(temporary, at: path, replaces: replaces) else {
      let error = failure("replace", path)
      unlink(temporary)
      throw error
    }
    try synchronize(directory: FilePath.parent(of: path))
  }

  /// Gives a file its name, and returns false where that fails, with the reason in `errno`.
  private static func place(_ temporary: String, at path: String, replaces: Bool) -> Bool {
    if replaces { return rename(temporary, path) == 0 }
    // A second name is refused where there is a file, which renaming would replace.
    if link(temporary, path) == 0 {
      unlink(temporary)
      return true
    }
    // Some file systems have no second names.
    guard [EPERM, EOPNOTSUPP, ENOSYS].contains(errno), access(path, F_OK) != 0 else { return false }
    return rename(temporary, path) == 0
  }

  /// Forces the entries of a directory to the disk.
  package static func synchronize(directory: String) throws {
    let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", directory) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("write", directory) }
  }

  /// The bytes of a file, refused beyond `limit` and where it is no file: a pipe would be waited for without end.
  package static func read(_ path: String, limit: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("read", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw RunError(.storage, "\(path) is not a file.")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[0..<count])
      guard bytes.count <= limit else {
        throw RunError(.storage, "The file \(path) is larger than \(limit) bytes, which no file of a run is.")
      }
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure("write", path) }
      done += count
    }
  }

  /// The failure of the last system call, as a sentence.
  private static func failure(_ verb: String, _ path: String) -> RunError {
    let code = errno
    return RunError(.storage, "Cannot \(verb) \(path): \(String(cString: strerror(code))).")
  }
}
