package import CobreBase
package import CobreCase
internal import CobreEngine

/// A finding about a case as tools report it.
package enum FindingView {
  package static func json(_ finding: Finding) -> JSONValue {
    var members: JSONObject = [
      "severity": .string(finding.severity.rawValue),
      "code": .int(Int64(finding.code)),
      "file": .string(finding.file),
      "location": .string(finding.location),
    ]
    if let entity = finding.entity {
      var named: JSONObject = ["kind": .string(entity.kind)]
      if let id = entity.id { named["id"] = .int(Int64(id)) }
      if let name = entity.name { named["name"] = .string(name) }
      members["entity"] = .object(named)
    }
    if let value = finding.value { members["value"] = .string(value) }
    members["message"] = .string(finding.message)
    if !finding.rule.isEmpty { members["rule"] = .string(finding.rule) }
    if let suggestion = finding.suggestion { members["suggestion"] = .string(suggestion) }
    return .object(members)
  }

  /// Findings as lines of text, as many as fit.
  package static func text(_ findings: [Finding], maximumLines: Int = 20) -> String {
    var lines = findings.prefix(maximumLines).map { "- \($0.description)" }
    if findings.count > maximumLines {
      lines.append("- and \(findings.count - maximumLines) more: call validate_case.")
    }
    return lines.joined(separator: "\n")
  }
}
