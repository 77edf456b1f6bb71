internal import Foundation
internal import Glibc

/// New contents for several files of a directory, which take the place of the old ones together or not at all.
///
/// All new files are on the disk before the first takes its name. Where one cannot, those before get their old contents
/// back. Links are never followed: a link that has the name is replaced, not what it leads to. A process that is killed
/// in between leaves the files that it had replaced, and copies of the old ones that end in `.old`.
package struct FileSwap: ~Copyable {
  private struct Entry {
    var folder: Int32
    var name: String
    /// Name of the new file next to it, or nil if the file is to be removed.
    var fresh: String?
    var kept: String
    var isKept = false
    var isDone = false
  }

  private let directory: OutputDirectory
  private var entries: [Entry] = []

  package init(in directory: consuming OutputDirectory) { self.directory = directory }

  deinit {
    for entry in entries {
      if let fresh = entry.fresh { unlinkat(entry.folder, fresh, 0) }
      if entry.isKept { unlinkat(entry.folder, entry.kept, 0) }
      close(entry.folder)
    }
  }

  package var path: String { directory.path }

  /// Prepares new contents of a file, given by a relative path whose folders are made; nil removes the file.
  package mutating func set(_ path: String, to bytes: [UInt8]?) throws {
    var parts = OutputDirectory.components(path)
    guard let name = parts.popLast() else { throw OutputDirectory.Failure(sentence: "A file needs a name.") }
    let mark = UUID().uuidString
    let folder = try directory.folder(parts)
    // From here on the entry owns the descriptor.
    entries.append(Entry(folder: folder, name: name, fresh: nil, kept: ".\(mark).old"))
    guard let bytes else { return }
    let fresh = ".\(mark).part"
    entries[entries.count - 1].fresh = fresh
    try directory.write(parts.map { $0 + "/" }.joined() + fresh) { try $0(bytes) }
    let descriptor = openat(folder, fresh, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    var old = stat()
    if fstatat(folder, name, &old, AT_SYMLINK_NOFOLLOW) == 0, old.st_mode & S_IFMT == S_IFREG {
      fchmod(descriptor, old.st_mode & 0o777)
    }
    guard fsync(descriptor) == 0 else { throw failure(path, errno) }
  }

  private borrowing func failure(_ path: String, _ code: Int32) -> OutputDirectory.Failure {
    OutputDirectory.Failure(sentence: "\(directory.path)/\(path) cannot be written: \(FileFailure(code: code).reason).")
  }

  /// Lets all new files take their names.
  package mutating func commit() throws(OutputDirectory.Failure) {
    for index in entries.indices {
      guard let code = replace(index) else { continue }
      let name = entries[index].name
      for done in entries.indices.reversed() where entries[done].isDone { restore(done) }
      throw failure(name, code)
    }
    for entry in entries { fsync(entry.folder) }
  }

  /// The error number of what failed; nil where the file has its new contents.
  private mutating func replace(_ index: Int) -> Int32? {
    let entry = entries[index]
    var status = stat()
    let isThere = fstatat(entry.folder, entry.name, &status, AT_SYMLINK_NOFOLLOW) == 0
    if isThere, status.st_mode & S_IFMT == S_IFDIR { return EISDIR }
    if isThere {
      // A second name keeps the first one filled all the time; file systems without such names get a gap.
      let isLinked = linkat(entry.folder, entry.name, entry.folder, entry.kept, 0) == 0
      guard isLinked || renameat(entry.folder, entry.name, entry.folder, entry.kept) == 0 else { return errno }
      entries[index].isKept = true
      if entry.fresh == nil, isLinked, unlinkat(entry.folder, entry.name, 0) != 0 { return errno }
    }
    if let fresh = entry.fresh {
      guard renameat(entry.folder, fresh, entry.folder, entry.name) == 0 else {
        let code = errno
        restore(index)
        return code
      }
      entries[index].fresh = nil
    }
    entries[index].isDone = true
    return nil
  }

  private mutating func restore(_ index: Int) {
    let entry = entries[index]
    if entry.isKept {
      // Two names of one file stay as they are by rename(2), so the second one goes by itself.
      if renameat(entry.folder, entry.kept, entry.folder, entry.name) == 0 {
        unlinkat(entry.folder, entry.kept, 0)
        entries[index].isKept = false
      }
    } else if entry.isDone {
      unlinkat(entry.folder, entry.name, 0)
    }
    entries[index].isDone = false
  }
}
