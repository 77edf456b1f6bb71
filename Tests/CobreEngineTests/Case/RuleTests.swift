import CobreCase
import CobreEngine
import Foundation
import Testing

@Suite("Rules") struct RuleTests {
  @Test func codesAreUnique() {
    #expect(Set(Rule.all.map(\.code)).count == Rule.all.count)
  }

  @Test func theDocumentListsThemAll() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../../Documentation/Validation.md"
    ).standardized
    let document = try String(contentsOf: path, encoding: .utf8)
    if ProcessInfo.processInfo.environment["COBRE_UPDATE_DOCUMENTS"] != nil {
      let head = document.components(separatedBy: "## Layer 1")[0]
      try Data((head + RuleDocument.tables()).utf8).write(to: path)
    } else {
      #expect(document.hasSuffix(RuleDocument.tables()), "Run the test with COBRE_UPDATE_DOCUMENTS=1 to write it anew.")
    }
  }
}
