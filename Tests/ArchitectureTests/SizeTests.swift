import Testing

/// A file holds one idea, and every folder says what it is for.
@Suite struct SizeTests {
  private static let maximumLines = 500

  @Test func noFileIsLong() {
    let long = (SourceTree.sources + SourceTree.tests)
      .filter { $0.lines.count > Self.maximumLines }
      .map { "\($0.path): \($0.lines.count) lines" }
    #expect(long == [], "split by concept, as Type.swift and Type+Feature.swift")
  }

  @Test func everyFolderHasAParagraph() throws {
    let document = try #require(SourceTree.text("Documentation/Modules.md"))
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    for folder in Set(SourceTree.sources.map(\.folder)).sorted() {
      // Public headers of a C target are in `include` by SwiftPM's rule.
      if folder.hasSuffix("/include") { continue }
      let heading = lines.firstIndex { $0.hasPrefix("#") && $0.contains("`\(folder)`") }
      let paragraph = heading.flatMap { lines[($0 + 1)...].first { !$0.isEmpty } }
      #expect(paragraph.map { !$0.hasPrefix("#") } == true, "Documentation/Modules.md has no paragraph on \(folder)")
    }
  }

  @Test func everyHeadingNamesAFolderThatIsThere() throws {
    let document = try #require(SourceTree.text("Documentation/Modules.md"))
    let folders = Set(SourceTree.sources.map(\.folder))
    for line in document.split(separator: "\n") where line.hasPrefix("#") {
      guard let named = line.firstMatch(of: /`(Sources\/[^`]+)`/) else { continue }
      let folder = String(named.1)
      #expect(folders.contains { $0 == folder || $0.hasPrefix(folder + "/") }, "There is no folder \(folder)")
    }
  }
}
