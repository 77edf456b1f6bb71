package import CobreBase
package import CobreCase
internal import CobreEngine
package import CobreRuns

/// The arguments of one call, checked against the declared parameters.
package struct Arguments: Sendable {
  private let values: [String: JSONValue]

  /// Checks everything that was sent and reports all that is wrong at once.
  ///
  /// A null means that an argument is left out: several hosts fill in all optional arguments with it.
  package init(_ sent: JSONObject, parameters: [Parameter]) throws(ToolError) {
    var values: [String: JSONValue] = [:]
    var problems: [String] = []
    for (key, value) in sent.members {
      guard let parameter = parameters.first(where: { $0.name == key }) else {
        problems.append(Self.unknown(key, parameters))
        continue
      }
      if value.isNull { continue }
      if let coerced = parameter.coerced(value) {
        values[key] = coerced
      } else {
        problems.append(Self.refusal(parameter, value))
      }
    }
    for parameter in parameters where values[parameter.name] == nil {
      if let value = parameter.defaultValue, (sent[parameter.name] ?? .null).isNull {
        values[parameter.name] = value
      } else if parameter.isRequired && (sent[parameter.name] ?? .null).isNull {
        problems.append("`\(parameter.name)` is required: \(parameter.description)")
      }
    }
    if !problems.isEmpty { throw ToolError(problems) }
    self.values = values
  }

  package func text(_ name: String) -> String? { values[name]?.string }

  package func integer(_ name: String) -> Int? { values[name]?.int }

  package func number(_ name: String) -> Double? { values[name]?.number }

  package func names(_ name: String) -> [String] { values[name]?.array?.compactMap(\.string) ?? [] }

  package func numbers(_ name: String) -> [(name: String, value: Double)] {
    values[name]?.object?.members.compactMap { member in member.value.number.map { (member.key, $0) } } ?? []
  }

  package func flag(_ name: String) -> Bool { values[name]?.bool ?? false }

  package func fields(_ name: String) -> JSONObject { values[name]?.object ?? JSONObject() }

  /// The edits of a case in an argument; none where it was left out.
  package func edits(_ name: String) throws(ToolError) -> [CaseEdit] {
    guard let list = values[name]?.array else { return [] }
    do throws(CaseEditFailure) {
      return try CaseEdit.list(list)
    } catch {
      throw ToolError(error.problems)
    }
  }

  /// A request with the options that were sent.
  package func request(_ request: RunRequest, options: [RunOption]) -> RunRequest {
    var request = request
    for option in options { if let value = values[option.name] { option.set(&request, value) } }
    return request
  }

  /// Why a value is not allowed.
  ///
  /// From a long list of words only the one that was probably meant is shown.
  private static func refusal(_ parameter: Parameter, _ value: JSONValue) -> String {
    if case .choice(let words) = parameter.kind, words.count > 8, let text = value.string {
      if let meant = NearestName.nearestPath(to: text, among: words) {
        let all = words.count <= 20 ? " It can be \(words.joined(separator: ", "))." : ""
        return "`\(parameter.name)` cannot be \(shown(value)). Did you mean \"\(meant)\"?\(all)"
      }
    }
    return "`\(parameter.name)` must be \(parameter.allowed); you sent \(shown(value))."
  }

  private static func unknown(_ key: String, _ parameters: [Parameter]) -> String {
    let names = parameters.map(\.name)
    let key = String(key.prefix(80))
    var sentence = "`\(key)` is not an argument of this tool."
    if let nearest = NearestName.nearest(to: key, among: names) {
      sentence += " Did you mean `\(nearest)`?"
    }
    sentence += names.isEmpty ? " It takes none." : " It takes \(names.joined(separator: ", "))."
    return sentence
  }

  /// What was sent, short enough for a sentence.
  private static func shown(_ value: JSONValue) -> String {
    let text = value.text()
    return text.utf8.count <= 80 ? text : text.prefix(76) + " ..."
  }
}
