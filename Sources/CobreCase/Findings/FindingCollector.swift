internal import CobreBase

/// Gathers findings.
///
/// Keeps the number per rule and file bounded.
package struct FindingCollector: Sendable {
  private(set) var findings: [Finding] = []
  private var counts: [Key: Int] = [:]

  /// Findings listed per rule and file.
  ///
  /// The rest is counted.
  static let limit = 50
  /// Errors after which readers stop.
  ///
  /// Writing the messages of millions of errors would take minutes, and the case is refused either way.
  static let maximumErrors = 20_000

  private var errorCount = 0
  /// Whether readers may stop where they are.
  var isExhausted: Bool { errorCount >= FindingCollector.maximumErrors }

  private struct Key: Hashable, Sendable {
    var code: Int
    var file: String
    var severity: Finding.Severity
  }

  var hasErrors: Bool { findings.contains { $0.severity == .error } }

  /// Adds a finding.
  ///
  /// If the severity is nil, the rule's own applies.
  mutating func report(
    _ code: Int, _ severity: Finding.Severity? = nil, file: String, at location: String = "",
    entity: Finding.Entity? = nil, value: String? = nil, _ message: String, suggestion: String? = nil
  ) {
    let severity = severity ?? Rule.severity(code)
    let key = Key(code: code, file: file, severity: severity)
    if severity == .error { errorCount += 1 }
    counts[key, default: 0] += 1
    guard counts[key, default: 0] <= FindingCollector.limit else { return }
    findings.append(
      Finding(
        severity: severity, code: code, file: file, location: location, entity: entity,
        value: value.map { $0.printable(limit: 60) }, message: message, rule: Rule.sentence(code),
        suggestion: suggestion ?? (severity == .note ? nil : Rule.advice(code))))
  }

  /// Says which element the findings from a position on are about, unless they say it themselves.
  mutating func attribute(from position: Int, to entity: Finding.Entity) {
    for index in findings.indices.dropFirst(position) where findings[index].entity == nil {
      findings[index].entity = entity
    }
  }

  /// Says which element each finding is about that does not say it itself.
  mutating func attribute(_ entity: (_ file: String, _ location: String) -> Finding.Entity?) {
    for index in findings.indices where findings[index].entity == nil {
      findings[index].entity = entity(findings[index].file, findings[index].location)
    }
  }

  /// Adds the names of elements to findings that have their ids alone.
  mutating func nameEntities(_ name: (_ kind: String, _ id: Int) -> String?) {
    for index in findings.indices {
      guard let entity = findings[index].entity, entity.name == nil, let id = entity.id else { continue }
      findings[index].entity?.name = name(entity.kind, id)
    }
  }

  mutating func report(
    _ code: Int, _ severity: Finding.Severity? = nil, file: CaseFileName, at location: String = "",
    entity: Finding.Entity? = nil, value: String? = nil, _ message: String, suggestion: String? = nil
  ) {
    report(
      code, severity, file: file.path, at: location, entity: entity, value: value, message, suggestion: suggestion)
  }

  /// Errors first, then by rule and file.
  ///
  /// Within those in the order found.
  func sorted() -> [Finding] {
    var all = findings
    for (key, count) in counts.sorted(by: { ($0.key.code, $0.key.file) < ($1.key.code, $1.key.file) })
    where count > FindingCollector.limit {
      all.append(
        Finding(
          severity: key.severity, code: key.code, file: key.file, location: "",
          message: "\(count - FindingCollector.limit) more findings of this rule in this file are not listed.",
          rule: Rule.sentence(key.code)))
    }
    if isExhausted {
      all.append(
        Finding(
          severity: .error, code: 112, file: "", location: "",
          message: "The case has more than \(FindingCollector.maximumErrors) errors; reading stopped there.",
          rule: Rule.sentence(112), suggestion: "Mend what is listed and try again."))
    }
    return all.enumerated().sorted { left, right in
      let a = left.element
      let b = right.element
      if a.severity != b.severity { return a.severity.rank < b.severity.rank }
      if a.code != b.code { return a.code < b.code }
      if a.file != b.file { return a.file < b.file }
      return left.offset < right.offset
    }.map(\.element)
  }
}
