internal import CobreEngine

/// A stage LP with what its columns and rows are about.
struct NamedProgram: Sendable {
  /// Rows of cuts included.
  var model: LPModel
  /// Column of the template by column of the program.
  var origins: [Int]
  /// Rows before those of cuts.
  var templateRows: Int
  var names: StageLPNames
  var layout: StageLPLayout

  init(_ solved: SolvedStage, _ names: StageLPNames, _ layout: StageLPLayout) {
    self.names = names
    self.layout = layout
    model = solved.lp.model
    origins = solved.origins
    templateRows = solved.templateRows
  }

  /// The program that a solver holds, solved or not, without the bounds of cuts: future costs give way to them.
  init(_ solver: StageSolver, _ names: StageLPNames) {
    self.names = names
    layout = solver.template.layout
    (model, origins, templateRows) = solver.program(pool: nil)
    for row in templateRows..<model.rowCount {
      model.rowLower[row] = -.infinity
      model.rowUpper[row] = .infinity
    }
  }

  func rowNames(_ elements: ElementNames) -> RowNames { RowNames(self, elements) }
}

/// Names of the rows and columns of a stage LP in sentences.
struct RowNames {
  private let program: NamedProgram
  private let elements: ElementNames
  private var texts: [Int: String] = [:]

  init(_ program: NamedProgram, _ elements: ElementNames) {
    self.program = program
    self.elements = elements
    let layout = program.layout
    func block(_ place: Int) -> String { layout.blocks > 1 ? " in block \(place % layout.blocks)" : "" }
    func name(_ entity: StageLPNames.SimulationEntity, _ index: Int) -> String {
      elements.name(StageLPNames.Label(kind: .slack, entity: entity, index: index))
    }
    for (place, row) in layout.loadBalance.enumerated() {
      texts[row] = "load of \(name(.bus, place / layout.blocks))\(block(place))"
    }
    for (place, row) in layout.waterBalance.enumerated() {
      if let row { texts[row] = "water of \(name(.hydro, place / layout.blocks)): storage at the start and inflow" }
    }
    for row in layout.generic { texts[row.row] = "constraint \(name(.constraint, row.constraint))" }
    for (thermal, row) in layout.deliveries.enumerated() {
      if let row { texts[row] = "generation of \(name(.thermal, thermal)) that was decided before" }
    }
    // What is left has a name by its slack, or by the plant whose output it limits.
    let model = program.model
    for (column, origin) in program.origins.enumerated() {
      guard let label = program.names.columns[origin] else { continue }
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        let row = Int(model.rowIndices[entry])
        if label.kind == .slack, let limit = label.limit, texts[row] == nil || texts[row]?.hasPrefix("limit") == true {
          texts[row] = "\(limit) of \(elements.name(label))"
        } else if label.kind == .hydroGeneration, texts[row] == nil {
          texts[row] = "limit of the production of \(elements.name(label))"
        } else if label.entity == .hydro, texts[row] == nil {
          texts[row] = "limit of \(elements.name(label))"
        }
      }
    }
  }

  func text(_ row: Int) -> String {
    row >= program.templateRows ? "a cut on the future cost" : texts[row] ?? "a limit"
  }

  func text(column: Int) -> String { program.names.columns[program.origins[column]].map(text) ?? "value of a column" }

  func text(_ label: StageLPNames.Label) -> String {
    let block = label.block.map { program.layout.blocks > 1 ? " in block \($0)" : "" } ?? ""
    let kind = label.kind == .slack ? label.limit ?? "slack" : label.kind.rawValue
    let step = label.step.map { " step \($0 + 1)" } ?? ""
    return "\(kind)\(step) of \(elements.name(label))\(block)"
  }
}
