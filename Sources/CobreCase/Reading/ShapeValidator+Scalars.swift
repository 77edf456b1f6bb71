internal import CobreBase

extension ShapeValidator {
  mutating func validate(_ text: String, _ shape: StringShape) {
    if shape.refusesEmpty, text.isEmpty { return report(212, value: "", "The text must not be empty.") }
    guard let values = shape.values else { return }
    let candidates = values + shape.deprecated
    let candidate = shape.ignoresCase ? text.lowercased() : text
    if candidates.contains(candidate) { return }
    let nearest = NearestName.nearest(to: text, among: values)
    report(
      shape.code, value: text, "\"\(text.printable(limit: 60))\" is not one of \(quoted(values)).",
      nearest.map { "Did you mean \"\($0)\"?" })
  }

  mutating func validate(_ value: JSONValue, _ shape: Shape, _ integer: IntegerShape) {
    guard let number = value.int else {
      if let number = value.number, abs(number) >= 0x1p63 {
        return report(204, value: shown(value), "The integer is too large.", "Integers must fit \(width(integer)).")
      }
      return wrongType(value, shape)
    }
    guard integer.isWide || Int32(exactly: number) != nil else {
      return report(204, value: String(number), "The integer is too large.", "Integers must fit \(width(integer)).")
    }
    check(Double(number), integer.range, String(number))
  }

  private func width(_ integer: IntegerShape) -> String { integer.isWide ? "64 bits signed" : "32 bits signed" }

  mutating func check(_ number: Double, _ range: NumberRange, _ shown: String) {
    guard let code = range.brokenRule(number) else { return }
    report(code, value: shown, "\(shown) is out of range.", range.advice(number))
  }

  mutating func wrongType(_ value: JSONValue, _ shape: Shape) {
    if value.isNull { return report(205, value: "null", "null is not allowed here.", "Give \(shape.words).") }
    report(
      203, value: shown(value), "Expected \(shape.words), found \(article(value.typeName)).", Self.example(of: shape))
  }

  /// How a value of a shape is written, where its type alone does not say it.
  private static func example(of shape: Shape) -> String? {
    switch shape {
    case .object(let fields):
      let required = fields.filter(\.isRequired)
      let shown = (required.isEmpty ? fields : required).prefix(8).map { "\"\($0.name)\": …" }
      return shown.isEmpty ? nil : "Write {\(shown.joined(separator: ", "))}."
    case .tagged(let tagged):
      let names = tagged.variants.prefix(8).map { "\"\($0.name)\"" }
      return "Write {\"\(tagged.tag)\": …} with one of \(names.joined(separator: ", "))."
    case .either(let shapes): return shapes.lazy.compactMap { example(of: $0) }.first
    default: return "Give \(shape.words)."
    }
  }

  private func article(_ type: String) -> String {
    switch type {
    case "integer", "array", "object": "an \(type)"
    case "number": "a number with fraction or exponent"
    default: "a \(type)"
    }
  }

  func quoted(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }

  func shown(_ value: JSONValue) -> String {
    switch value {
    case .object(let object): "an object of \(object.count) keys"
    case .array(let values): "a list of \(values.count) values"
    case .double(let number) where !number.isFinite: number < 0 ? "-1e400" : "beyond 1.8e308"
    default: value.text().printable(limit: 60)
    }
  }

  mutating func report(
    _ code: Int, at key: String? = nil, value: String? = nil, _ message: String, _ suggestion: String? = nil
  ) {
    collector.report(
      code, file: file, at: path.text(key), entity: entity, value: value, message, suggestion: suggestion)
  }
}

extension Finding.Entity {
  /// The entity that a list element describes.
  init(_ kind: EntityKind, of element: JSONValue, key: String = "id") {
    self.kind = kind.rawValue
    self.id = element[key]?.int
    self.name = element["name"]?.string?.printable(limit: 60)
  }

  init(_ kind: EntityKind, id: Int?, name: String? = nil) {
    self.kind = kind.rawValue
    self.id = id
    self.name = name?.printable(limit: 60)
  }
}

extension CalendarDate {
  /// Reads `YYYY-MM-DD`.
  package init?(text: String) {
    let bytes = Array(text.utf8)
    self.init(bytes: bytes, bytes.startIndex..<bytes.endIndex)
  }

  /// Reads `YYYY-MM-DD` from a range of bytes.
  init?(bytes: [UInt8], _ range: Range<Int>) {
    guard range.count == 10 else { return nil }
    var numbers = [0, 0, 0]
    var part = 0
    for offset in 0..<10 {
      let byte = bytes[range.lowerBound + offset]
      if offset == 4 || offset == 7 {
        guard byte == UInt8(ascii: "-") else { return nil }
        part += 1
      } else {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        numbers[part] = numbers[part] * 10 + Int(byte - 0x30)
      }
    }
    self.init(year: numbers[0], month: numbers[1], day: numbers[2])
  }
}
