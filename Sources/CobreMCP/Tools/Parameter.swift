package import CobreEngine

/// One declared argument of a tool; the input schema and the check of what was sent both come from it.
package struct Parameter: Sendable {
  package enum Kind: Sendable {
    case text(maximumLength: Int)
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
  }

  package let name: String
  package let kind: Kind
  package let isRequired: Bool
  package let defaultValue: JSONValue?
  /// For the model that fills it in: meaning, unit, example.
  package let description: String

  package init(
    _ name: String, _ kind: Kind, required: Bool = false, default defaultValue: JSONValue? = nil, _ description: String
  ) {
    self.name = name
    self.kind = kind
    self.isRequired = required
    self.defaultValue = defaultValue
    self.description = description
  }

  /// The argument that an option of a run becomes.
  package init(_ option: RunOption) {
    let kind: Kind =
      switch option.kind {
      case .integer(let range): .integer(range)
      case .number(let range): .number(range)
      case .choice(let words): .choice(words)
      case .name: .name
      case .hosts(let limit): .hosts(maximumCount: limit)
      }
    self.init(option.name, kind, default: option.defaultValue, option.help)
  }

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

  /// JSON Schema (2020-12) of the argument.
  package var schema: JSONObject {
    var schema: JSONObject = ["description": .string(description)]
    switch kind {
    case .text(let maximumLength):
      schema["type"] = "string"
      schema["minLength"] = 1
      schema["maxLength"] = .int(Int64(maximumLength))
    case .name:
      schema["type"] = "string"
      schema["pattern"] = .string(Self.namePattern)
    case .choice(let words):
      schema["type"] = "string"
      schema["enum"] = .array(words.map { .string($0) })
    case .integer(let range):
      schema["type"] = "integer"
      schema["minimum"] = .int(range.lowerBound)
      schema["maximum"] = .int(range.upperBound)
    case .number(let range):
      schema["type"] = "number"
      schema["minimum"] = .double(range.lowerBound)
      schema["maximum"] = .double(range.upperBound)
    case .names(let range):
      schema["type"] = "array"
      schema["items"] = ["type": "string", "pattern": .string(Self.namePattern)]
      schema["minItems"] = .int(Int64(range.lowerBound))
      schema["maxItems"] = .int(Int64(range.upperBound))
    case .numbers(let maximumCount):
      schema["type"] = "object"
      schema["additionalProperties"] = ["type": "number"]
      schema["maxProperties"] = .int(Int64(maximumCount))
    case .hosts(let maximumCount):
      schema["type"] = "array"
      schema["items"] = ["type": "string", "pattern": "^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"]
      schema["minItems"] = 1
      schema["maxItems"] = .int(Int64(maximumCount))
    case .flag:
      schema["type"] = "boolean"
    case .fields(let maximumCount):
      schema["type"] = "object"
      schema["maxProperties"] = .int(Int64(maximumCount))
    case .edits:
      schema["type"] = "array"
      schema["items"] = .object(EditSchema.item)
      schema["minItems"] = 1
      schema["maxItems"] = .int(Int64(CaseEdit.maximumEdits))
    }
    if let defaultValue { schema["default"] = defaultValue }
    return schema
  }

  /// What is allowed, as the end of a sentence.
  package var allowed: String {
    switch kind {
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
    case .edits: "a list of 1 to \(CaseEdit.maximumEdits) objects"
    }
  }

  /// The value in the parameter's type, or nil where it is not allowed.
  ///
  /// Only conversions that lose nothing are made: `"12"` and `12.0` are 12 for an integer.
  package func coerced(_ value: JSONValue) -> JSONValue? {
    switch kind {
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
    case .edits:
      guard let items = value.array, (1...CaseEdit.maximumEdits).contains(items.count) else { return nil }
      return value
    }
  }

  private static func text(_ value: Double) -> String {
    Int64(exactly: value).map { String($0) } ?? String(value)
  }
}
