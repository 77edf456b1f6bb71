package import CobreBase
package import CobreCase
internal import CobreEngine
internal import Foundation

/// Which directories a tool may read: those under the allowed roots, after links are resolved.
package struct PathPolicy: Sendable {
  /// Allowed directories, resolved.
  package let roots: [String]
  /// The roots under which a tool may write.
  package let writableRoots: [String]
  /// Directories against which a relative path is tried, in order.
  private let bases: [String]

  /// - Parameters:
  ///   - allowed: directories to allow. Those that do not exist are left out.
  ///   - bases: directories against which relative paths are resolved. The first that contains the path counts.
  ///   - readOnly: the allowed directories under which nothing may be written.
  package init(allowed: [String], bases: [String], readOnly: [String] = []) {
    self.roots = Self.outermost(allowed)
    self.writableRoots = Self.outermost(allowed.filter { !readOnly.contains($0) })
    self.bases = bases.compactMap { Self.resolved($0) }
  }

  /// What reading a case may touch, also by links.
  package var caseBounds: CaseBounds { CaseBounds(under: roots) }

  private static func outermost(_ directories: [String]) -> [String] {
    let found = directories.compactMap { resolved($0) }
    // A root inside another one would only make the messages longer.
    return found.enumerated().filter { index, root in
      !found.enumerated().contains { other, outer in
        other != index && (root.hasPrefix(outer == "/" ? "/" : outer + "/") || (root == outer && other < index))
      }
    }.map(\.element)
  }

  /// The resolved path of an existing directory under one of the roots.
  ///
  /// The error names the argument, and does not reveal whether something outside the roots exists.
  package func directory(_ path: String, argument: String) throws(ToolError) -> String {
    if path.utf8.contains(0) { throw ToolError("`\(argument)` must not contain a NUL byte.") }
    let candidates = path.hasPrefix("/") ? [path] : bases.map { "\($0)/\(path)" }
    var isOutside = false
    var missing: String?
    for candidate in candidates {
      guard let found = Self.resolved(candidate) else {
        let plain = Self.normalized(candidate)
        if isAllowed(plain) { missing = missing ?? plain } else { isOutside = true }
        continue
      }
      guard isAllowed(found) else {
        isOutside = true
        continue
      }
      var information = stat()
      guard stat(found, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
        throw ToolError(
          "`\(argument)` must be a directory; \"\(path)\" is not one. Name the directory that holds config.json.")
      }
      return found
    }
    if let missing {
      throw ToolError("`\(argument)`: there is no directory \"\(path)\". \(neighbours(of: missing))")
    }
    if isOutside || candidates.isEmpty {
      throw ToolError(
        "`\(argument)` must lie under \(rootList); \"\(path)\" does not. "
          + "Start the server with --allow-dir DIR to allow another directory.")
    }
    throw ToolError("`\(argument)`: there is no directory \"\(path)\". Allowed are directories under \(rootList).")
  }

  /// A directory to write new files into, held open.
  ///
  /// Created if it is missing.
  package func outputDirectory(_ path: String, argument: String) throws(ToolError) -> OutputDirectory {
    if path.utf8.contains(0) { throw ToolError("`\(argument)` must not contain a NUL byte.") }
    guard let absolute = absolute(path) else { throw outside(path, argument) }
    do throws(OutputDirectory.Failure) {
      return try OutputDirectory(absolute, under: writableRoots)
    } catch {
      throw error.isOutside ? outside(path, argument) : ToolError("`\(argument)`: \(error.sentence)")
    }
  }

  /// What exists in the place of a missing directory, as a sentence.
  private func neighbours(of missing: String) -> String {
    var parent = FilePath.parent(of: missing)
    while Self.resolved(parent) == nil, parent != "/", !parent.isEmpty { parent = FilePath.parent(of: parent) }
    guard let found = Self.resolved(parent), isAllowed(found) else {
      return "Allowed are directories under \(rootList)."
    }
    let entries = ((try? FileManager.default.contentsOfDirectory(atPath: found)) ?? []).sorted().filter { entry in
      var information = stat()
      return !entry.hasPrefix(".") && stat("\(found)/\(entry)", &information) == 0
        && information.st_mode & S_IFMT == S_IFDIR
    }
    guard !entries.isEmpty else { return "\(found) holds no directories." }
    let name = String(missing.split(separator: "/").last ?? "")
    let nearest = NearestName.nearest(to: name, among: entries).map { " Did you mean \"\($0)\"?" } ?? ""
    let shown = entries.prefix(20).joined(separator: ", ")
    return "In \(found) there are \(shown)\(entries.count > 20 ? " and \(entries.count - 20) more" : "").\(nearest)"
  }

  /// A new directory that appears when all its files are written.
  package func stagedDirectory(_ path: String, argument: String) throws(ToolError) -> StagedDirectory {
    if path.utf8.contains(0) { throw ToolError("`\(argument)` must not contain a NUL byte.") }
    guard let absolute = absolute(path) else { throw outside(path, argument) }
    do throws(OutputDirectory.Failure) {
      return try StagedDirectory(absolute, under: writableRoots)
    } catch {
      throw error.isOutside ? outside(path, argument) : ToolError("`\(argument)`: \(error.sentence)")
    }
  }

  /// What changes the files of cases under the directories that may be written.
  package var caseEditor: CaseEditor { CaseEditor(bounds: caseBounds, writable: writableRoots) }

  /// The absolute form of a path for something new, for `caseEditor`, which checks where it leads.
  package func newDirectory(_ path: String, argument: String) throws(ToolError) -> String {
    if path.utf8.contains(0) { throw ToolError("`\(argument)` must not contain a NUL byte.") }
    guard let absolute = absolute(path) else { throw outside(path, argument) }
    return absolute
  }

  /// Why something could not be written, for a caller that named it by an argument.
  package func refusal(_ failure: OutputDirectory.Failure, _ path: String, argument: String) -> ToolError {
    failure.isOutside ? outside(path, argument) : ToolError("`\(argument)`: \(failure.sentence)")
  }

  /// Relative paths start at the first base; nil where there is none.
  private func absolute(_ path: String) -> String? {
    path.hasPrefix("/") ? path : bases.first.map { ($0 == "/" ? "" : $0) + "/" + path }
  }

  private func outside(_ path: String, _ argument: String) -> ToolError {
    ToolError(
      "`\(argument)` must lie under \(Self.list(writableRoots)); \"\(path)\" does not. "
        + "Start the server with --allow-dir DIR to allow another directory.")
  }

  /// Where tools may read and write, for a model that has to name a directory.
  package var sentence: String {
    let readable = roots.filter { !writableRoots.contains($0) }
    var text = "Cases and files may lie under \(Self.list(writableRoots))"
    if !readable.isEmpty { text += "; \(Self.list(readable)) can be read" }
    return text + ". Relative paths start at \(bases.first ?? "no directory")."
  }

  private var rootList: String { Self.list(roots) }

  private static func list(_ roots: [String]) -> String {
    roots.isEmpty ? "an allowed directory (none is)" : roots.joined(separator: " or ")
  }

  private func isAllowed(_ path: String) -> Bool {
    roots.contains { path == $0 || path.hasPrefix($0 == "/" ? "/" : $0 + "/") }
  }

  /// The path without links, `.` and `..`, or nil if it does not exist.
  private static func resolved(_ path: String) -> String? {
    guard let raw = realpath(path, nil) else { return nil }
    defer { free(raw) }
    return String(cString: raw)
  }

  /// The path without `.` and `..`, for one that does not exist.
  private static func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}
