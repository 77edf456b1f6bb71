internal import CobreBase

/// Reads the left-hand side of a generic constraint.
///
/// `expression = ["+" | "-"] term { ("+" | "-") term }`,
/// `term = [ number "*" ] name "(" entity_id [ "," block_id ] ")"`.
struct ExpressionParser {
  /// A term with the entity still by id.
  struct Term: Equatable {
    var coefficient: Double
    var variable: GenericVariable
    var entityID: Int
    var block: Int?
  }

  struct Failure: Error {
    /// Character position in the expression, from 1.
    var column: Int
    var message: String
    var suggestion: String?
  }

  private let bytes: [UInt8]
  private var position = 0

  /// Terms in written order, not merged.
  static func parse(_ text: String) throws(Failure) -> [Term] {
    var parser = ExpressionParser(bytes: Array(text.utf8))
    return try parser.parseExpression()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func parseExpression() throws(Failure) -> [Term] {
    var terms: [Term] = []
    skipBlanks()
    guard position < bytes.count else { throw failure("The expression is empty.") }
    var sign = 1.0
    if take(UInt8(ascii: "-")) { sign = -1 } else { _ = take(UInt8(ascii: "+")) }
    while true {
      terms.append(try parseTerm(sign))
      skipBlanks()
      guard position < bytes.count else { return terms }
      if take(UInt8(ascii: "+")) {
        sign = 1
      } else if take(UInt8(ascii: "-")) {
        sign = -1
      } else {
        throw failure("+ or − is expected between terms.")
      }
    }
  }

  private mutating func parseTerm(_ sign: Double) throws(Failure) -> Term {
    skipBlanks()
    var coefficient = sign
    let numberStart = position
    if let number = parseNumber() {
      guard number.isFinite else { throw failure("The number overflows.", at: numberStart) }
      coefficient *= number
      skipBlanks()
      guard take(UInt8(ascii: "*")) else {
        throw failure("A number must be followed by * and a variable; bare constants are not allowed.", at: numberStart)
      }
      skipBlanks()
    }
    let variable = try parseName()
    skipBlanks()
    guard take(UInt8(ascii: "(")) else { throw failure("( with an entity id is expected after the name.") }
    let entity = try parseID("an entity id")
    skipBlanks()
    var block: Int?
    if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
      guard !variable.isStageLevel else {
        throw failure("\(variable.rawValue) has one value per stage and takes no block argument.")
      }
      position += 1
      block = try parseID("a block id")
      skipBlanks()
    }
    guard take(UInt8(ascii: ")")) else { throw failure(") is expected here.") }
    return Term(coefficient: coefficient, variable: variable, entityID: entity, block: block)
  }

  private mutating func parseNumber() -> Double? {
    let start = position
    var end = position
    while end < bytes.count {
      let byte = bytes[end]
      let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      let afterExponent = end > start && bytes[end - 1] | 0x20 == UInt8(ascii: "e")
      guard
        (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".")
          || (end > start && byte | 0x20 == UInt8(ascii: "e")) || (isSign && afterExponent)
      else { break }
      end += 1
    }
    guard end > start, let number = DecimalScanner.number(bytes, start..<end) else { return nil }
    position = end
    switch number {
    case .int(let value): return Double(value)
    case .double(let value): return value
    }
  }

  private mutating func parseName() throws(Failure) -> GenericVariable {
    let start = position
    while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    guard !name.isEmpty else { throw failure("The name of a variable is expected here.", at: start) }
    guard let variable = GenericVariable(rawValue: name), GenericVariable.ownFormat.contains(variable) else {
      let nearest = NearestName.nearest(to: name, among: GenericVariable.ownFormat.map(\.rawValue))
      throw Failure(
        column: start + 1, message: "\"\(name.printable(limit: 40))\" is not a known variable.",
        suggestion: nearest.map { "Did you mean \"\($0)\"?" })
    }
    return variable
  }

  private mutating func parseID(_ what: String) throws(Failure) -> Int {
    skipBlanks()
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    guard case .int(let value) = DecimalScanner.number(bytes, start..<position), let id = Int32(exactly: value) else {
      throw failure("\(what.prefix(1).uppercased() + what.dropFirst()) (an integer ≥ 0) is expected here.", at: start)
    }
    return Int(id)
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
      || (0x30...0x39).contains(byte)
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private func failure(_ message: String, at offset: Int? = nil) -> Failure {
    Failure(column: (offset ?? position) + 1, message: message)
  }
}
