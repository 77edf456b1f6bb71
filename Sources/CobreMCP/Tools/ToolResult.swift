package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// The forms in which a tool answers.
package enum ToolResult {
  /// The structured result and the same facts as text: hosts show a model one or the other.
  package static func success(_ members: JSONObject) -> JSONObject {
    success(ToolAnswer(structured: members), linking: false)
  }

  /// An answer as the result of the call.
  ///
  /// Links only for clients that know them.
  package static func success(_ answer: ToolAnswer, linking: Bool) -> JSONObject {
    var content = answer.content
    if let members = answer.structured {
      content.insert(["type": "text", "text": .string(JSONValue.object(members).text())], at: 0)
    }
    if linking { content += answer.links.map(\.content) }
    var result: JSONObject = ["content": .array(content)]
    if let members = answer.structured { result["structuredContent"] = .object(members) }
    result["isError"] = false
    return result
  }

  package static func failure(_ error: any Error) -> JSONObject {
    [
      "content": [["type": "text", "text": .string(Self.text(error))]],
      "isError": true,
    ]
  }

  private static func text(_ error: any Error) -> String {
    let text =
      switch error {
      case let error as ToolError: error.text
      case let error as RunError: error.message
      case let error as OutputDirectory.Failure: error.sentence
      case let error as InvalidCaseError:
        "The case in \(error.caseDirectory) cannot be used; no run was started. Correct these and try again:\n"
          + FindingView.text(error.findings)
      default: "The call failed: \(error)"
      }
    // Hosts shorten long error texts in the middle. Better to end it here and whole.
    return text.count <= maximumLength ? text : text.prefix(maximumLength) + " ..."
  }

  private static let maximumLength = 8000
}
