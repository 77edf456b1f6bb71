internal import CobreBase

/// A JSON value of a document that has passed its checks, with total accessors.
///
/// Values that the checks guarantee are read directly. The neutral fallbacks never occur in an accepted case.
struct Node {
  let value: JSONValue?

  init(_ value: JSONValue?) { self.value = value }

  subscript(_ key: String) -> Node { Node(value?[key]) }

  /// Whether there is a value other than null.
  var exists: Bool { value.map { !$0.isNull } ?? false }
  var elements: [Node] { value?.array?.map(Node.init) ?? [] }
  var optionalInt: Int? { value?.int }
  var int: Int { value?.int ?? 0 }
  var optionalNumber: Double? { value?.number }
  var number: Double { value?.number ?? 0 }
  var numbers: [Double] { value?.array?.compactMap(\.number) ?? [] }
  var optionalText: String? { value?.string }
  var text: String { value?.string ?? "" }
  var bool: Bool { value?.bool ?? false }
  var date: CalendarDate { value?.string.flatMap(CalendarDate.init(text:)) ?? CalendarDate(dayNumber: 0) }

  /// The case of an enumeration that the string names.
  func choice<E: RawRepresentable>(_ fallback: E) -> E where E.RawValue == String {
    value?.string.flatMap { E(rawValue: $0) ?? E(rawValue: $0.lowercased()) } ?? fallback
  }
}

extension JSONValue {
  /// The value with the defaults of its shape filled in where keys are missing or null.
  func completed(_ shape: Shape) -> JSONValue {
    switch (self, shape) {
    case (.object(let object), .object(let fields)): return .object(object.completed(fields))
    case (.object(let object), .tagged(let tagged)):
      guard let name = object[tagged.tag]?.string, let fields = tagged.fields(name) else { return self }
      return .object(object.completed(fields))
    case (.object(let object), .map(let element, _)):
      return .object(JSONObject(object.members.map { ($0.key, $0.value.completed(element)) }))
    case (.array(let values), .array(let array)): return .array(values.map { $0.completed(array.element) })
    case (_, .either(let shapes)):
      guard let match = shapes.first(where: { $0.accepts.contains(typeName) }) else { return self }
      return completed(match)
    default: return self
    }
  }
}

extension JSONObject {
  func completed(_ fields: [Field]) -> JSONObject {
    var result = self
    for field in fields {
      var value = self[field.name]
      if value == nil || value?.isNull == true { value = field.defaultValue ?? value }
      if let value { result[field.name] = value.completed(field.shape) }
    }
    return result
  }
}
