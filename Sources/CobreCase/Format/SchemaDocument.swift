package import CobreBase

/// JSON Schemas and column lists of the case files, made from the definitions that the reader uses.
package enum SchemaDocument {
  /// The schema of a file of our own format.
  package static func schema(_ name: CaseFileName) -> JSONValue { schema(DescribedFile(name)) }

  /// The schema of a file: JSON Schema 2020-12 for JSON files, a column list for tables.
  package static func schema(_ name: DescribedFile) -> JSONValue {
    if let fields = name.fields {
      let object = object(fields + [.nullable("$schema", .text, "Ignored")])
      return .object(
        JSONObject(
          [("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", .string(name.path))]
            + object.members.map { ($0.key, $0.value) }))
    }
    guard let table = name.table else { return .object(JSONObject()) }
    return columns(table)
  }

  /// The column list of a table.
  private static func columns(_ table: TableShape) -> JSONValue {
    let columns = table.columns.map { column -> JSONValue in
      var entry: [(String, JSONValue)] = [
        ("name", .string(column.name)), ("type", .string(column.kind.rawValue)),
        ("required", .bool(!column.isNullable || column.isRequired)),
        ("key", .bool(column.isKey)),
      ]
      if let unit = column.unit { entry.append(("unit", .string(unit))) }
      entry += range(column.range)
      if let reference = column.reference { entry.append(("refers_to", .string(reference.target.words))) }
      entry.append(("description", .string(column.summary)))
      return .object(JSONObject(entry))
    }
    return [
      "title": .string(table.path), "format": table.isParquet ? "parquet" : "csv",
      "description": .string(table.summary),
      "key": .array(table.key.map(JSONValue.string)), "columns": .array(columns),
    ]
  }

  private static func object(_ fields: [Field]) -> JSONObject {
    var properties = JSONObject()
    for field in fields { properties[field.name] = property(field) }
    return JSONObject([
      ("type", "object"), ("properties", .object(properties)),
      ("required", .array(fields.filter(\.isRequired).map { .string($0.name) })), ("additionalProperties", false),
    ])
  }

  private static func property(_ field: Field) -> JSONValue {
    var members = shape(field.shape).members.map { ($0.key, $0.value) }
    if field.isNullable {
      if let type = members.firstIndex(where: { $0.0 == "type" }), case .string = members[type].1 {
        members[type].1 = [members[type].1, "null"]
        if let values = members.firstIndex(where: { $0.0 == "enum" }), let list = members[values].1.array {
          members[values].1 = .array(list + [.null])
        }
      } else {
        members = [("anyOf", [.object(JSONObject(members)), ["type": "null"]])]
      }
    }
    if let value = field.defaultValue { members.append(("default", value)) }
    members.append(("description", .string(field.summary + (field.unit.map { " (\($0))" } ?? ""))))
    return .object(JSONObject(members))
  }

  private static func shape(_ shape: Shape) -> JSONObject {
    switch shape {
    case .object(let fields): return object(fields)
    case .tagged(let tagged):
      let variants = tagged.variants.map { variant -> JSONValue in
        let tag = Field.required(tagged.tag, .string(StringShape(values: [variant.name])), tagged.summary)
        return .object(object([tag] + tagged.common + variant.fields))
      }
      return JSONObject([("oneOf", .array(variants))])
    case .map(let value, let minimum):
      return JSONObject([
        ("type", "object"), ("additionalProperties", .object(self.shape(value))),
        ("minProperties", .int(Int64(minimum))),
      ])
    case .array(let array):
      var members: [(String, JSONValue)] = [("type", "array"), ("items", .object(self.shape(array.element)))]
      if let count = array.count {
        members += [("minItems", .int(Int64(count))), ("maxItems", .int(Int64(count)))]
      } else if array.minimum > 0 {
        members.append(("minItems", .int(Int64(array.minimum))))
      }
      return JSONObject(members)
    case .string(let string):
      var members: [(String, JSONValue)] = [("type", "string")]
      if string.refusesEmpty { members.append(("minLength", 1)) }
      // A JSON Schema cannot ignore case, so such a list is only described.
      if let values = string.values {
        let list = JSONValue.array((values + string.deprecated).map(JSONValue.string))
        members.append((string.ignoresCase ? "examples" : "enum", list))
      }
      return JSONObject(members)
    case .integer(let integer): return JSONObject([("type", "integer")] + range(integer.range))
    case .number(let range): return JSONObject([("type", "number")] + self.range(range))
    case .boolean: return JSONObject([("type", "boolean")])
    case .date: return JSONObject([("type", "string"), ("format", "date")])
    case .either(let shapes): return JSONObject([("anyOf", .array(shapes.map { .object(self.shape($0)) }))])
    }
  }

  private static func range(_ range: NumberRange) -> [(String, JSONValue)] {
    func number(_ value: Double) -> JSONValue { Int64(exactly: value).map(JSONValue.int) ?? .double(value) }
    var members: [(String, JSONValue)] = []
    if let minimum = range.minimum {
      members.append((range.excludesMinimum ? "exclusiveMinimum" : "minimum", number(minimum)))
    }
    if let maximum = range.maximum {
      members.append((range.excludesMaximum ? "exclusiveMaximum" : "maximum", number(maximum)))
    }
    return members
  }
}

extension Reference.Target {
  /// What an id of this kind names.
  fileprivate var words: String {
    switch self {
    case .entity(let kind): kind.rawValue
    case .studyStage: "study stage"
    case .anyStage: "study or pre-study stage"
    case .season: "season"
    }
  }
}
