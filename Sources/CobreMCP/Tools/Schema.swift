package import CobreBase
internal import CobreEngine

/// Short forms for output schemas.
package enum Schema {
  package static func object(_ properties: JSONObject, required: [String] = []) -> JSONObject {
    var schema: JSONObject = ["type": "object", "properties": .object(properties)]
    if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
    return schema
  }

  package static func text(_ description: String) -> JSONValue {
    ["type": "string", "description": .string(description)]
  }

  package static func optionalText(_ description: String) -> JSONValue {
    ["type": ["string", "null"], "description": .string(description)]
  }

  package static func choice(_ words: [String], _ description: String) -> JSONValue {
    ["type": "string", "enum": .array(words.map { .string($0) }), "description": .string(description)]
  }

  package static func integer(_ description: String) -> JSONValue {
    ["type": "integer", "description": .string(description)]
  }

  /// Null if the figure is not known yet or not finite.
  package static func optionalNumber(_ description: String) -> JSONValue {
    ["type": ["number", "null"], "description": .string(description)]
  }

  package static func number(_ description: String) -> JSONValue {
    ["type": "number", "description": .string(description)]
  }

  package static func boolean(_ description: String) -> JSONValue {
    ["type": "boolean", "description": .string(description)]
  }

  package static func list(of items: JSONValue, _ description: String) -> JSONValue {
    ["type": "array", "items": items, "description": .string(description)]
  }
}
