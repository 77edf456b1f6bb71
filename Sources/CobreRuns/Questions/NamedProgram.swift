internal import CobreEngine

/// A stage LP with what its columns and rows are about.
struct NamedProgram: Sendable {
  /// Rows of cuts included, if they are there.
  var model: LPModel
  /// Rows before those of cuts.
  var templateRows: Int
  /// What each column is.
  var labels: [StageLPNames.Label?]
  var layout: StageLPLayout

  init(_ solved: SolvedStage, _ names: StageLPNames, _ layout: StageLPLayout) {
    self.layout = layout
    labels = names.columns
    model = solved.lp.model
    templateRows = solved.templateRows
  }

  /// The program that a solver holds, solved or not, without its cuts: future costs give way to them.
  init(_ solver: StageSolver, _ names: StageLPNames) {
    layout = solver.template.layout
    let (model, origins) = solver.loadedProgram()
    self.model = model
    templateRows = model.rowCount
    labels = origins.map { names.columns[$0] }
  }

  func rowNames(_ elements: ElementNames) -> RowNames { RowNames(self, elements) }
}

/// Names of the rows and columns of a stage LP in sentences.
struct RowNames {
  private let program: NamedProgram
  private let elements: ElementNames
  private let units: LabelUnits
  private var texts: [Int: String] = [:]
  private var unitsOfRows: [Int: String] = [:]

  init(_ program: NamedProgram, _ elements: ElementNames) {
    self.program = program
    self.elements = elements
    units = elements.units
    let layout = program.layout
    func block(_ place: Int) -> String { layout.blocks > 1 ? " in block \(place % layout.blocks)" : "" }
    func name(_ entity: ElementKind, _ index: Int) -> String {
      elements.name(StageLPNames.Label(kind: .slack, entity: entity, index: index))
    }
    for (place, row) in layout.loadBalance.enumerated() {
      texts[row] = "load of \(name(.bus, place / layout.blocks))\(block(place))"
      unitsOfRows[row] = "MW"
    }
    for (place, row) in layout.waterBalance.enumerated() {
      guard let row else { continue }
      let first = place - place % layout.blocks
      let isOfStage = (first..<(first + layout.blocks)).count { layout.waterBalance[$0] != nil } == 1
      texts[row] =
        "water of \(name(.hydro, place / layout.blocks))\(isOfStage ? "" : block(place)): storage at the start and inflow"
      unitsOfRows[row] = "hm3"
    }
    for row in layout.generic {
      // A constraint on the stage as a whole has one row, which belongs to no block.
      let isOfStage = layout.generic.count { $0.constraint == row.constraint } == 1
      texts[row.row] = "constraint \(name(.constraint, row.constraint))" + (isOfStage ? "" : block(row.block))
      unitsOfRows[row.row] = units.unit(ofConstraint: row.constraint)
    }
    for (thermal, row) in layout.deliveries.enumerated() {
      guard let row else { continue }
      texts[row] = "generation of \(name(.thermal, thermal)) that was decided before"
      unitsOfRows[row] = "MW"
    }
    // What is left has a name by its slack, or by the plant whose output it limits.
    let model = program.model
    for column in 0..<model.columnCount {
      guard let label = program.labels[column] else { continue }
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        let row = Int(model.rowIndices[entry])
        if label.kind == .slack, let limit = label.limit, texts[row] == nil || texts[row]?.hasPrefix("limit") == true {
          texts[row] = "\(limit) of \(elements.name(label))" + (label.block.map(block) ?? "")
          unitsOfRows[row] = units.unit(label)
        } else if label.kind == .hydroGeneration, texts[row] == nil {
          texts[row] = "limit of the production of \(elements.name(label))" + (label.block.map(block) ?? "")
          unitsOfRows[row] = "MW"
        } else if label.entity == .hydro, texts[row] == nil {
          texts[row] = "limit of \(elements.name(label))"
        }
      }
    }
  }

  func text(_ row: Int) -> String {
    row >= program.templateRows ? "a cut on the future cost" : texts[row] ?? "a limit"
  }

  /// Of the bounds of a row; nil where it is not known.
  func unit(_ row: Int) -> String? { row >= program.templateRows ? "$" : unitsOfRows[row] }

  func unit(_ label: StageLPNames.Label) -> String? { units.unit(label) }

  func text(column: Int) -> String { program.labels[column].map(text) ?? "value of a column" }

  func text(_ label: StageLPNames.Label) -> String {
    let block = label.block.map { program.layout.blocks > 1 ? " in block \($0)" : "" } ?? ""
    let kind = label.kind == .slack ? label.limit ?? "slack" : label.kind.rawValue
    let step = label.step.map { " step \($0 + 1)" } ?? ""
    return "\(kind)\(step) of \(elements.name(label))\(block)"
  }
}
