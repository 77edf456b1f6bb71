package import CobreBase
internal import CobreEngine

/// A prompt that a user can pick, with blanks to fill in.
package protocol Prompt: Sendable {
  var name: String { get }
  var title: String { get }
  var description: String { get }
  var parameters: [PromptParameter] { get }

  /// The messages, given the values of the parameters.
  ///
  /// May block.
  func messages(_ values: [String: String]) throws -> [JSONValue]
}

/// A blank of a prompt.
///
/// Its value is always text.
package struct PromptParameter: Sendable {
  package let name: String
  package let description: String
  package let isRequired: Bool

  package init(_ name: String, required: Bool = false, _ description: String) {
    self.name = name
    self.description = description
    self.isRequired = required
  }
}

/// The prompts of a server, in the order in which they are listed.
package struct PromptStore: Sendable {
  private let prompts: [any Prompt]

  /// Longest value of a parameter, in characters.
  private static let maximumLength = 20_000

  package init(_ prompts: [any Prompt]) { self.prompts = prompts }

  package var listing: JSONValue {
    .array(
      prompts.map { prompt in
        [
          "name": .string(prompt.name), "title": .string(prompt.title), "description": .string(prompt.description),
          "arguments": .array(
            prompt.parameters.map {
              [
                "name": .string($0.name), "description": .string($0.description), "required": .bool($0.isRequired),
              ]
            }),
        ]
      })
  }

  /// Result of `prompts/get`.
  ///
  /// Throws `RPCError` for unknown prompts and missing arguments.
  package func get(_ params: JSONObject) throws -> JSONObject {
    guard let name = params["name"]?.string, let prompt = prompts.first(where: { $0.name == name }) else {
      let known = prompts.map(\.name).joined(separator: ", ")
      throw RPCError(.invalidParams, "Unknown prompt: `name` must be one of \(known).")
    }
    let sent = params["arguments"] ?? .null
    guard let arguments = sent.isNull ? [:] : sent.object else {
      throw RPCError(.invalidParams, "Invalid params: `arguments` must be an object.")
    }
    var values: [String: String] = [:]
    for (key, value) in arguments.members {
      guard prompt.parameters.contains(where: { $0.name == key }) else {
        throw RPCError(.invalidParams, "Invalid params: the prompt \(name) has no argument `\(key.prefix(80))`.")
      }
      guard let text = value.string, text.utf8.count <= Self.maximumLength else {
        throw RPCError(
          .invalidParams, "Invalid params: `\(key)` must be a string of at most \(Self.maximumLength) bytes.")
      }
      values[key] = text
    }
    for parameter in prompt.parameters where parameter.isRequired && values[parameter.name] == nil {
      throw RPCError(.invalidParams, "Invalid params: the prompt \(name) needs `\(parameter.name)`.")
    }
    return ["description": .string(prompt.description), "messages": .array(try prompt.messages(values))]
  }
}
