internal import CobreBase

extension Field {
  static func required(_ name: String, _ shape: Shape, unit: String? = nil, _ summary: String) -> Field {
    Field(name: name, shape: shape, isRequired: true, isNullable: false, unit: unit, summary: summary)
  }

  /// May be left out but not be null.
  static func optional(
    _ name: String, _ shape: Shape, default value: JSONValue? = nil, unit: String? = nil, _ summary: String
  ) -> Field {
    Field(
      name: name, shape: shape, isRequired: false, isNullable: false, defaultValue: value, unit: unit, summary: summary)
  }

  /// May be left out or be null.
  static func nullable(
    _ name: String, _ shape: Shape, default value: JSONValue? = nil, unit: String? = nil, _ summary: String
  ) -> Field {
    Field(
      name: name, shape: shape, isRequired: false, isNullable: true, defaultValue: value, unit: unit, summary: summary)
  }
}

extension Shape {
  static let text = Shape.string(StringShape())
  static let id = Shape.integer(IntegerShape())
  static let anyNumber = Shape.number(.any)
  static let nonNegative = Shape.number(.nonNegative)
  static let positive = Shape.number(.positive)
  static let bus = Shape.reference(.entity(.bus), 301)
  static let seed = Shape.integer(IntegerShape(isWide: true))

  static func reference(_ target: Reference.Target, _ code: Int) -> Shape {
    .integer(IntegerShape(reference: Reference(target: target, code: code)))
  }

  static func whole(_ minimum: Int? = nil, _ maximum: Int? = nil, code: Int = 208) -> Shape {
    .integer(
      IntegerShape(range: NumberRange(minimum: minimum.map(Double.init), maximum: maximum.map(Double.init), code: code))
    )
  }

  static func share(excludesZero: Bool = false) -> Shape {
    .number(NumberRange(minimum: 0, maximum: 1, excludesMinimum: excludesZero))
  }

  static func oneOf<E: CaseIterable & RawRepresentable>(
    _ type: E.Type, ignoresCase: Bool = false
  ) -> Shape where E.RawValue == String {
    .string(StringShape(values: E.allCases.map(\.rawValue), ignoresCase: ignoresCase))
  }

  static func list(
    _ element: Shape, minimum: Int = 0, count: Int? = nil, code: Int = 212, of entity: EntityKind? = nil,
    identity: String? = nil
  ) -> Shape {
    .array(
      ArrayShape(
        element: element, minimum: minimum, count: count, code: code, entity: entity, identity: identity))
  }

  /// A registry of entities with unique ids.
  static func registry(_ kind: EntityKind, _ fields: [Field]) -> Shape {
    .list(
      .object([.required("id", .id, "Id, unique in the list"), .required("name", .text, "Name")] + fields),
      of: kind, identity: "id")
  }

  /// JSON types the shape accepts, to choose among `either`.
  var accepts: Set<String> {
    switch self {
    case .object, .tagged, .map: ["object"]
    case .array: ["array"]
    case .string, .date: ["string"]
    case .integer: ["integer"]
    case .number: ["integer", "number"]
    case .boolean: ["boolean"]
    case .either(let shapes): shapes.reduce(into: []) { $0.formUnion($1.accepts) }
    }
  }

  /// The expected type in words.
  var words: String {
    switch self {
    case .object, .tagged, .map: "an object"
    case .array: "an array"
    case .string: "a string"
    case .date: "a date written YYYY-MM-DD"
    case .integer: "an integer (no fraction, no exponent)"
    case .number: "a number"
    case .boolean: "true or false"
    case .either(let shapes): shapes.map(\.words).joined(separator: " or ")
    }
  }
}
