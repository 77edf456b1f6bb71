internal import CobreBase

/// Rules of Novomodelo cases that concern several keys of one file at once.
///
/// They run on files whose shape may be wrong elsewhere, so every access tolerates missing and mistyped values.
struct NovomodeloSchemaChecks {
  let documents: NovomodeloDocuments
  var collector: FindingCollector

  static func check(_ documents: NovomodeloDocuments, _ collector: inout FindingCollector) {
    var checks = NovomodeloSchemaChecks(documents: documents, collector: collector)
    checks.checkTraining()
    checks.checkSources()
    checks.checkPolicy()
    checks.checkStages()
    checks.checkWindows()
    checks.checkThermals()
    checks.checkProductionModels()
    checks.checkFactors()
    checks.checkSlacks()
    checks.checkUpperBound()
    collector = checks.collector
  }

  func element(_ file: NovomodeloFile, _ keys: String...) -> JSONValue? {
    var value: JSONValue? = documents.json[file].map { .object($0) }
    for key in keys { value = value?[key] }
    return value.flatMap { $0.isNull ? nil : $0 }
  }

  mutating func report(
    _ code: Int, _ file: NovomodeloFile, _ location: String, entity: Finding.Entity? = nil, value: String? = nil,
    _ message: String, _ suggestion: String? = nil
  ) {
    collector.report(
      code, file: file.path, at: location, entity: entity, value: value, message, suggestion: suggestion)
  }

  /// Rule 223: an evaluation that the format can ask for and that is never made.
  private mutating func checkUpperBound() {
    guard element(.config, "upper_bound_evaluation", "enabled")?.bool == true else { return }
    report(
      223, .config, "upper_bound_evaluation.enabled", value: "true",
      "Cases in Novomodelo's format have no deterministic upper bound, so that the section has no effect.",
      "Set it to false, or ask for a case in Cobre's own format.")
  }

  var isEnumerated: Bool { element(.config, "training", "selection", "method")?.string == "enumerated" }
  var hasNodes: Bool { !(element(.stages, "policy_graph", "nodes")?.array ?? []).isEmpty }

  private mutating func checkTraining() {
    let rules = element(.config, "training", "stopping_rules")?.array
    if let rules, !rules.contains(where: { $0["type"]?.string == "iteration_limit" }) {
      report(
        218, .config, "training.stopping_rules", "There is no iteration_limit among the stopping rules.",
        "Add { \"type\": \"iteration_limit\", \"limit\": … }.")
    }
    let isRiskNeutral = documents.elements(.stages, "stages").allSatisfy {
      let measure = $0.value["risk_measure"] ?? .null
      return measure.isNull || measure.string == "expectation"
    }
    for (index, rule) in (rules ?? []).enumerated() where rule["type"]?.string == "gap" {
      let place = "training.stopping_rules[\(index)]"
      if rule["tolerance"]?.number == nil && rule["relative_tolerance"]?.number == nil {
        report(608, .config, place, "The gap rule gives no tolerance.", "Give tolerance, relative_tolerance or both.")
      }
      if !isEnumerated || !isRiskNeutral {
        report(
          608, .config, place,
          isEnumerated
            ? "The gap is no bound on the optimum where a stage has another risk measure than the expectation."
            : "The gap is exact only where trajectories are enumerated.",
          isEnumerated ? "Remove the rule." : "Set training.selection.method to \"enumerated\", or remove the rule.")
      }
    }
    if isEnumerated, element(.config, "training", "cut_selection", "selection", "method")?.string == "dynamic" {
      report(
        610, .config, "training.cut_selection.selection.method", value: "dynamic",
        "Dynamic selection does not go with enumerated trajectories.", "Choose \"level1\", or null.")
    }
    if isEnumerated, let most = element(.config, "training", "cut_selection", "max_active_per_stage"), !most.isNull {
      report(
        610, .config, "training.cut_selection.max_active_per_stage", value: most.int.map { String($0) },
        "A cap on the cuts of a stage does not go with enumerated trajectories.", "Set it to null.")
    }
  }

  private mutating func checkSources() {
    for section in ["training", "simulation"] {
      guard let source = element(.config, section, "scenario_source") else { continue }
      let place = "\(section).scenario_source"
      let schemes = ["inflow", "load", "ncs"].compactMap { source[$0]?["scheme"]?.string }
      if schemes.contains("out_of_sample") || schemes.contains("external"), source["seed"]?.int == nil {
        report(
          220, .config, "\(place).seed", "A class that is out_of_sample or external needs a seed.", "Give the seed.")
      }
      let years = source["historical_years"]
      if let years, !years.isNull {
        if !schemes.contains("historical") {
          report(
            220, .config, "\(place).historical_years", "historical_years goes only with the scheme historical.",
            "Remove the key.")
        }
        if let from = years["from"]?.int, let to = years["to"]?.int, from > to {
          report(
            220, .config, "\(place).historical_years", value: "\(from) > \(to)", "The years end before they begin.")
        }
      }
      guard let openings = source["openings"]?["source"]?.string else { continue }
      if section == "simulation" {
        report(609, .config, "\(place).openings", "Openings belong to the training alone.", "Remove the key.")
      } else if openings == "file" {
        if documents.tables[.noiseOpenings] == nil {
          report(
            609, .config, "\(place).openings.source", value: "file",
            "There is no readable \(NovomodeloFile.noiseOpenings.path).", "Add the table, or choose \"generated\".")
        }
        if isEnumerated || hasNodes {
          report(
            609, .config, "\(place).openings.source", value: "file",
            "Openings from a file do not go with \(hasNodes ? "policy nodes" : "enumerated trajectories").",
            "Choose \"generated\".")
        }
      }
    }
  }

  private mutating func checkPolicy() {
    if let path = element(.config, "policy", "path")?.string {
      // What is left of the path after its steps upwards.
      var names: [Substring] = []
      for part in path.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
        if part != ".." { names.append(part) } else if !names.isEmpty { names.removeLast() }
      }
      if names.isEmpty {
        report(
          613, .config, "policy.path", value: path,
          "The path leads to the output directory or to one of its ancestors.",
          "Name a directory of its own, such as \"./policy\", or \"../other/policy\" for the policy of another run.")
      }
    }
    if element(.config, "policy", "checkpointing", "enabled")?.bool == true,
      element(.config, "policy", "checkpointing", "interval_iterations") == nil
    {
      report(
        614, .config, "policy.checkpointing.interval_iterations", "Enabled checkpoints need an interval.",
        "Give interval_iterations.")
    }
  }

  private mutating func checkStages() {
    for (path, stage) in documents.elements(.stages, "pre_study_stages") {
      checkOrder(.stages, path, stage, Finding.Entity(.stage, of: stage))
    }
    for (path, stage) in documents.elements(.stages, "stages") {
      let entity = Finding.Entity(.stage, of: stage)
      checkOrder(.stages, path, stage, entity)
      let ids = (stage["blocks"]?.array ?? []).compactMap { $0["id"]?.int }
      if !ids.isEmpty, ids.sorted() != Array(0..<ids.count) {
        report(
          211, .stages, "\(path).blocks", entity: entity,
          value: ids.prefix(12).map(String.init).joined(separator: ", "),
          "Block ids must be 0…\(ids.count - 1), each once.")
      }
      if stage["num_openings"]?.int == nil, !hasNodes {
        report(
          612, .stages, "\(path).num_openings", entity: entity, "The stage does not say how many openings it has.",
          "Add num_openings.")
      }
      checkRiskMeasure(stage["risk_measure"], at: "\(path).risk_measure", entity)
      if stage["state_variables"]?["storage"]?.bool == false {
        report(
          221, .stages, "\(path).state_variables.storage", entity: entity, value: "false",
          "Storage is always state; false has no effect.", "Remove the key.")
      }
    }
  }

  /// Rule 225, and 630 for measures that Novomodelo refuses.
  private mutating func checkRiskMeasure(_ measure: JSONValue?, at place: String, _ entity: Finding.Entity?) {
    for problem in RiskMeasureCheck.problems(measure) {
      report(
        225, .stages, place + problem.location, entity: entity, value: problem.value, problem.message,
        problem.suggestion)
    }
    guard let measure, !measure.isNull, measure.string != "expectation", measure["cvar"] == nil else { return }
    report(
      630, .stages, place, entity: entity, value: measure.string ?? measure.object?.keys.first,
      "Novomodelo knows expectation and cvar only: it refuses this case.",
      "Keep the measure for Cobre, or use cvar where both programs read the case.")
  }

  private mutating func checkOrder(
    _ file: NovomodeloFile, _ path: String, _ value: JSONValue, _ entity: Finding.Entity?
  ) {
    guard let startText = value["start_date"]?.string, let endText = value["end_date"]?.string,
      let start = CalendarDate(text: startText), let end = CalendarDate(text: endText), end <= start
    else { return }
    report(
      209, file, "\(path).end_date", entity: entity, value: endText,
      "The end date \(endText) is not after the start date \(startText).",
      "The end date is the first day after the period.")
  }

  /// Rule 209, and 217: windows of one element do not overlap.
  private mutating func checkWindows() {
    let lists: [(key: String, id: String, kind: EntityKind)] = [
      ("recent_observations", "hydro_id", .hydro), ("past_defluences", "hydro_id", .hydro),
      ("past_anticipated_commitments", "thermal_id", .thermal),
    ]
    for (key, id, kind) in lists {
      var windows: [(id: Int, start: CalendarDate, end: CalendarDate, path: String)] = []
      for (path, value) in documents.elements(.initialConditions, key) {
        checkOrder(.initialConditions, path, value, Finding.Entity(kind, id: value[id]?.int))
        if let element = value[id]?.int, let start = value["start_date"]?.string.flatMap(CalendarDate.init(text:)),
          let end = value["end_date"]?.string.flatMap(CalendarDate.init(text:)), start < end
        {
          windows.append((element, start, end, path))
        }
      }
      windows.sort { ($0.id, $0.start, $0.end) < ($1.id, $1.start, $1.end) }
      for (earlier, later) in zip(windows, windows.dropFirst())
      where earlier.id == later.id && later.start < earlier.end {
        report(
          217, .initialConditions, later.path, entity: Finding.Entity(kind, id: later.id),
          value: later.start.description,
          "The window overlaps \(earlier.path), which ends on \(earlier.end).",
          "Let windows of an element follow each other.")
      }
    }
    guard let table = documents.tables[.inflowHistory] else { return }
    let (ids, starts, ends) = (table.integers("hydro_id"), table.integers("start_date"), table.integers("end_date"))
    for row in 0..<table.rowCount where ends[row] <= starts[row] {
      collector.report(
        209, file: table.file, at: table.place(row, "end_date"), "The window does not end after its start.",
        suggestion: "The end date is the first day after the period.")
    }
    let order = (0..<table.rowCount).sorted { (ids[$0], starts[$0]) < (ids[$1], starts[$1]) }
    for (earlier, later) in zip(order, order.dropFirst())
    where ids[earlier] == ids[later] && starts[later] < ends[earlier] {
      collector.report(
        217, file: table.file, at: table.place(later, "start_date"), entity: Finding.Entity(.hydro, id: ids[later]),
        "The window overlaps that of \(table.place(earlier)).", suggestion: "Let windows of a plant follow each other.")
    }
  }

  private mutating func checkThermals() {
    for (path, thermal) in documents.elements(.thermals, "thermals") {
      guard let config = thermal["anticipated_config"], config.object != nil else { continue }
      let given = ["lead_stages", "lead_time_hours"].filter { config[$0]?.number != nil }
      guard given.count != 1 else { continue }
      report(
        622, .thermals, "\(path).anticipated_config", entity: Finding.Entity(.thermal, of: thermal),
        given.isEmpty ? "No lead is given." : "Both leads are given.", "Give lead_stages or lead_time_hours.")
    }
  }

  private mutating func checkFactors() {
    let files: [(NovomodeloFile, String, String)] = [
      (.loadFactors, "load_factors", "bus_id"), (.nonControllableFactors, "non_controllable_factors", "ncs_id"),
    ]
    for (file, list, key) in files {
      var first: [[Int]: String] = [:]
      for (path, element) in documents.elements(file, list) {
        guard let id = element[key]?.int, let stage = element["stage_id"]?.int else { continue }
        if let earlier = first[[id, stage]] {
          report(
            207, file, path, value: "\(id), \(stage)", "The pair (\(key), stage_id) stands in \(earlier) already.",
            "Keep one entry per pair.")
        } else {
          first[[id, stage]] = path
        }
      }
    }
  }

  private mutating func checkSlacks() {
    for (path, constraint) in documents.elements(.genericConstraints, "constraints") {
      guard let slack = constraint["slack"], let isEnabled = slack["enabled"]?.bool else { continue }
      let given = ["penalty", "penalty_basis"].filter { slack[$0].map { !$0.isNull } ?? false }
      guard given.count != (isEnabled ? 2 : 0) else { continue }
      report(
        620, .genericConstraints, "\(path).slack", entity: Finding.Entity(.genericConstraint, of: constraint),
        isEnabled ? "An enabled slack needs penalty and penalty_basis." : "A disabled slack has no price.",
        isEnabled ? "Give both." : "Remove \(given.joined(separator: " and ")).")
    }
  }
}
