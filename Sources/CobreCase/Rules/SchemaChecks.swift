internal import CobreBase

/// Layer 2 rules that concern several keys of one file at once (207 to 222).
///
/// They run on files whose shape may be wrong elsewhere, so every access tolerates missing and mistyped values.
struct SchemaChecks {
  let documents: CaseDocuments
  var collector: FindingCollector

  static func check(_ documents: CaseDocuments, _ collector: inout FindingCollector) {
    var checks = SchemaChecks(documents: documents, collector: collector)
    checks.checkConfig()
    checks.checkOptions()
    checks.checkStages()
    checks.checkInitialConditions()
    checks.checkEquipment()
    checks.checkProductionModels()
    checks.checkFactors()
    checks.checkGenericConstraints()
    collector = checks.collector
  }

  /// Elements of a list in a file, with their paths.
  func elements(_ file: CaseFileName, _ key: String) -> [(path: String, value: JSONValue)] {
    (documents.json[file]?[key]?.array ?? []).enumerated().map { ("\(key)[\($0)]", $1) }
  }

  mutating func checkOrder(_ file: CaseFileName, _ path: String, _ value: JSONValue, _ entity: Finding.Entity?) {
    guard let startText = value["start_date"]?.string, let endText = value["end_date"]?.string,
      let start = CalendarDate(text: startText), let end = CalendarDate(text: endText), end <= start
    else { return }
    collector.report(
      209, file: file, at: "\(path).end_date", entity: entity, value: endText,
      "The end date \(endText) is not after the start date \(startText).",
      suggestion: "The end date is the first day after the period.")
  }

  mutating func checkStages() {
    for (path, stage) in elements(.stages, "pre_study_stages") {
      checkOrder(.stages, path, stage, Finding.Entity(.stage, of: stage))
    }
    for (path, stage) in elements(.stages, "stages") {
      let entity = Finding.Entity(.stage, of: stage)
      checkOrder(.stages, path, stage, entity)
      let ids = (stage["blocks"]?.array ?? []).compactMap { $0["id"]?.int }
      if !ids.isEmpty, ids.sorted() != Array(0..<ids.count) {
        collector.report(
          211, file: .stages, at: "\(path).blocks", entity: entity,
          value: ids.prefix(12).map(String.init).joined(separator: ", "),
          "Block ids must be 0…\(ids.count - 1), each once.")
      }
      for problem in RiskMeasureCheck.problems(stage["risk_measure"]) {
        collector.report(
          225, file: .stages, at: "\(path).risk_measure\(problem.location)", entity: entity, value: problem.value,
          problem.message, suggestion: problem.suggestion)
      }
      if stage["state_variables"]?["storage"]?.bool == false {
        collector.report(
          221, file: .stages, at: "\(path).state_variables.storage", entity: entity, value: "false",
          "Storage is always state; false has no effect.", suggestion: "Remove the key.")
      }
    }
  }

  mutating func checkEquipment() {
    for (path, thermal) in elements(.thermals, "thermals") where thermal["gnl_config"]?.object != nil {
      collector.report(
        221, file: .thermals, at: "\(path).gnl_config", entity: Finding.Entity(.thermal, of: thermal),
        "gnl_config is read but has no effect.", suggestion: "Remove the key.")
    }
  }

  mutating func checkGenericConstraints() {
    for (path, constraint) in elements(.genericConstraints, "constraints") {
      let entity = Finding.Entity(.genericConstraint, of: constraint)
      if let text = constraint["expression"]?.string {
        do throws(ExpressionParser.Failure) {
          _ = try ExpressionParser.parse(text)
        } catch {
          collector.report(
            213, file: .genericConstraints, at: "\(path).expression", entity: entity, value: text,
            "Character \(error.column): \(error.message)", suggestion: error.suggestion)
        }
      }
      guard constraint["slack"]?["enabled"]?.bool == true else { continue }
      if constraint["slack"]?["penalty"] == nil || constraint["slack"]?["penalty"]?.isNull == true {
        collector.report(
          214, file: .genericConstraints, at: "\(path).slack.penalty", entity: entity,
          "An enabled slack needs a penalty.", suggestion: "Give slack.penalty > 0, in $ per unit and hour.")
      }
    }
  }

  mutating func checkFactors() {
    let files: [(CaseFileName, String, String)] = [
      (.loadFactors, "load_factors", "bus_id"), (.nonControllableFactors, "non_controllable_factors", "ncs_id"),
      (.exchangeFactors, "exchange_factors", "line_id"),
    ]
    for (file, list, key) in files {
      var first: [[Int]: String] = [:]
      for (path, element) in elements(file, list) {
        guard let id = element[key]?.int, let stage = element["stage_id"]?.int else { continue }
        if let earlier = first[[id, stage]] {
          collector.report(
            207, file: file, at: path, value: "\(id), \(stage)",
            "The pair (\(key), stage_id) stands in \(earlier) already.", suggestion: "Keep one entry per pair.")
        } else {
          first[[id, stage]] = path
        }
      }
    }
  }
}
