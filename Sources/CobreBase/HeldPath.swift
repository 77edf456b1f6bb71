internal import CobrePlatformShim
internal import Glibc

/// Something in the file system, held by a descriptor without being read.
///
/// What is checked (its location and kind) and what is read afterwards are the same file, whatever happens to names and
/// links in between.
package struct HeldPath: ~Copyable {
  let descriptor: Int32

  /// Opens a path, following all links.
  ///
  /// Throws `FileFailure` if nothing is there or access is denied.
  package init(_ path: String) throws(FileFailure) {
    self.init(owning: try HeldPath.open(AT_FDCWD, path, follow: true))
  }

  /// An entry of a directory that is held.
  ///
  /// With `follow` false a link is held itself.
  package init(_ entry: String, in directory: borrowing HeldPath, follow: Bool = true) throws(FileFailure) {
    self.init(owning: try HeldPath.open(directory.descriptor, entry, follow: follow))
  }

  private init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  private static func open(_ directory: Int32, _ path: String, follow: Bool) throws(FileFailure) -> Int32 {
    // A C string would end there, and name something else.
    if path.utf8.contains(0) { throw FileFailure(code: EINVAL) }
    let descriptor = cobre_open_place(directory, path, follow ? 1 : 0)
    guard descriptor >= 0 else { throw FileFailure(code: -descriptor) }
    return descriptor
  }

  /// Its current path, without links, or nil if the kernel does not know it.
  package var path: String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A path by which this process reaches exactly the held file.
  package var handle: String { "/proc/self/fd/\(descriptor)" }

  package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

  package var isRegularFile: Bool { mode & S_IFMT == S_IFREG }

  private var mode: mode_t {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? status.st_mode : 0
  }

  /// Whether it is in one of the directories or below.
  ///
  /// These must be free of links.
  package func isUnder(_ roots: [String]) -> Bool {
    guard let path else { return false }
    return roots.contains { path == $0 || path.hasPrefix($0 == "/" ? "/" : $0 + "/") }
  }

  /// Whether this process has it open besides this descriptor, which itself can neither read nor write.
  ///
  /// For libraries that only take a path: the file they have opened can be compared with the held one.
  package var isOpen: Bool {
    var own = stat()
    guard fstat(descriptor, &own) == 0, let directory = opendir("/proc/self/fd") else { return false }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let other = Int32(name), cobre_is_open(other) != 0 else { continue }
      var status = stat()
      if fstat(other, &status) == 0, status.st_dev == own.st_dev, status.st_ino == own.st_ino { return true }
    }
    return false
  }

  /// Opens it for reading, never waits, not even for the other end of a named pipe.
  package func openForReading() throws(FileFailure) -> Int32 {
    let opened = cobre_reopen_place(descriptor, O_RDONLY | O_NONBLOCK)
    guard opened >= 0 else { throw FileFailure(code: -opened) }
    return opened
  }
}

/// Why the operating system refused something about a file.
package struct FileFailure: Error, Sendable, Equatable {
  /// Value of `errno`.
  package let code: Int32
  /// The operating system's description, such as "Permission denied".
  package let reason: String

  package init(code: Int32) {
    self.code = code
    reason = String(cString: strerror(code))
  }

  /// Whether there is nothing of that name.
  package var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
}
