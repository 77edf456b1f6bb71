package import CobreBase
internal import CobreEngine

/// Something that a client can ask for by `tools/call`, whatever form its answer has.
///
/// A tool runs on its own thread, may block, and is called from several threads at once.
package protocol CallableTool: Sendable {
  var name: String { get }
  var title: String { get }
  /// What it does, when to use it, what it costs, what it changes, what to call next.
  ///
  /// The first sentence decides whether a model picks it.
  var description: String { get }
  var parameters: [Parameter] { get }
  var annotations: ToolAnnotations { get }
  /// JSON Schema of the structured result, or nil if there is none.
  var resultSchema: JSONObject? { get }

  /// Whether a call computes in this process for so long that a client with tasks gets one at once.
  var handsOver: Bool { get }

  /// Whether a server answers a call in a process of its own (see `OutsideCalls`), since its cost depends on files of
  /// others.
  ///
  /// The others cost next to nothing, or have a process of their own for what costs. A tool that changes something
  /// calls `context.change.begin` before, and works on no state of this process.
  var runsOutside: Bool { get }

  /// How many times as long as others a call may take.
  func patience(_ arguments: Arguments) -> Double

  /// Address of a page that a host may show next to its result; nil for none.
  var app: String? { get }

  /// What the user is asked before a call that destroys something, where the client can show a question; nil for none.
  func question(_ arguments: Arguments) -> String?

  /// What a call with these arguments costs.
  func effort(_ arguments: Arguments) -> CallEffort

  /// Does what is asked.
  func answer(_ arguments: Arguments, _ context: CallContext) throws -> ToolAnswer
}

/// A tool that answers with a JSON object.
package protocol Tool: CallableTool {
  /// JSON Schema of the structured result.
  ///
  /// Loose, since clients refuse a result that does not match.
  var outputSchema: JSONObject { get }

  /// Does what is asked.
  ///
  /// The members returned become the structured result and, as text, its content.
  func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject

  /// Resources with more about a result.
  func links(_ result: JSONObject) -> [ResourceLink]
}

extension CallableTool {
  package func effort(_ arguments: Arguments) -> CallEffort { .waiting }

  package var handsOver: Bool { false }

  package var runsOutside: Bool { true }

  package func patience(_ arguments: Arguments) -> Double { 1 }

  package var app: String? { nil }

  package func question(_ arguments: Arguments) -> String? { nil }
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
  /// The structured result, or nil for content alone.
  package var structured: JSONObject?
  /// Content blocks, empty if the structured result says it all.
  package var content: [JSONValue] = []
  package var links: [ResourceLink] = []
}

/// Hints for the host.
///
/// Of a tool that writes all four are stated, since the defaults are the most pessimistic ones.
package struct ToolAnnotations: Sendable {
  package var readOnly: Bool
  package var destructive: Bool
  package var idempotent: Bool

  package static let reading = ToolAnnotations(readOnly: true, destructive: false, idempotent: true)
}

extension CallableTool {
  /// The entry of the tool in `tools/list`, with its page for clients that show pages.
  package func listing(withApps: Bool) -> JSONValue {
    guard withApps, let app, var entry = listing.object else { return listing }
    entry["_meta"] = ["ui": ["resourceUri": .string(app)]]
    return .object(entry)
  }

  /// The entry of the tool in `tools/list`, as short as it can be: hosts put all of them before a model at once.
  ///
  /// It has no schema of the result, which no model needs to choose a tool; `definition` has.
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
    entry["annotations"] = annotations.json
    return .object(entry)
  }

  /// Everything that there is to say of the tool: arguments at length, and the schema of its result.
  package var definition: JSONValue {
    guard var entry = listing.object else { return listing }
    var properties: JSONObject = [:]
    for parameter in parameters { properties[parameter.name] = .object(parameter.fullSchema) }
    var input = entry["inputSchema"]?.object ?? [:]
    if !parameters.isEmpty { input["properties"] = .object(properties) }
    entry["inputSchema"] = .object(input)
    if let resultSchema { entry["outputSchema"] = .object(resultSchema) }
    return .object(entry)
  }

  /// What the tool is for, in the words by which it is found.
  package var firstSentence: String {
    description.firstIndex(of: ".").map { String(description[...$0]) } ?? description
  }
}

extension ToolAnnotations {
  /// The hints; of a tool that only reads the other ones say nothing (Model Context Protocol, `ToolAnnotations`).
  package var json: JSONValue {
    if readOnly { return ["readOnlyHint": true, "openWorldHint": false] }
    return [
      "readOnlyHint": false, "destructiveHint": .bool(destructive), "idempotentHint": .bool(idempotent),
      "openWorldHint": false,
    ]
  }
}
