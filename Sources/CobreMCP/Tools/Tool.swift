package import CobreEngine

/// Something that a client can ask for by `tools/call`, whatever form its answer has.
///
/// A tool runs on a thread of its own, may block, and is called from several threads at once.
package protocol CallableTool: Sendable {
  var name: String { get }
  var title: String { get }
  /// What it does, when to use it, what it costs, what it changes, what to call next; the first sentence decides
  /// whether a model picks it.
  var description: String { get }
  var parameters: [Parameter] { get }
  var annotations: ToolAnnotations { get }
  /// JSON Schema of the structured result; nil where there is none.
  var resultSchema: JSONObject? { get }

  /// What a call with these arguments costs.
  func effort(_ arguments: Arguments) -> CallEffort

  /// Does what is asked.
  func answer(_ arguments: Arguments, _ context: CallContext) throws -> ToolAnswer
}

/// A tool that answers with a JSON object.
package protocol Tool: CallableTool {
  /// JSON Schema of the structured result; loose, since clients refuse a result that does not match.
  var outputSchema: JSONObject { get }

  /// Does what is asked; the members returned become the structured result and, as text, its content.
  func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject

  /// Resources in which more stands about a result.
  func links(_ result: JSONObject) -> [ResourceLink]
}

extension CallableTool {
  package func effort(_ arguments: Arguments) -> CallEffort { .waiting }
}

extension Tool {
  package var resultSchema: JSONObject? { outputSchema }

  package func answer(_ arguments: Arguments, _ context: CallContext) throws -> ToolAnswer {
    let members = try call(arguments, context)
    return ToolAnswer(structured: members, links: links(members))
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { [] }
}

/// What a tool answers.
package struct ToolAnswer: Sendable {
  /// The structured result; nil for content alone.
  package var structured: JSONObject?
  /// Content blocks; empty where the structured result says it all.
  package var content: [JSONValue] = []
  package var links: [ResourceLink] = []
}

/// Hints for the host; all four are always stated, since the defaults are the most pessimistic ones.
package struct ToolAnnotations: Sendable {
  package var readOnly: Bool
  package var destructive: Bool
  package var idempotent: Bool

  package static let reading = ToolAnnotations(readOnly: true, destructive: false, idempotent: true)
}

extension CallableTool {
  /// The entry of the tool in `tools/list`.
  package var listing: JSONValue {
    var properties: JSONObject = [:]
    for parameter in parameters { properties[parameter.name] = .object(parameter.schema) }
    var input: JSONObject = ["type": "object", "additionalProperties": false]
    if !parameters.isEmpty { input["properties"] = .object(properties) }
    let required = parameters.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { input["required"] = .array(required) }
    var entry: JSONObject = [
      "name": .string(name),
      "title": .string(title),
      "description": .string(description),
      "inputSchema": .object(input),
    ]
    if let resultSchema { entry["outputSchema"] = .object(resultSchema) }
    entry["annotations"] = [
      "title": .string(title),
      "readOnlyHint": .bool(annotations.readOnly),
      "destructiveHint": .bool(annotations.destructive),
      "idempotentHint": .bool(annotations.idempotent),
      "openWorldHint": false,
    ]
    return .object(entry)
  }
}
