import CobreMCP
import Testing

@Suite struct LineSplitterTests {
  private static func split(_ chunks: [[UInt8]], limit: Int = 1000) -> [LineSplitter.Line] {
    var splitter = LineSplitter(limit: limit)
    var lines: [LineSplitter.Line] = []
    for chunk in chunks { chunk.withUnsafeBytes { splitter.append($0) { lines.append($0) } } }
    splitter.finish { lines.append($0) }
    return lines
  }

  private static func line(_ text: String) -> LineSplitter.Line { .bytes(Array(text.utf8)) }

  @Test func everySplitOfTheBytesGivesTheSameLines() {
    let bytes = Array("{\"a\":\"é\"}\r\n\n[1]\nlast".utf8)
    let expected = [Self.line("{\"a\":\"é\"}"), Self.line(""), Self.line("[1]"), Self.line("last")]
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let chunks = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
        #expect(Self.split(chunks) == expected, "split at \(first) and \(second)")
      }
    }
  }

  @Test func lineAboveTheLimitIsReportedOnceAndTheNextOneIsRead() {
    let chunks = [Array("123456".utf8), Array("789".utf8), Array("0\nshort\n".utf8)]
    #expect(Self.split(chunks, limit: 8) == [.tooLong, Self.line("short")])
    #expect(Self.split([Array("12345678\n".utf8)], limit: 8) == [Self.line("12345678")])
    #expect(Self.split([Array("123456789".utf8)], limit: 8) == [.tooLong])
  }
}
