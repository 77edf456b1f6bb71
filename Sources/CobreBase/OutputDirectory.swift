internal import Glibc

/// A directory to write new files into, held by its descriptor.
///
/// Existing files are never overwritten, and no link is followed: if a name is replaced by a link while files are
/// written, the result is an error and not files in another location.
package struct OutputDirectory: ~Copyable {
  private let place: HeldPath

  /// Only the owner can access what is created.
  ///
  /// The owner can share it afterwards.
  private static let directoryMode: mode_t = 0o700
  private static let fileMode: mode_t = 0o600

  /// Directories that may be missing at the end of the path.
  private static let maximumMissing = 16

  /// Why files cannot be written, as a sentence.
  package struct Failure: Error, Sendable, Equatable {
    package var sentence: String
    /// Whether the path leads outside the directories that may be written.
    package var isOutside: Bool

    package init(sentence: String, isOutside: Bool = false) {
      self.sentence = sentence
      self.isOutside = isOutside
    }
  }

  /// Holds the directory at an absolute path, creating it and its missing parents.
  ///
  /// The part that exists must be under one of `roots`, which are free of links, once its links are resolved.
  package init(_ path: String, under roots: [String]) throws(Failure) {
    place = try OutputDirectory.hold(path, under: roots)
  }

  private init(holding place: consuming HeldPath) { self.place = place }

  var descriptor: Int32 { place.descriptor }

  /// Creates a directory in this one, which must not exist yet.
  func makeDirectory(_ name: String) throws(Failure) -> OutputDirectory {
    guard mkdirat(place.descriptor, name, Self.directoryMode) == 0 else {
      throw Failure(sentence: "\(path)/\(name) cannot be made: \(FileFailure(code: errno).reason).")
    }
    return try openDirectory(name)
  }

  /// Opens a directory in this one.
  ///
  /// A link does not count as a directory.
  func openDirectory(_ name: String) throws(Failure) -> OutputDirectory {
    do throws(FileFailure) {
      let found = try HeldPath(name, in: place, follow: false)
      guard found.isDirectory else { throw FileFailure(code: ENOTDIR) }
      return OutputDirectory(holding: found)
    } catch {
      throw Failure(sentence: "\(path)/\(name) cannot be used as a directory: \(error.reason).")
    }
  }

  /// A folder in this one as an open descriptor, which the caller closes; missing folders on the way are made.
  package func folder(_ names: [String]) throws(Failure) -> Int32 {
    do throws(FileFailure) {
      let folder = try OutputDirectory.descend(try HeldPath(".", in: place), into: names)
      let descriptor = openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else { throw FileFailure(code: errno) }
      return descriptor
    } catch {
      throw Failure(sentence: "\(path)/\(names.joined(separator: "/")) cannot be used: \(error.reason).")
    }
  }

  private static func hold(_ path: String, under roots: [String]) throws(Failure) -> HeldPath {
    var existing = OutputDirectory.components(path)
    var missing: [String] = []
    while true {
      do throws(FileFailure) {
        let found = try HeldPath("/" + existing.joined(separator: "/"))
        let isInside = found.isUnder(roots)
        if isInside && found.isDirectory { return try descend(found, into: missing.reversed()) }
        if isInside { throw FileFailure(code: ENOTDIR) }
      } catch {
        guard error.code == ENOENT, let last = existing.popLast(), missing.count < Self.maximumMissing else {
          throw Failure(sentence: "\(path) cannot be used as a directory: \(error.reason).")
        }
        missing.append(last)
        continue
      }
      throw Failure(sentence: "\(path) lies outside the directories that may be written.", isOutside: true)
    }
  }

  /// The parts of a path without `.` and `..`.
  static func components(_ path: String) -> [String] {
    var parts: [String] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts
  }

  private static func descend(_ start: consuming HeldPath, into names: some Sequence<String>) throws(FileFailure)
    -> HeldPath
  {
    var current = start
    for name in names {
      guard mkdirat(current.descriptor, name, directoryMode) == 0 || errno == EEXIST else {
        throw FileFailure(code: errno)
      }
      let next = try HeldPath(name, in: current, follow: false)
      guard next.isDirectory else { throw FileFailure(code: ENOTDIR) }
      current = next
    }
    return current
  }

  /// Its path, without links.
  package var path: String { place.path ?? place.handle }

  /// Names of its entries, or nil if it cannot be listed.
  package var entries: [String]? {
    guard let opened = try? place.openForReading(), let stream = fdopendir(opened) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Writes a new file, given by a relative path whose folders are created, and returns its size in bytes.
  ///
  /// `produce` is called with a function that takes the next bytes.
  @discardableResult
  package func write(
    _ path: String, _ produce: ((_ bytes: [UInt8]) throws -> Void) throws -> Void
  ) throws -> Int {
    var parts = OutputDirectory.components(path)
    guard let name = parts.popLast() else { throw Failure(sentence: "A file needs a name.") }
    let descriptor: Int32
    do throws(FileFailure) {
      let folder = try OutputDirectory.descend(try HeldPath(".", in: place), into: parts)
      descriptor = openat(folder.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, Self.fileMode)
      guard descriptor >= 0 else { throw FileFailure(code: errno) }
    } catch {
      guard error.code != EEXIST else {
        throw Failure(
          sentence: "\(self.path)/\(path) is there already, and nothing is overwritten. Choose another name.")
      }
      throw Failure(sentence: "\(self.path)/\(path) cannot be created: \(error.reason).")
    }
    defer { close(descriptor) }
    var size = 0
    try produce { bytes in
      try Self.writeAll(bytes, to: descriptor, name: "\(self.path)/\(path)")
      size += bytes.count
    }
    return size
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw Failure(sentence: "\(name) cannot be written: \(FileFailure(code: errno).reason).")
      }
      done += count
    }
  }
}
