package import CobreBase
internal import CobreEngine

/// Schemas reduced to what is requested and fits.
package enum SchemaView {
  /// The schema of a part, such as `training.stopping_rules`, or nil if there is no such key.
  ///
  /// Lists and alternatives on the way are searched.
  package static func part(_ path: String, of schema: JSONValue) -> JSONValue? {
    var found = schema
    for key in path.split(separator: ".") {
      guard let next = property(String(key), of: found, depth: 0) else { return nil }
      found = next
    }
    return found
  }

  /// Keys of an object schema, searched as `part` does.
  package static func keys(of schema: JSONValue) -> [String] {
    var keys: [String] = []
    visit(schema, depth: 0) { object in
      for key in object["properties"]?.object?.keys ?? [] where !keys.contains(key) { keys.append(key) }
      return false
    }
    return keys
  }

  /// Where inner objects have a key of this name, as `part` takes it, the shallowest first.
  package static func paths(to key: String, in schema: JSONValue) -> [String] {
    var found: [String] = []
    var level: [(path: String, schema: JSONValue)] = [("", schema)]
    for _ in 0..<6 {
      var next: [(path: String, schema: JSONValue)] = []
      for (path, inner) in level {
        for name in keys(of: inner) {
          guard let value = property(name, of: inner, depth: 0) else { continue }
          let place = path.isEmpty ? name : "\(path).\(name)"
          if name == key { found.append(place) }
          next.append((place, value))
        }
      }
      level = next
    }
    return found
  }

  /// The schema, with inner objects reduced to the names of their keys if it would be longer than `bytes`.
  ///
  /// - Returns: the schema, and whether anything is left out.
  package static func fitted(_ schema: JSONValue, bytes: Int) -> (schema: JSONValue, isReduced: Bool) {
    if schema.serialized().count <= bytes { return (schema, false) }
    for depth in stride(from: 8, through: 2, by: -1) {
      let reduced = reduced(schema, depth: depth)
      if reduced.serialized().count <= bytes { return (reduced, true) }
    }
    return (reduced(schema, depth: 1), true)
  }

  private static let maximumDepth = 30

  private static func property(_ key: String, of schema: JSONValue, depth: Int) -> JSONValue? {
    var found: JSONValue?
    visit(schema, depth: depth) { object in
      found = object["properties"]?[key]
      return found != nil
    }
    return found
  }

  /// Calls `body` with the object schemas that a value of this schema may be, until it returns true.
  @discardableResult
  private static func visit(_ schema: JSONValue, depth: Int, _ body: (JSONValue) -> Bool) -> Bool {
    guard depth < maximumDepth else { return false }
    if schema["properties"] != nil { return body(schema) }
    for key in ["items", "additionalProperties"] {
      if let inner = schema[key], inner.object != nil, visit(inner, depth: depth + 1, body) { return true }
    }
    for key in ["anyOf", "oneOf"] {
      for inner in schema[key]?.array ?? [] where visit(inner, depth: depth + 1, body) { return true }
    }
    return false
  }

  private static func reduced(_ schema: JSONValue, depth: Int) -> JSONValue {
    guard var object = schema.object else { return schema }
    if depth <= 0, let properties = object["properties"]?.object {
      var short: JSONObject = ["type": object["type"] ?? "object"]
      if let description = object["description"] { short["description"] = description }
      short["keys"] = .array(properties.keys.map { .string($0) })
      return .object(short)
    }
    if let properties = object["properties"]?.object {
      var inner = JSONObject()
      for (key, value) in properties.members { inner[key] = reduced(value, depth: depth - 1) }
      object["properties"] = .object(inner)
    }
    for key in ["items", "additionalProperties"] {
      if let inner = object[key], inner.object != nil { object[key] = reduced(inner, depth: depth) }
    }
    for key in ["anyOf", "oneOf"] {
      if let list = object[key]?.array { object[key] = .array(list.map { reduced($0, depth: depth - 1) }) }
    }
    return .object(object)
  }
}
