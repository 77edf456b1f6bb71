import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine

struct FormatDocumentTests {
  /// The document in the repository is what the definitions say, so that it cannot fall behind them.
  @Test func isKeptInTheRepository() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appending(path: "Documentation/CaseFormat.md")
    if ProcessInfo.processInfo.environment["COBRE_UPDATE_DOCUMENTS"] != nil {
      try Data(FormatDocument.whole().utf8).write(to: path)
    } else {
      #expect(
        try String(contentsOf: path, encoding: .utf8) == FormatDocument.whole(),
        "Run the test with COBRE_UPDATE_DOCUMENTS=1 to write it anew.")
    }
  }
}
