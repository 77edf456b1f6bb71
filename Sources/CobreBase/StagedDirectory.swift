internal import Foundation
internal import Glibc

/// A new directory that appears under its name when all its files are written, or never.
///
/// Until then the files are in a hidden directory next to it, which is removed if nothing is published. Links are never
/// followed. What already has the name stays unchanged, unless it is an empty directory.
package struct StagedDirectory: ~Copyable {
  private let parent: OutputDirectory
  private let staging: OutputDirectory
  private let stagingName: String
  private let name: String
  private var isPublished = false

  /// Prepares the directory at an absolute path whose missing parents are created.
  ///
  /// The part that exists must be under one of `roots`, which are free of links, once its links are resolved.
  package init(_ path: String, under roots: [String]) throws(OutputDirectory.Failure) {
    let parts = OutputDirectory.components(path)
    guard let name = parts.last else {
      throw OutputDirectory.Failure(sentence: "\(path) has no name of its own; name a new directory.")
    }
    let parent = try OutputDirectory("/" + parts.dropLast().joined(separator: "/"), under: roots)
    try Self.check(name, in: parent)
    let stagingName = ".\(UUID().uuidString).part"
    staging = try parent.makeDirectory(stagingName)
    self.parent = parent
    self.stagingName = stagingName
    self.name = name
  }

  deinit {
    guard !isPublished else { return }
    Self.empty(staging)
    unlinkat(parent.descriptor, stagingName, AT_REMOVEDIR)
  }

  /// Removes the hidden directory that a killed process has left.
  ///
  /// - Parameters:
  ///   - path: its `stagingPath`; anything that has no such name is left alone.
  ///   - roots: it must be under one of them.
  package static func discard(_ path: String, under roots: [String]) {
    let parts = OutputDirectory.components(path)
    guard let name = parts.last, name.hasPrefix("."), name.hasSuffix(".part"),
      let parent = try? OutputDirectory("/" + parts.dropLast().joined(separator: "/"), under: roots),
      let staging = try? parent.openDirectory(name)
    else { return }
    empty(staging)
    unlinkat(parent.descriptor, name, AT_REMOVEDIR)
  }

  /// Removes what has been written, folders included.
  private static func empty(_ directory: borrowing OutputDirectory) {
    for entry in directory.entries ?? [] where unlinkat(directory.descriptor, entry, 0) != 0 {
      if let folder = try? directory.openDirectory(entry) { empty(folder) }
      unlinkat(directory.descriptor, entry, AT_REMOVEDIR)
    }
  }

  private static func check(_ name: String, in parent: borrowing OutputDirectory) throws(OutputDirectory.Failure) {
    var status = stat()
    guard fstatat(parent.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return }
      throw OutputDirectory.Failure(
        sentence: "\(parent.path)/\(name) cannot be used: \(FileFailure(code: errno).reason).")
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      let isEmpty = try parent.openDirectory(name).entries?.isEmpty ?? false
      if isEmpty { return }
      throw OutputDirectory.Failure(
        sentence: "\(parent.path)/\(name) is not empty; name a directory that is new or empty.")
    }
    throw OutputDirectory.Failure(
      sentence: "\(parent.path)/\(name) is there and is no directory; name a directory that is new or empty.")
  }

  /// Writes a new file with a plain name (see `OutputDirectory`).
  @discardableResult
  package func write(
    _ name: String, _ produce: ((_ bytes: [UInt8]) throws -> Void) throws -> Void
  ) throws -> Int {
    try staging.write(name, produce)
  }

  /// Where the files are until then, for a program that writes them itself.
  package var stagingPath: String { staging.path }

  /// Puts the directory under its name and returns its path.
  package mutating func publish() throws(OutputDirectory.Failure) -> String {
    guard renameat(parent.descriptor, stagingName, parent.descriptor, name) == 0 else {
      let reason =
        errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
        ? "something has come to be there meanwhile" : FileFailure(code: errno).reason
      throw OutputDirectory.Failure(sentence: "\(parent.path)/\(name) cannot be made: \(reason).")
    }
    isPublished = true
    return "\(parent.path)/\(name)"
  }
}
