package import CobreEngine

/// The two forms in which a tool answers.
package enum ToolResult {
  /// The structured result and the same facts as text: hosts show a model one or the other.
  package static func success(_ members: JSONObject) -> JSONObject {
    let value = JSONValue.object(members)
    return [
      "content": [["type": "text", "text": .string(value.text())]],
      "structuredContent": value,
      "isError": false,
    ]
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
      case let error as InvalidCaseError:
        "The case in \(error.caseDirectory) cannot be used; no run was started. Correct these and try again:\n"
          + FindingView.text(error.findings)
      default: "The call failed: \(error)"
      }
    // Hosts shorten long error texts in the middle; better to end it here and whole.
    return text.count <= maximumLength ? text : text.prefix(maximumLength) + " ..."
  }

  private static let maximumLength = 8000
}
