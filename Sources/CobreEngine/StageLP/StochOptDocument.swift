package import CobreBase
package import CobreCase

/// A case as StochOptFormat 1.0: the policy graph with the stage LP of each node, for other programs (Dowson, Garcia
/// 2020).
///
/// Nodes are named by their stage counted from 1 and state variables as in `CutDocument`, so that cuts of either
/// program fit the nodes of the other. Subproblems are in MathOptFormat 1 and have no future cost. Money is in $. The
/// discount is in the probabilities of the arcs, whose sum is then below 1, as the format proposes.
package struct StochOptDocument {
  /// Why a case cannot be written in the format, as a sentence.
  package struct Failure: Error {
    package var sentence: String
  }

  private let study: StudyCase
  private let tree: OpeningTree
  private let templates: [StageLPTemplate]
  private let states: [String]

  /// - Parameters:
  ///   - study: the case.
  ///   - tree: its openings.
  ///   - states: name of each state component.
  /// - Throws: `Failure` where the case has what the format does not.
  package init(study: StudyCase, tree: OpeningTree, states: [String]) throws(Failure) {
    if let stage = study.stages.first(where: { !$0.riskMeasure.isNeutral }) {
      throw Failure(sentence: "stage \(stage.id) has a risk measure, which the format cannot say")
    }
    if study.configuration.policy.boundary != nil {
      throw Failure(sentence: "the case has cuts after its last stage (policy.boundary), which the format cannot say")
    }
    if !study.priceProcesses.isEmpty {
      throw Failure(sentence: "the case has price processes, whose future cost the format cannot say")
    }
    self.study = study
    self.tree = tree
    self.states = states
    templates = StageLPTemplate.all(study: study, tree: tree, stackMinimum: .max, fewestLazyPlanes: .max)
    if let template = templates.first(where: { !$0.truncations.isEmpty }) {
      throw Failure(
        sentence:
          "inflows of stage \(study.stages[template.stage].id) are truncated at 0, which makes them no linear function "
          + "of state and noise")
    }
  }

  /// The whole document.
  package var value: JSONValue {
    let initial = tree.inflow.initialState
    return [
      "version": ["major": 1, "minor": 0],
      "description": .string(
        "Exported from Cobre \(engineVersion). Costs in $, volumes in hm3, power in MW. Probabilities of arcs contain the "
          + "discount."),
      "root": [
        "state_variables": .object(JSONObject(zip(states, initial).map { ($0, .double($1)) })),
        "successors": [Self.node(0): 1.0],
      ],
      "nodes": .object(JSONObject(templates.map { (Self.node($0.stage), node($0)) })),
      "subproblems": .object(JSONObject(templates.map { (Self.node($0.stage), subproblem($0)) })),
    ]
  }

  private static func node(_ stage: Int) -> String { String(stage + 1) }

  private func node(_ template: StageLPTemplate) -> JSONValue {
    var object: JSONObject = ["subproblem": .string(Self.node(template.stage))]
    let (rows, columns) = (template.noiseRows, template.noiseColumns)
    if !rows.isEmpty || !columns.isEmpty {
      object["realizations"] = .array(
        template.probabilities.enumerated().map { opening, probability in
          var support = JSONObject()
          for (position, row) in rows.enumerated() {
            support[Self.noise(ofRow: row)] = .double(template.noiseRowShifts[opening * rows.count + position])
          }
          for (position, column) in columns.enumerated() {
            support[Self.noise(ofColumn: column)] = .double(
              template.noiseColumnUppers[opening * columns.count + position])
          }
          return ["probability": .double(probability), "support": .object(support)]
        })
    }
    let next = study.graph.successors(of: template.stage)
    object["successors"] = .object(
      JSONObject(next.map { (Self.node($0.stage), .double($0.probability * template.discountFactor)) }))
    return .object(object)
  }

  private static func noise(ofRow row: Int) -> String { "noise[row \(row)]" }
  private static func noise(ofColumn column: Int) -> String { "noise[column \(column)]" }

  private func subproblem(_ template: StageLPTemplate) -> JSONValue {
    let columns = columnNames(template)
    let noise = template.noiseRows.map(Self.noise(ofRow:)) + template.noiseColumns.map(Self.noise(ofColumn:))
    let inward = states.map { $0 + "_in" }
    return [
      "state_variables": .object(
        JSONObject(
          states.enumerated().map { index, name in
            (name, ["in": .string(inward[index]), "out": .string(columns[template.firstStateColumn + index])])
          })),
      "random_variables": .array(noise.map { .string($0) }),
      "subproblem": [
        "version": ["major": 1, "minor": 0],
        "variables": .array((inward + columns + noise).map { ["name": .string($0)] }),
        "objective": ["sense": "min", "function": objective(template, columns)],
        "constraints": .array(bounds(template, columns) + rows(template, columns, inward)),
      ],
    ]
  }

  /// Unique names of the columns before the future costs.
  private func columnNames(_ template: StageLPTemplate) -> [String] {
    let labels = StageLPNames(template, study: study, states: tree.inflow.layout).columns
    let elements = ElementNumbers(study)
    var used: Set<String> = []
    return (0..<template.futureCostColumn).map { column in
      guard column < template.firstStateColumn else { return states[column - template.firstStateColumn] + "_out" }
      var name = "column \(column)"
      if let label = labels[column] {
        let place = "\(label.entity.rawValue) \(elements.id(label))" + (label.block.map { ", block \($0)" } ?? "")
        name =
          "\(label.kind.rawValue)[\(place)]" + (label.limit.map { " \($0)" } ?? "")
          + (label.step.map { " step \($0)" } ?? "")
      }
      if !used.insert(name).inserted {
        name += " #\(column)"
        used.insert(name)
      }
      return name
    }
  }

  private static func affine(_ terms: [(name: String, coefficient: Double)]) -> JSONValue {
    [
      "type": "ScalarAffineFunction",
      "terms": .array(terms.map { ["coefficient": .double($0.coefficient), "variable": .string($0.name)] }),
      "constant": 0.0,
    ]
  }

  private func objective(_ template: StageLPTemplate, _ columns: [String]) -> JSONValue {
    Self.affine(
      columns.indices.compactMap { column -> (name: String, coefficient: Double)? in
        let cost = template.model.objective[column] / StageLPTemplate.objectiveScale
        return cost == 0 ? nil : (columns[column], cost)
      })
  }

  /// The set between two bounds, or nil if there is none.
  private static func set(_ lower: Double, _ upper: Double) -> JSONValue? {
    switch (lower > -.infinity, upper < .infinity) {
    case (true, true) where lower == upper: ["type": "EqualTo", "value": .double(lower)]
    case (true, true): ["type": "Interval", "lower": .double(lower), "upper": .double(upper)]
    case (true, false): ["type": "GreaterThan", "lower": .double(lower)]
    case (false, true): ["type": "LessThan", "upper": .double(upper)]
    case (false, false): nil
    }
  }

  private func bounds(_ template: StageLPTemplate, _ columns: [String]) -> [JSONValue] {
    let noisy = Dictionary(uniqueKeysWithValues: template.noiseColumns.enumerated().map { ($1, $0) })
    let mustRun = Set(template.mustRunPositions)
    var list: [JSONValue] = []
    for (column, name) in columns.enumerated() {
      var upper = template.model.columnUpper[column]
      if let position = noisy[column] {
        // x − noise ≤ 0, or = 0 for what must take all of it.
        let set = Self.set(mustRun.contains(position) ? 0 : -.infinity, 0) ?? .null
        list.append([
          "function": Self.affine([(name, 1), (Self.noise(ofColumn: column), -1)]), "set": set,
        ])
        upper = .infinity
      }
      if let set = Self.set(template.model.columnLower[column], upper) {
        list.append(["function": ["type": "Variable", "name": .string(name)], "set": set])
      }
    }
    return list
  }

  /// Rows with the incoming state and the noise on their left-hand side.
  private func rows(_ template: StageLPTemplate, _ columns: [String], _ inward: [String]) -> [JSONValue] {
    let model = template.model
    var terms = [[(name: String, coefficient: Double)]](repeating: [], count: model.rowCount)
    for column in columns.indices {
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        terms[Int(model.rowIndices[entry])].append((columns[column], model.values[entry]))
      }
    }
    for coupling in template.couplings {
      terms[coupling.row].append((inward[coupling.component], -coupling.coefficient))
    }
    for row in template.noiseRows { terms[row].append((Self.noise(ofRow: row), -1)) }
    return terms.indices.compactMap { row in
      guard !terms[row].isEmpty, let set = Self.set(model.rowLower[row], model.rowUpper[row]) else { return nil }
      return ["name": .string("row \(row)"), "function": Self.affine(terms[row]), "set": set]
    }
  }
}

/// Ids of elements by the kinds of labels.
private struct ElementNumbers {
  private let study: StudyCase

  init(_ study: StudyCase) { self.study = study }

  func id(_ label: StageLPNames.Label) -> Int {
    switch label.entity {
    case .system: 0
    case .hydro: study.hydros[label.index].id
    case .thermal: study.thermals[label.index].id
    case .bus: study.buses[label.index].id
    case .line: study.lines[label.index].id
    case .source: study.sources[label.index].id
    case .contract: study.contracts[label.index].id
    case .pump: study.pumpingStations[label.index].id
    case .battery: study.batteries[label.index].id
    case .price: study.priceProcesses[label.index].id
    case .constraint: study.genericConstraints[label.index].id
    }
  }
}
