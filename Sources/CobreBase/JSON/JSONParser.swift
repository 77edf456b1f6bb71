/// A strict reader of RFC 8259 JSON.
///
/// No comments, no trailing commas, no duplicate keys, no NaN, a bounded depth. A leading byte order mark is skipped.
/// Numbers keep their kind and convert exactly. The work is linear in the input and the stack is bounded by the depth.
package struct JSONParser {
  /// What a caller may relax.
  package struct Options: Sendable {
    /// Arrays and objects inside each other, at most.
    package var maxDepth = 64
    /// Whether numbers beyond the range of doubles are read as infinity instead of being refused.
    package var allowsOverflow = false

    package init() {}

    package init(maxDepth: Int = 64, allowsOverflow: Bool = false) {
      self.maxDepth = maxDepth
      self.allowsOverflow = allowsOverflow
    }
  }

  let bytes: [UInt8]
  let options: Options
  var position = 0
  var depth = 0

  /// Reads one JSON text.
  ///
  /// - Throws: the first error, with its line and column.
  package static func parse(_ bytes: [UInt8], options: Options = Options()) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes: bytes, options: options)
    return try parser.parseDocument()
  }

  /// Reads one JSON text.
  package static func parse(_ text: String, options: Options = Options()) throws(JSONError) -> JSONValue {
    try parse(Array(text.utf8), options: options)
  }

  private init(bytes: [UInt8], options: Options) {
    self.bytes = bytes
    self.options = options
  }

  private mutating func parseDocument() throws(JSONError) -> JSONValue {
    if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
      throw error(.encoding, "The text is UTF-16; it must be UTF-8.")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    skipBlanks()
    guard position < bytes.count else { throw error(.truncated, "The text is empty.") }
    let value = try parseValue()
    skipBlanks()
    guard position == bytes.count else { throw error(.syntax, "There is more text after the end of the value.") }
    return value
  }

  mutating func parseValue() throws(JSONError) -> JSONValue {
    guard position < bytes.count else { throw truncated() }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object(try parseObject())
    case UInt8(ascii: "["): return .array(try parseArray())
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    default: throw unexpected()
    }
  }

  private mutating func parseObject() throws(JSONError) -> JSONObject {
    try enter()
    var object = JSONObject()
    skipBlanks()
    if take(UInt8(ascii: "}")) {
      depth -= 1
      return object
    }
    while true {
      skipBlanks()
      guard position < bytes.count else { throw truncated() }
      guard bytes[position] == UInt8(ascii: "\"") else {
        throw error(.syntax, "A key in double quotes is expected here, not \(shown(position)).")
      }
      let start = position
      let key = try parseString()
      skipBlanks()
      guard position < bytes.count else { throw truncated() }
      guard take(UInt8(ascii: ":")) else {
        throw error(.syntax, "A colon is expected after the key, not \(shown(position)).")
      }
      skipBlanks()
      let value = try parseValue()
      guard object.insertNew(key, value) else {
        throw error(.duplicateKey, "The key \"\(printable(key))\" stands twice in the same object.", at: start)
      }
      skipBlanks()
      guard position < bytes.count else { throw truncated() }
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else {
        throw error(.syntax, "A comma or } is expected here, not \(shown(position)).")
      }
      depth -= 1
      return object
    }
  }

  private mutating func parseArray() throws(JSONError) -> [JSONValue] {
    try enter()
    var values: [JSONValue] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) {
      depth -= 1
      return values
    }
    while true {
      skipBlanks()
      values.append(try parseValue())
      skipBlanks()
      guard position < bytes.count else { throw truncated() }
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else {
        throw error(.syntax, "A comma or ] is expected here, not \(shown(position)).")
      }
      depth -= 1
      return values
    }
  }

  private mutating func parseNumber() throws(JSONError) -> JSONValue {
    let start = position
    while position < bytes.count, JSONParser.isNumberByte(bytes[position]) { position += 1 }
    switch DecimalScanner.number(bytes, start..<position, strictJSON: true) {
    case .int(let value): return .int(value)
    case .double(let value) where value.isFinite || options.allowsOverflow: return .double(value)
    case .double:
      throw error(.overflow, "The number is too large for a 64-bit floating-point number.", at: start)
    case nil: throw error(position == bytes.count ? .truncated : .syntax, "This is not a JSON number.", at: start)
    }
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for offset in 0..<word.utf8CodeUnitCount {
      guard position + offset < bytes.count else { throw truncated() }
      guard bytes[position + offset] == word.utf8Start[offset] else { throw unexpected() }
    }
    position += word.utf8CodeUnitCount
    return value
  }

  private mutating func enter() throws(JSONError) {
    depth += 1
    guard depth <= options.maxDepth else {
      throw error(.depth, "Arrays and objects are nested more than \(options.maxDepth) deep.")
    }
    position += 1
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }
}
