package import CobreBase
internal import CobreCase
internal import CobreEngine
package import CobreRuns

/// One declared argument of a tool.
///
/// Both the input schema and the check of arguments are derived from it.
package struct Parameter: Sendable {
  package enum Kind: Sendable {
    case text(maximumLength: Int)
    /// Id or name of an element of a case; an id may be sent as a number.
    case element
    /// Letters, digits, `.`, `_` and `-`, 1 to 64 of them.
    case name
    case choice([String])
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    /// A list of names, so many.
    case names(ClosedRange<Int>)
    /// An object of finite numbers, with at most so many members.
    case numbers(maximumCount: Int)
    /// A list of host names, at least one.
    case hosts(maximumCount: Int)
    /// Yes or no.
    case flag
    /// An object of numbers, texts and nulls, with at most so many members.
    case fields(maximumCount: Int)
    /// A list of edits of a case; `CaseEdit` checks what is in them.
    case edits
    /// The same where the schema leaves their form to the tool that changes cases.
    case changes
  }

  package let name: String
  package let kind: Kind
  package let isRequired: Bool
  package let defaultValue: JSONValue?
  /// For the model that fills it in: meaning, unit, example.
  package let description: String
  /// The same in a few words, for the list of tools; nil where the description is short.
  package let brief: String?

  package init(
    _ name: String, _ kind: Kind, required: Bool = false, default defaultValue: JSONValue? = nil,
    brief: String? = nil, _ description: String
  ) {
    self.name = name
    self.kind = kind
    self.isRequired = required
    self.defaultValue = defaultValue
    self.description = description
    self.brief = brief
  }

  /// The argument that an option of a run becomes.
  package init(_ option: RunOption) {
    let kind: Kind =
      switch option.kind {
      case .integer(let range): .integer(range)
      case .number(let range): .number(range)
      case .choice(let words): .choice(words)
      case .name, .run: .name
      case .hosts(let limit): .hosts(maximumCount: limit)
      case .edits: .changes
      case .risk: .text(maximumLength: 200)
      }
    self.init(option.name, kind, default: option.defaultValue, brief: option.flagHelp, option.help)
  }

  /// Whether the schema says what an edit of a case is.
  private var isSpelledOut: Bool { if case .edits = kind { true } else { false } }

  package static let namePattern = "^[A-Za-z0-9._-]{1,64}$"

  package static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// JSON Schema (2020-12) of the argument, as the list of tools has it: what a model needs to fill it in.
  package var schema: JSONObject { schema(isFull: false) }

  /// The same with all that there is to say, lengths and patterns that are checked included.
  package var fullSchema: JSONObject { schema(isFull: true) }

  /// Beyond this no bound is stated: some models' tool interfaces refuse larger ones.
  private static let largestBound = 2_147_483_648.0

  private func schema(isFull: Bool) -> JSONObject {
    var schema: JSONObject = ["description": .string(isFull ? description : brief ?? description)]
    func limit(_ key: String, _ value: JSONValue) { if isFull { schema[key] = value } }
    // The list leaves out bounds that no call oversteps by mistake; the check of what was sent names them.
    func bound(_ key: String, _ value: JSONValue) {
      let size = abs(value.number ?? 0)
      let isTelling = isFull || (key == "maximum" ? size <= 1000 : size > 1 && size < Self.largestBound)
      if size <= Self.largestBound, isTelling { schema[key] = value }
    }
    switch kind {
    case .element:
      schema["type"] = "string"
      limit("minLength", 1)
      limit("maxLength", 200)
    case .text(let maximumLength):
      schema["type"] = "string"
      limit("minLength", 1)
      limit("maxLength", .int(Int64(maximumLength)))
    case .name:
      schema["type"] = "string"
      limit("pattern", .string(Self.namePattern))
    case .choice(let words):
      schema["type"] = "string"
      schema["enum"] = .array(words.map { .string($0) })
    case .integer(let range):
      schema["type"] = "integer"
      bound("minimum", .int(range.lowerBound))
      bound("maximum", .int(range.upperBound))
    case .number(let range):
      schema["type"] = "number"
      bound("minimum", .number(range.lowerBound))
      bound("maximum", .number(range.upperBound))
    case .names(let range):
      schema["type"] = "array"
      schema["items"] = ["type": "string"]
      limit("minItems", .int(Int64(range.lowerBound)))
      limit("maxItems", .int(Int64(range.upperBound)))
    case .numbers(let maximumCount):
      schema["type"] = "object"
      schema["additionalProperties"] = ["type": "number"]
      limit("maxProperties", .int(Int64(maximumCount)))
    case .hosts(let maximumCount):
      schema["type"] = "array"
      schema["items"] = ["type": "string"]
      limit("minItems", 1)
      limit("maxItems", .int(Int64(maximumCount)))
    case .flag:
      schema["type"] = "boolean"
    case .fields(let maximumCount):
      schema["type"] = "object"
      limit("maxProperties", .int(Int64(maximumCount)))
    case .edits, .changes:
      schema["type"] = "array"
      schema["items"] = .object(isSpelledOut || isFull ? EditSchema.item : ["type": "object"])
      limit("minItems", 1)
      limit("maxItems", .int(Int64(CaseEdit.maximumEdits)))
    }
    if let defaultValue { schema["default"] = defaultValue }
    return schema
  }

  /// What is allowed, as the end of a sentence.
  package var allowed: String {
    switch kind {
    case .element: "an id, or a name of at most 200 characters"
    case .text(let maximumLength): "a string of 1 to \(maximumLength) characters"
    case .name: "1 to 64 letters, digits, '.', '_' or '-'"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
    case .names(let range):
      "a list of \(range.lowerBound) to \(range.upperBound) names, each of 1 to 64 letters, digits, '.', '_' or '-'"
    case .numbers(let maximumCount): "an object with at most \(maximumCount) members, all of them finite numbers"
    case .hosts(let maximumCount):
      "a list of 1 to \(maximumCount) host names or IPv4 addresses of letters, digits, '.' and '-'"
    case .flag: "true or false"
    case .fields(let maximumCount): "an object with at most \(maximumCount) members: numbers, texts or null"
    case .edits, .changes: "a list of 1 to \(CaseEdit.maximumEdits) objects"
    }
  }

  /// The value in the parameter's type, or nil if it is not allowed.
  ///
  /// Only lossless conversions are made: `"12"` and `12.0` are 12 for an integer.
  package func coerced(_ value: JSONValue) -> JSONValue? {
    switch kind {
    case .element:
      guard let text = value.string ?? value.int.map({ String($0) }), (1...200).contains(text.utf8.count) else {
        return nil
      }
      return .string(text)
    case .text(let maximumLength):
      guard let text = value.string, !text.isEmpty, text.utf8.count <= maximumLength else { return nil }
      return value
    case .name:
      guard let text = value.string, Self.isName(text) else { return nil }
      return value
    case .choice(let words):
      guard let text = value.string, words.contains(text) else { return nil }
      return value
    case .integer(let range):
      let integer: Int64? =
        switch value {
        case .int(let written): written
        case .double(let written): Int64(exactly: written)
        case .string(let text): Int64(text)
        default: nil
        }
      guard let integer, range.contains(integer) else { return nil }
      return .int(integer)
    case .number(let range):
      let number = value.string.map { Double($0) } ?? value.number
      guard let number, number.isFinite, range.contains(number) else { return nil }
      return .double(number)
    case .names(let range):
      guard let items = value.array, range.contains(items.count),
        items.allSatisfy({ $0.string.map(Self.isName) ?? false })
      else { return nil }
      return value
    case .numbers(let maximumCount):
      guard let members = value.object, members.count <= maximumCount,
        members.values.allSatisfy({ $0.number?.isFinite ?? false })
      else { return nil }
      return value
    case .hosts(let maximumCount):
      guard let names = value.array, (1...maximumCount).contains(names.count),
        names.allSatisfy({ $0.string.map(HostList.isName) ?? false })
      else { return nil }
      return value
    case .flag:
      switch value {
      case .bool: return value
      case .string("true"): return true
      case .string("false"): return false
      default: return nil
      }
    case .fields(let maximumCount):
      guard let members = value.object, members.count <= maximumCount,
        members.values.allSatisfy({ $0.isNull || $0.string != nil || $0.number?.isFinite == true })
      else { return nil }
      return value
    case .edits, .changes:
      guard let items = value.array, (1...CaseEdit.maximumEdits).contains(items.count) else { return nil }
      return value
    }
  }

  private static func text(_ value: Double) -> String {
    Int64(exactly: value).map { String($0) } ?? String(value)
  }
}

extension JSONValue {
  /// A number in its shortest form: 45 and not 45.0.
  fileprivate static func number(_ value: Double) -> JSONValue {
    Int64(exactly: value).map { .int($0) } ?? .double(value)
  }
}
