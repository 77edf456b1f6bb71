internal import CobreBase

/// Checks a JSON document against its shape: keys, types, nulls, ranges, lists (rules 201 to 212).
struct ShapeValidator {
  /// Path of the file relative to the case directory.
  let file: String
  var collector: FindingCollector
  var path = JSONPath()
  var entity: Finding.Entity?

  init(file: String, collector: FindingCollector) {
    self.file = file
    self.collector = collector
  }

  /// Checks the top-level object of the file.
  mutating func validate(_ object: JSONObject, _ fields: [Field]) {
    let schema = Field.nullable("$schema", .text, "Ignored")
    validate(object, [schema] + fields, variantNote: nil)
  }

  mutating func validate(_ value: JSONValue, _ shape: Shape) {
    switch shape {
    case .object(let fields):
      guard let object = value.object else { return wrongType(value, shape) }
      validate(object, fields, variantNote: nil)
    case .tagged(let tagged): validate(value, shape, tagged)
    case .map(let element, let minimum):
      guard let object = value.object else { return wrongType(value, shape) }
      if object.count < minimum {
        report(212, "The object must have at least \(minimum) entr\(minimum == 1 ? "y" : "ies").")
      }
      for (key, member) in object.members {
        if collector.isExhausted { return }
        path.push(key)
        validate(member, element)
        path.pop()
      }
    case .array(let array): validate(value, shape, array)
    case .string(let string):
      guard let text = value.string else { return wrongType(value, shape) }
      validate(text, string)
    case .boolean: if value.bool == nil { wrongType(value, shape) }
    case .date:
      guard let text = value.string else { return wrongType(value, shape) }
      if CalendarDate(text: text) == nil {
        report(209, value: text, "\(shown(value)) is not a day of the calendar.", "Write dates as YYYY-MM-DD.")
      }
    case .integer(let integer): validate(value, shape, integer)
    case .number(let range):
      guard let number = value.number else { return wrongType(value, shape) }
      guard number.isFinite else {
        return report(204, value: shown(value), "The number overflows; numbers must be finite.")
      }
      check(number, range, shown(value))
    case .either(let shapes):
      guard let match = shapes.first(where: { $0.accepts.contains(value.typeName) }) else {
        return wrongType(value, shape)
      }
      validate(value, match)
    }
  }

  private mutating func validate(_ object: JSONObject, _ fields: [Field], variantNote: ((String) -> String?)?) {
    for field in fields {
      guard let value = object[field.name] else {
        if field.isRequired {
          report(
            201, at: field.name, "The required key \"\(field.name)\" is missing.",
            "Add \"\(field.name)\": \(field.summary) (\(field.shape.words)\(field.unit.map { ", \($0)" } ?? "")).")
        }
        continue
      }
      if value.isNull {
        if !field.isNullable {
          report(
            205, at: field.name, value: "null", "\"\(field.name)\" must not be null.",
            field.isRequired ? "Give \(field.shape.words)." : "Leave the key out to use the default.")
        }
        continue
      }
      path.push(field.name)
      validate(value, field.shape)
      path.pop()
    }
    for key in object.keys where !fields.contains(where: { $0.name == key }) {
      if collector.isExhausted { return }
      unknownKey(key, fields, variantNote?(key))
    }
  }

  private mutating func unknownKey(_ key: String, _ fields: [Field], _ note: String?) {
    let shown = key.printable(limit: 60)
    if let note { return report(202, at: key, value: key, note) }
    if key == "scenario_source", file == CaseFileName.stages.path {
      return report(
        202, at: key, value: key, "\"scenario_source\" does not belong in stages.json.",
        "Move it to config.json, under training or simulation.")
    }
    let known = fields.map(\.name).filter { $0 != "$schema" }
    let nearest = NearestName.nearest(to: key, among: known)
    report(
      202, at: key, value: key, "\"\(shown)\" is not a known key.",
      nearest.map { "Did you mean \"\($0)\"?" } ?? "Known keys here: \(known.joined(separator: ", ")).")
  }

  private mutating func validate(_ value: JSONValue, _ shape: Shape, _ tagged: TaggedShape) {
    guard let object = value.object else { return wrongType(value, shape) }
    let names = tagged.variants.map(\.name)
    guard let tag = object[tagged.tag] else {
      return report(
        201, at: tagged.tag, "The required key \"\(tagged.tag)\" is missing.", "Give one of \(quoted(names)).")
    }
    path.push(tagged.tag)
    guard let name = tag.string else {
      tag.isNull ? report(205, value: "null", "\"\(tagged.tag)\" must not be null.") : wrongType(tag, .text)
      path.pop()
      return
    }
    guard let fields = tagged.fields(name) else {
      validate(name, StringShape(values: names))
      path.pop()
      return
    }
    path.pop()
    validate(object, fields) { key in
      tagged.variants.contains { $0.fields.contains { $0.name == key } }
        ? "\"\(key)\" is not allowed where \(tagged.tag) is \"\(name)\"." : nil
    }
  }

  private mutating func validate(_ value: JSONValue, _ shape: Shape, _ array: ArrayShape) {
    guard let elements = value.array else { return wrongType(value, shape) }
    if let count = array.count, elements.count != count {
      report(array.code, value: "\(elements.count) values", "The list must have \(count) values.")
    } else if elements.count < array.minimum {
      report(array.code, value: "\(elements.count) values", "The list must not be empty.")
    }
    let outer = entity
    for (index, element) in elements.enumerated() {
      if collector.isExhausted { break }
      path.push(index)
      if let kind = array.entity { entity = Finding.Entity(kind, of: element, key: array.identity ?? "id") }
      validate(element, array.element)
      path.pop()
    }
    entity = outer
    if let key = array.identity { checkUnique(elements, key, array) }
  }

  private mutating func checkUnique(_ elements: [JSONValue], _ key: String, _ array: ArrayShape) {
    var first: [Int: Int] = [:]
    for (index, element) in elements.enumerated() {
      if collector.isExhausted { return }
      guard let id = element[key]?.int else { continue }
      if let earlier = first[id] {
        path.push(index)
        let outer = entity
        if let kind = array.entity { entity = Finding.Entity(kind, of: element, key: key) }
        report(
          207, at: key, value: String(id), "\(key) \(id) stands twice in the list, first at element \(earlier).",
          "Give each element an id of its own.")
        entity = outer
        path.pop()
      } else {
        first[id] = index
      }
    }
  }
}
