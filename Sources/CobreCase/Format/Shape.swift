package import CobreBase

/// What a JSON value in a case file must look like.
///
/// One definition serves the reader (types, ranges, defaults, references) and the published JSON Schemas.
package indirect enum Shape: Sendable {
  case object([Field])
  case array(ArrayShape)
  /// An object whose other fields depend on the string under a tag key.
  case tagged(TaggedShape)
  /// An object with free keys.
  case map(value: Shape, minimumCount: Int)
  case string(StringShape)
  case integer(IntegerShape)
  case number(NumberRange)
  case boolean
  /// `YYYY-MM-DD`.
  case date
  /// One of several shapes, distinguished by the JSON type.
  case either([Shape])
}

/// A list, and the entity its elements describe.
package struct ArrayShape: Sendable {
  package var element: Shape
  /// Least number of elements.
  package var minimum = 0
  /// Number of elements, if fixed.
  package var count: Int?
  /// Rule that states the number of elements.
  package var code = 212
  /// Kind of entity an element describes, for messages.
  package var entity: EntityKind?
  /// Key that identifies an element within the list.
  ///
  /// Must be unique.
  package var identity: String?
}

/// Variants of an object by a tag.
package struct TaggedShape: Sendable {
  package var tag: String
  package var summary: String
  /// Fields of every variant.
  package var common: [Field]
  package var variants: [(name: String, fields: [Field])]

  /// Tag, common and own fields of a variant.
  package func fields(_ variant: String) -> [Field]? {
    guard let found = variants.first(where: { $0.name == variant }) else { return nil }
    return [tagField] + common + found.fields
  }

  /// The tag as a field.
  package var tagField: Field {
    .required(tag, .string(StringShape(values: variants.map(\.name))), summary)
  }
}

/// A string, free or from a list.
package struct StringShape: Sendable {
  /// Allowed values (nil = any).
  package var values: [String]?
  /// Whether upper and lower case count as equal.
  package var ignoresCase = false
  /// Values that are accepted but no longer advertised.
  package var deprecated: [String] = []
  /// Rule that a value outside the list breaks.
  package var code = 206
  /// Whether the empty string breaks rule 212.
  package var refusesEmpty = false
}

/// An integer, and what it refers to.
package struct IntegerShape: Sendable {
  package var range = NumberRange.any
  /// Whether 64 bits are allowed (seeds).
  ///
  /// Else 32.
  package var isWide = false
  package var reference: Reference?
}

/// What an id refers to.
package struct Reference: Sendable {
  package enum Target: Sendable, Equatable {
    case entity(EntityKind)
    case studyStage
    case anyStage
    case season
  }

  package var target: Target
  /// Rule that an unknown id breaks.
  package var code: Int
  /// Whether a row with an unknown id has no effect, so that it deserves a warning and no error.
  package var isPassedOver = false
}

/// Bounds of a number.
package struct NumberRange: Sendable, Equatable {
  package var minimum: Double?
  package var maximum: Double?
  package var excludesMinimum = false
  package var excludesMaximum = false
  /// Rule that a value outside breaks.
  package var code = 208
  /// Rule that a value above the maximum breaks, if another.
  package var maximumCode: Int?

  package static let any = NumberRange()
  package static let nonNegative = NumberRange(minimum: 0)
  package static let positive = NumberRange(minimum: 0, excludesMinimum: true)

  package func contains(_ value: Double) -> Bool {
    if let minimum, excludesMinimum ? value <= minimum : value < minimum { return false }
    if let maximum, excludesMaximum ? value >= maximum : value > maximum { return false }
    return true
  }

  /// The largest size of a number in a case: what the LP libraries still take after products with hours, and far beyond
  /// any quantity of a system.
  package static let largestSize = 1e20

  /// The rule that a value breaks, or nil if it is within.
  package func brokenRule(_ value: Double) -> Int? {
    guard abs(value) <= NumberRange.largestSize else { return 204 }
    guard !contains(value) else { return nil }
    guard let minimum, value < minimum || (excludesMinimum && value == minimum) else { return maximumCode ?? code }
    return code
  }

  /// What a value that breaks a rule should be.
  package func advice(_ value: Double) -> String {
    guard abs(value) > NumberRange.largestSize else { return "The value must be \(words)." }
    return
      "Numbers of a case are at most 1e20 in size, as LP libraries take no larger ones. Check the unit; where nothing "
      + "limits a quantity, leave its limit out."
  }

  /// The bounds as words: "at least 0", "greater than 0 and at most 1".
  package var words: String {
    var parts: [String] = []
    if let minimum { parts.append((excludesMinimum ? "greater than " : "at least ") + NumberRange.text(minimum)) }
    if let maximum { parts.append((excludesMaximum ? "less than " : "at most ") + NumberRange.text(maximum)) }
    return parts.joined(separator: " and ")
  }

  private static func text(_ value: Double) -> String {
    if let whole = Int(exactly: value) { String(whole) } else { String(value) }
  }
}

/// A key of an object.
package struct Field: Sendable {
  package var name: String
  package var shape: Shape
  package var isRequired: Bool
  package var isNullable: Bool
  /// Value used if the key is missing or null (nil = absence has its own meaning).
  package var defaultValue: JSONValue?
  package var unit: String?
  /// What the value means, one sentence fragment.
  package var summary: String
}
