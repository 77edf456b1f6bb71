/// Paths as text.
///
/// Foundation's `deletingLastPathComponent` traps on a name of one character.
package enum FilePath {
  /// The part before the last slash: empty for a bare name, "/" for an entry of the root.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
