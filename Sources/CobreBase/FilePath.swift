internal import Glibc

/// Paths as text.
///
/// Foundation's `deletingLastPathComponent` traps on a name of one character.
package enum FilePath {
  /// The part before the last slash: empty for a bare name, "/" for an entry of the root.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// An absolute path without links.
  ///
  /// `nil` if it does not exist.
  package static func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
