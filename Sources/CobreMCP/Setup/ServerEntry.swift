internal import CobreBase
internal import CobreEngine

/// What a client has to know to start this server.
package struct ServerEntry: Sendable, Equatable {
  /// Name under which the client knows it.
  package var name: String
  package var command: String
  package var arguments: [String]

  package init(name: String, command: String, arguments: [String]) {
    self.name = name
    self.command = command
    self.arguments = arguments
  }

  /// What to enter by hand, for most clients.
  package var block: String { block(for: .claudeCode) }

  /// What to enter by hand into the file of a client.
  package func block(for client: ClientProgram) -> String {
    switch client.form {
    case .toml: return toml
    case .json(let key):
      let document: JSONValue = .object(JSONObject([(key, .object(JSONObject([(name, json(for: client))])))]))
      return document.text(JSONValue.WritingOptions(isIndented: true))
    }
  }

  func json(for client: ClientProgram) -> JSONValue {
    var members: JSONObject = client.namesTransport ? ["type": "stdio"] : [:]
    members["command"] = .string(command)
    members["args"] = .array(arguments.map { .string($0) })
    return .object(members)
  }

  /// The table of a file in TOML, with a line break at its end.
  var toml: String {
    let list = arguments.map { Self.quoted($0) }.joined(separator: ", ")
    return "[mcp_servers.\(name)]\ncommand = \(Self.quoted(command))\nargs = [\(list)]\n"
  }

  /// A basic string of TOML 1.0.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..."\u{1F}", "\u{7F}":
        let digits = String(scalar.value, radix: 16, uppercase: true)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
