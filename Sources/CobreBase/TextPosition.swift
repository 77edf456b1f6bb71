/// Positions in a text, for messages.
enum TextPosition {
  /// Line and column of a byte offset, both from 1.
  ///
  /// The column counts characters.
  static func lineAndColumn(_ bytes: [UInt8], _ offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for index in 0..<min(offset, bytes.count) {
      let byte = bytes[index]
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80, !(index == 0 && byte == 0xEF && bytes.starts(with: [0xEF, 0xBB, 0xBF])) {
        column += 1
      }
    }
    return (line, column)
  }
}

extension String {
  /// The text without control characters and at most `limit` characters long, for messages.
  package func printable(limit: Int = 80) -> String {
    // Nearly all text is plain ASCII, and looking up the class of a character is slow.
    if utf8.count <= limit, utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
    var result = ""
    var length = 0
    for scalar in unicodeScalars {
      if length == limit { return result + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
      length += 1
    }
    return result
  }
}
