import Foundation

/// The source files of this package, read once, for tests that check text.
struct SourceTree {
  struct File {
    /// Path relative to the package, such as `Sources/CobreCase/Model/Hydro.swift`.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// Folder of the file, relative to the package.
    var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

    /// Whether the file is in that folder or below it.
    func isIn(_ folder: String) -> Bool { path.hasPrefix(folder + "/") }

    /// Names of the modules imported, without access level, attributes and submodules.
    var imports: [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ")
        guard let keyword = words.firstIndex(of: "import") else { return nil }
        let before = words[..<keyword]
        let modifiers: Set<Substring> = ["package", "internal", "public", "private", "fileprivate"]
        guard before.allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let after = words[(keyword + 1)...].drop { kinds.contains($0) }
        return after.first?.split(separator: ".").first.map(String.init)
      }
    }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let sources = files(under: "Sources", suffixes: [".swift", ".c", ".cpp", ".h"])
  static let swiftSources = sources.filter { $0.path.hasSuffix(".swift") }
  static let tests = files(under: "Tests", suffixes: [".swift", ".py"])

  static func text(_ path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static func files(under top: String, suffixes: [String]) -> [File] {
    let base = root.appending(path: top).path
    guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
    return walk.compactMap { $0 as? String }
      .filter { name in suffixes.contains { name.hasSuffix($0) } }
      .sorted()
      .compactMap { name in text("\(top)/\(name)").map { File(path: "\(top)/\(name)", text: $0) } }
  }
}
