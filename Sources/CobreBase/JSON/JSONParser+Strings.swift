extension JSONParser {
  /// Reads a string.
  ///
  /// `position` is at its opening quote.
  mutating func parseString() throws(JSONError) -> String {
    position += 1
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = String(validating: bytes[start..<position], as: UTF8.self)
        guard let text else { throw invalidText(from: start) }
        position += 1
        return text
      case UInt8(ascii: "\\"): return try parseEscapedString(from: start)
      case 0..<0x20: throw controlCharacter()
      default: position += 1
      }
    }
    throw truncated()
  }

  /// The same for a string with escapes.
  ///
  /// `position` is at the first backslash.
  private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
    var text = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw invalidText(from: start) }
        return string
      case UInt8(ascii: "\\"): try parseEscape(into: &text)
      case 0..<0x20:
        position -= 1
        throw controlCharacter()
      default: text.append(byte)
      }
    }
    throw truncated()
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(JSONError) {
    guard position < bytes.count else { throw truncated() }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): try parseUnicodeEscape(into: &text)
    default: throw error(.syntax, "\\\(shown(position - 1)) is not an escape that JSON knows.", at: position - 2)
    }
  }

  private mutating func parseUnicodeEscape(into text: inout [UInt8]) throws(JSONError) {
    let start = position - 2
    let first = try parseHexDigits()
    var code = UInt32(first)
    if (0xD800..<0xDC00).contains(first) {
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      else { throw error(.syntax, "A high surrogate must be followed by a low one.", at: start) }
      position += 2
      let second = try parseHexDigits()
      guard (0xDC00..<0xE000).contains(second) else {
        throw error(.syntax, "A high surrogate must be followed by a low one.", at: start)
      }
      code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw error(.syntax, "A low surrogate must follow a high one.", at: start)
    }
    text.append(contentsOf: Array(String(Character(scalar)).utf8))
  }

  private mutating func parseHexDigits() throws(JSONError) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw truncated() }
      let byte = bytes[position]
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw error(.syntax, "\\u must be followed by four hexadecimal digits.")
      }
      code = code << 4 | UInt16(digit)
      position += 1
    }
    return code
  }
}

extension JSONParser {
  func error(_ kind: JSONError.Kind, _ message: String, at offset: Int? = nil) -> JSONError {
    let (line, column) = TextPosition.lineAndColumn(bytes, offset ?? position)
    return JSONError(kind: kind, line: line, column: column, message: message)
  }

  func truncated() -> JSONError {
    error(.truncated, "The text ends before the value does.", at: bytes.count)
  }

  func unexpected() -> JSONError {
    let word = bytes[position...].prefix { isWordByte($0) }
    let text = String(decoding: word.prefix(12), as: UTF8.self)
    switch text.lowercased() {
    case "nan", "inf", "infinity": return error(.syntax, "\(text) is not a JSON number; numbers must be finite.")
    case "true", "false", "null": return error(.syntax, "\(text) must be written in lower case.")
    default: return error(.syntax, "A value is expected here, not \(shown(position)).")
    }
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private func controlCharacter() -> JSONError {
    error(.syntax, "A control character inside a string must be escaped; is a closing quote missing?")
  }

  private func invalidText(from start: Int) -> JSONError {
    error(.encoding, "The string is not valid UTF-8.", at: start)
  }

  /// A byte of the input for messages: itself if it is plain, else its number.
  func shown(_ offset: Int) -> String {
    guard offset < bytes.count else { return "the end" }
    let byte = bytes[offset]
    return (0x21..<0x7F).contains(byte)
      ? String(UnicodeScalar(byte)) : "byte 0x" + String(byte, radix: 16, uppercase: true)
  }

  /// A key for messages, shortened and without control characters.
  func printable(_ text: String) -> String { text.printable(limit: 40) }
}
