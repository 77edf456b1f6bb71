internal import CobreBase

/// Reads the formulas, parameters and named expressions of a Novomodelo case and reports what is wrong with them.
struct NovomodeloFormulaReader {
  let context: NovomodeloContext
  let study: StudyCase
  var collector: FindingCollector

  private mutating func report(
    _ code: Int, _ file: NovomodeloFile, _ location: String, entity: Finding.Entity? = nil, value: String? = nil,
    _ message: String, _ suggestion: String? = nil
  ) {
    collector.report(
      code, file: file.path, at: location, entity: entity, value: value, message, suggestion: suggestion)
  }

  // MARK: Formulas

  /// The formula of a text whose quantities all exist, or nil if it has been reported.
  mutating func formula(
    _ text: String, _ file: NovomodeloFile, _ place: String, _ entity: Finding.Entity? = nil, allowsRelation: Bool
  ) -> Formula? {
    do throws(FormulaFailure) {
      let formula = try Formula(text, allowsRelation: allowsRelation)
      var isSound = true
      for quantity in formula.quantities {
        guard let fault = fault(of: quantity) else { continue }
        isSound = false
        report(305, file, place, entity: entity, value: quantity.variable.rawValue, fault)
      }
      return isSound ? formula : nil
    } catch {
      report(213, file, "\(place), column \(error.column)", entity: entity, error.message)
      return nil
    }
  }

  /// What a quantity names that the case does not have.
  private func fault(of quantity: FormulaVariable) -> String? {
    let buses = context.registry(.bus).index
    for bus in [quantity.bus, quantity.sourceBus, quantity.targetBus].compactMap({ $0 }) where buses[bus] == nil {
      return "\(bus) is the id of no bus."
    }
    if let source = quantity.sourceBus, let target = quantity.targetBus {
      let isLinked = study.lines.contains {
        let ends = [study.buses[$0.sourceBus].id, study.buses[$0.targetBus].id]
        return ends == [source, target] || ends == [target, source]
      }
      return isLinked ? nil : "No line joins the buses \(source) and \(target)."
    }
    let registry = context.registry(quantity.variable.registry)
    guard let id = quantity.entity, let entity = registry.index[id] else {
      return "\(quantity.entity ?? 0) is the id of no \(registry.kind.words)."
    }
    if let bus = quantity.bus.flatMap({ buses[$0] }), !study.hydros[entity].groups.contains(where: { $0.bus == bus }) {
      return "Hydro \(id) has no unit group at bus \(quantity.bus ?? 0)."
    }
    if quantity.variable == .anticipatedDecision, study.thermals[entity].anticipation == nil {
      return "Thermal \(id) is not committed in advance."
    }
    return nil
  }

  // MARK: Names

  /// Parameters and named expressions.
  mutating func names() -> FormulaNames {
    var seen: Set<String> = []
    var parameters: [ScalarParameter] = []
    for (position, node) in context.root(.genericParameters)["scalar_parameters"].elements.enumerated() {
      let place = "scalar_parameters[\(position)]"
      checkName(node["name"].text, .genericParameters, "\(place).name", &seen)
      guard let value = value(node, place) else { continue }
      parameters.append(ScalarParameter(id: node["id"].int, name: node["name"].text, value: value))
    }
    var expressions: [(name: String, formula: Formula)] = []
    for (position, node) in context.root(.genericConstraints)["expressions"].elements.enumerated() {
      let place = "expressions[\(position)]"
      checkName(node["name"].text, .genericConstraints, "\(place).name", &seen)
      guard
        let formula = formula(
          node["expression"].text, .genericConstraints, "\(place).expression", allowsRelation: false)
      else { continue }
      expressions.append((node["name"].text, formula))
    }
    let isComputing = parameters.contains { if case .computed = $0.value { true } else { false } }
    let energies = isComputing ? EnergyTable(study: study) : nil
    checkSpecificProductivities(parameters, energies)
    let names = FormulaNames(
      parameters: parameters, expressions: expressions, energies: energies,
      positions: study.stages.indices.map(study.position(of:)), seasons: study.stages.map(\.seasonID))
    checkValues(parameters, names)
    return names
  }

  /// Values that are looked at before a constraint asks for them.
  private static let mostValues = 200_000

  /// A parameter has a value in every stage and block, whether a constraint uses it or not.
  private mutating func checkValues(_ parameters: [ScalarParameter], _ names: FormulaNames) {
    // Without seasons there is nothing to cover.
    let isDated = study.stages.allSatisfy { $0.seasonID != nil }
    let isSeasonal = parameters.contains { if case .seasonal = $0.value { true } else { false } }
    let places = study.stages.indices.flatMap { stage in
      study.stages[stage].blocks.indices.map { (stage: stage, block: $0) }
    }
    let checked = parameters.filter {
      switch $0.value {
      case .constant, .computed, .perStage: false
      case .perStageBlock: true
      case .seasonal: isDated
      case .formula: isDated || !isSeasonal
      }
    }
    guard checked.count * places.count <= Self.mostValues else { return }
    var names = names
    for parameter in checked {
      for (stage, block) in places {
        do throws(FormulaFailure) {
          let formula = try Formula("@\(parameter.name)", allowsRelation: false)
          _ = try names.evaluate(formula, stage: stage, block: block)
        } catch {
          report(
            633, .genericParameters, "scalar_parameters", value: parameter.name,
            "The parameter @\(parameter.name.printable(limit: 60)) has no value at stage \(context.stages.ids[stage]), block "
              + "\(block): \(error.message)", "Give a value for every stage and block, season or name that it needs.")
          break
        }
      }
    }
  }

  /// A parameter for what the plant does not have is refused there, whether a constraint uses it or not.
  private mutating func checkSpecificProductivities(_ parameters: [ScalarParameter], _ energies: EnergyTable?) {
    for parameter in parameters {
      guard case .computed(.specificProductivity, let hydro) = parameter.value,
        study.stages.indices.allSatisfy({ energies?.value(.specificProductivity, stage: $0, hydro: hydro) == nil })
      else { continue }
      report(
        633, .genericParameters, "scalar_parameters", value: parameter.name,
        "The parameter @\(parameter.name.printable(limit: 60)) is the specific productivity of hydro "
          + "\(study.hydros[hydro].id), which has none.",
        "Give the plant specific_productivity_mw_per_m3s_per_m, or remove the parameter.")
    }
  }

  private mutating func checkName(
    _ name: String, _ file: NovomodeloFile, _ place: String, _ seen: inout Set<String>
  ) {
    if !seen.insert(name).inserted {
      report(207, file, place, value: name, "The name @\(name.printable(limit: 60)) is given twice.", "Rename one.")
    }
  }

  private mutating func value(_ node: Node, _ place: String) -> ScalarParameter.Value? {
    switch node["kind"].text {
    case "constant": return .constant(node["value"].number)
    case "per_stage": return perStage(node["values"].elements.map(\.numbers), place)
    case "seasonal":
      var values: [Int: Double] = [:]
      for pair in node["values"].elements.map(\.numbers) where pair.count == 2 {
        guard let season = Int(exactly: pair[0]), values.updateValue(pair[1], forKey: season) == nil else {
          report(
            633, .genericParameters, "\(place).values", value: "\(pair[0])",
            "\(pair[0]) is no season id, or stands twice.", "Give each season once.")
          return nil
        }
      }
      return .seasonal(values)
    case "per_stage_block": return perStageBlock(node["block_values"].elements.map(\.numbers), place)
    case "computed":
      let spec = node["computed_spec"]
      guard let tag = ComputedParameterTag(rawValue: spec["tag"].text),
        let hydro = context.registry(.hydro).index[spec["hydro_id"].int]
      else { return nil }
      return .computed(tag, hydro: hydro)
    default:
      let text = node["expression"].text
      guard let formula = formula(text, .genericParameters, "\(place).expression", allowsRelation: false) else {
        return nil
      }
      guard formula.quantities.isEmpty else {
        report(
          213, .genericParameters, "\(place).expression",
          "The expression of a parameter names numbers and other parameters only.",
          "Move it to the expressions of \(NovomodeloFile.genericConstraints.path).")
        return nil
      }
      return .formula(formula)
    }
  }

  private mutating func perStage(_ pairs: [[Double]], _ place: String) -> ScalarParameter.Value? {
    let sorted = pairs.filter { $0.count == 2 }.sorted { $0[0] < $1[0] }
    for (position, pair) in sorted.enumerated() where pair[0] != Double(position) {
      report(
        633, .genericParameters, "\(place).values", value: "\(pair[0])",
        "The first numbers of the pairs are no stage positions 0, 1, 2, … without a gap.",
        "Count stages from 0, each once.")
      return nil
    }
    guard sorted.count == study.stages.count else {
      report(
        633, .genericParameters, "\(place).values", value: String(sorted.count),
        "There are \(sorted.count) values; the study has \(study.stages.count) stages.", "Give each stage its value.")
      return nil
    }
    return .perStage(sorted.map { $0[1] })
  }

  private mutating func perStageBlock(_ triples: [[Double]], _ place: String) -> ScalarParameter.Value? {
    var values = [[Int: Double]](repeating: [:], count: study.stages.count)
    for triple in triples where triple.count == 3 {
      guard let stage = Int(exactly: triple[0]), values.indices.contains(stage), let block = Int(exactly: triple[1]),
        study.stages[stage].blocks.indices.contains(block),
        values[stage].updateValue(triple[2], forKey: block) == nil
      else {
        report(
          633, .genericParameters, "\(place).block_values", value: "\(triple[0]), \(triple[1])",
          "\(triple[0]), \(triple[1]) is no stage position and block, or stands twice.",
          "Count stages and blocks from 0, each pair once.")
        return nil
      }
    }
    return .perStageBlock(values)
  }
}
