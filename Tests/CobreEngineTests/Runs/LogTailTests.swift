import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct LogTailTests {
  @Test(arguments: [
    ("plain text, ümläut", "plain text, ümläut"),
    ("\u{1b}[31mred\u{1b}[0m text", "red text"),
    ("\u{1b}]0;title\u{7}after", "after"),
    ("a\tb\u{0}c\u{8}d\rend", "a bcdend"),
    ("left\u{202e}right", "leftright"),
  ])
  func `control characters are taken out`(line: String, expected: String) {
    #expect(LogTail.sanitized(line.utf8) == expected)
  }

  @Test func `bytes that are no text become replacement characters`() {
    let text = LogTail.sanitized([0x61, 0xff, 0x80, 0x62])
    #expect(text.hasPrefix("a") && text.hasSuffix("b"))
    #expect(text.unicodeScalars.contains("\u{fffd}"))
  }

  @Test func `only the last lines are read, and long ones are cut`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/log"
    let lines = (0..<5000).map { "line \($0)" } + [String(repeating: "x", count: 5000)]
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
    let tail = LogTail.read(path, lines: 3)
    #expect(tail.prefix(2) == ["line 4998", "line 4999"])
    #expect(tail.last?.count == 401)
    #expect(LogTail.read(directory.path + "/none", lines: 3).isEmpty)
  }
}
