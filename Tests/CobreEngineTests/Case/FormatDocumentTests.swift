import Foundation
import Testing

@testable import CobreEngine

struct FormatDocumentTests {
  /// The document in the repository is what the definitions say, so that it cannot fall behind them.
  @Test func isKeptInTheRepository() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let kept = try String(contentsOf: root.appending(path: "Documentation/CaseFormat.md"), encoding: .utf8)
    #expect(
      kept == FormatDocument.whole(),
      "Documentation/CaseFormat.md is old; run cobre-worker format > Documentation/CaseFormat.md"
    )
  }
}
