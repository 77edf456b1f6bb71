/// The user's constraints of a Novomodelo case, resolved for every stage and block in which they are in force.
///
/// A row of `generic_constraint_bounds` puts a constraint in force. Its limits and the constant of the formula are
/// added on the side that the formula limits. Rows for all blocks and rows for single blocks of one stage apply
/// together.
struct NovomodeloConstraints {
  let context: NovomodeloContext
  let study: StudyCase
  var collector: FindingCollector
  private var names: FormulaNames
  private var bounds: [GenericBound] = []

  /// Fills the constraints of a case and reports what is wrong with formulas, parameters and rows.
  static func fill(_ study: inout StudyCase, _ context: NovomodeloContext, _ collector: inout FindingCollector) {
    let registry = context.registry(.genericConstraint)
    guard registry.count > 0 || context.root(.genericParameters).exists else { return }
    var builder = NovomodeloConstraints(context, study, collector)
    var constraints: [GenericConstraint] = []
    for index in 0..<registry.count { constraints.append(builder.add(index, registry.nodes[index])) }
    collector = builder.collector
    study.genericConstraints = constraints
    study.genericBounds = builder.bounds.sorted {
      ($0.stage, $0.constraint, $0.block ?? -1) < ($1.stage, $1.constraint, $1.block ?? -1)
    }
  }

  private init(_ context: NovomodeloContext, _ study: StudyCase, _ collector: FindingCollector) {
    self.context = context
    self.study = study
    var reader = NovomodeloFormulaReader(context: context, study: study, collector: collector)
    names = reader.names()
    self.collector = reader.collector
    rows = Self.rows(context)
  }

  // MARK: Rows of the table

  private struct Row {
    var stage: Int
    /// nil = every block.
    var block: Int?
    /// Given limits, or nil if the table has none.
    var lower: Double?
    var upper: Double?
    /// Number of the row in the table.
    var row: Int
  }

  private let rows: [Int: [Row]]

  private static func rows(_ context: NovomodeloContext) -> [Int: [Row]] {
    guard let table = context.table(.genericConstraintBounds) else { return [:] }
    let (lower, upper) = (NumberColumn(table, "bound_lower"), NumberColumn(table, "bound_upper"))
    var result: [Int: [Row]] = [:]
    for row in context.rows(.genericConstraintBounds, "constraint_id", .genericConstraint) {
      result[row.entity, default: []].append(
        Row(stage: row.stage, block: row.block, lower: lower[row.row], upper: upper[row.row], row: row.row))
    }
    return result
  }

  /// Rule 626 on deficits of buses with fewer segments than another: there they have columns that are free and move
  /// nothing.
  private mutating func reportDeficit(_ formula: Formula, _ place: String, _ entity: Finding.Entity?) {
    let most = study.busDeficitSegments.map(\.count).max() ?? 0
    for quantity in formula.quantities where quantity.variable == .busDeficit {
      guard let id = quantity.entity, let bus = context.registry(.bus).index[id],
        study.busDeficitSegments[bus].count < most
      else { continue }
      collector.report(
        626, file: NovomodeloFile.genericConstraints.path, at: place, entity: entity, value: "bus_deficit(\(id))",
        "Bus \(id) has fewer deficit segments than another. Novomodelo then takes a deficit that costs nothing and is none for "
          + "the constraint; Cobre takes the deficit of the bus.")
      return
    }
  }

  // MARK: Constraints

  private mutating func add(_ index: Int, _ node: Node) -> GenericConstraint {
    let slack = node["slack"]
    var constraint = GenericConstraint(
      id: node["id"].int, name: node["name"].text, text: node["expression"].text, terms: [], sense: .lessOrEqual,
      slackPenalty: slack["enabled"].bool ? slack["penalty"].optionalNumber : nil)
    constraint.slackBasis = slack["penalty_basis"].text == "per_unit" ? .perUnit : .perHour
    let registry = context.registry(.genericConstraint)
    let place = registry.path(index, "expression")
    var reader = NovomodeloFormulaReader(context: context, study: study, collector: collector)
    let parsed = reader.formula(
      node["expression"].text, .genericConstraints, place, registry.entity(index), allowsRelation: true)
    collector = reader.collector
    guard let formula = parsed else { return constraint }
    constraint.sense = formula.relation ?? .lessOrEqual
    let passedOver: Set<GenericVariable> = [
      .hydroWithdrawal, .nonControllableGeneration, .nonControllableCurtailment,
    ]
    if let quantity = formula.quantities.first(where: { passedOver.contains($0.variable) }) {
      collector.report(
        626, file: NovomodeloFile.genericConstraints.path, at: place, entity: registry.entity(index),
        value: quantity.variable.rawValue,
        "Novomodelo counts \(quantity.variable.rawValue) as 0 in constraints; Cobre counts what it is.")
    }
    reportDeficit(formula, place, registry.entity(index))
    let rows = rows[index] ?? []
    if rows.isEmpty, formula.relation != nil {
      collector.report(
        632, file: NovomodeloFile.genericConstraints.path, at: place, entity: registry.entity(index),
        "The constraint has a relation, but no row puts it in force.",
        suggestion: "Add rows to \(NovomodeloFile.genericConstraintBounds.path), or remove the relation.")
    }
    do throws(FormulaFailure) {
      constraint.terms = try addBounds(index, formula, rows)
    } catch {
      collector.report(
        213, file: NovomodeloFile.genericConstraints.path, at: "\(place), column \(error.column)",
        entity: registry.entity(index), error.message)
    }
    return constraint
  }

  /// Adds the limits of a constraint, and returns its terms in the first row in force.
  private mutating func addBounds(
    _ index: Int, _ formula: Formula, _ rows: [Row]
  ) throws(FormulaFailure) -> [GenericTerm] {
    let (byStage, byBlock) = (names.dependsOnStage(formula), names.dependsOnBlock(formula))
    var first: [GenericTerm]?
    var known: (stage: Int, block: Int?, form: LinearForm, terms: [GenericTerm])?
    for row in rows.sorted(by: { ($0.stage, $0.block ?? -1) < ($1.stage, $1.block ?? -1) }) {
      if let lower = row.lower, let upper = row.upper, lower > upper {
        report(row, "\(lower) > \(upper)", "The lower limit \(lower) is above the upper limit \(upper).")
        continue
      }
      guard row.lower != nil || row.upper != nil || formula.relation != nil else {
        report(row, "", "The row gives no limit, and the expression has no relation.")
        continue
      }
      // Coefficients that depend on the block need a row for each.
      let blocks: [Int?] = byBlock && row.block == nil ? Array(study.stages[row.stage].blocks.indices) : [row.block]
      for block in blocks {
        if known == nil || byStage && known?.stage != row.stage || byBlock && known?.block != block {
          let form = try names.evaluate(formula, stage: row.stage, block: block)
          known = (row.stage, block, form, form.terms.flatMap { terms($0.variable, $0.coefficient) })
        }
        guard let known, isSound(known.form, known.terms, formula, row) else { break }
        bounds.append(
          bound(
            index, formula, row, block, known.form.constant, known.terms, isShared: first == nil || !byStage))
        first = first ?? known.terms
      }
    }
    return first ?? []
  }

  /// Reports what a row makes of a formula that cannot be modelled.
  private mutating func isSound(_ form: LinearForm, _ terms: [GenericTerm], _ formula: Formula, _ row: Row) -> Bool {
    let stage = study.stages[row.stage]
    let id = context.stages.ids[row.stage]
    if let term = terms.first(where: { $0.block ?? 0 >= stage.blocks.count }) {
      report(
        row, String(term.block ?? 0), "The expression names block \(term.block ?? 0), which stage \(id) does not have.",
        rule: 308)
      return false
    }
    if stage.blockMode == .chronological, terms.contains(where: { $0.variable == .hydroEvaporation && $0.block == nil })
    {
      report(
        row, "stage \(id)", "Blocks of stage \(id) follow each other, so hydro_evaporation needs a block there.",
        rule: 308)
      return false
    }
    if formula.relation == nil, form.constant != 0 {
      report(row, String(form.constant), "The expression has a constant part \(form.constant) and no relation.")
      return false
    }
    return true
  }

  private func bound(
    _ index: Int, _ formula: Formula, _ row: Row, _ block: Int?, _ constant: Double, _ terms: [GenericTerm],
    isShared: Bool
  ) -> GenericBound {
    // Withdrawals count as quantities of blocks in this format. A row of the table that names a block is one of that
    // block, with its hours, whatever its quantities are.
    let isStageRow =
      row.block == nil && !terms.isEmpty
      && terms.allSatisfy { $0.variable.isStageLevel && $0.variable != .hydroWithdrawal && $0.block == nil }
    // The constant of a relation belongs to the side that it limits.
    let limits = formula.relation.map { [$0 != .lessOrEqual, $0 != .greaterOrEqual] } ?? [true, true]
    let usual = formula.relation == nil ? Double.infinity : 0
    let lower = limits[0] ? (row.lower ?? -usual) - constant : row.lower ?? -.infinity
    let upper = limits[1] ? (row.upper ?? usual) - constant : row.upper ?? .infinity
    return GenericBound(
      constraint: index, stage: row.stage, block: block, lower: lower, upper: upper, isStageRow: isStageRow,
      terms: isShared ? nil : terms)
  }

  private mutating func report(_ row: Row, _ value: String, _ message: String, rule: Int = 632) {
    guard let table = context.table(.genericConstraintBounds) else { return }
    collector.report(rule, file: table.file, at: table.place(row.row), value: value, message)
  }

  // MARK: Quantities

  /// The terms of a quantity whose entities are known.
  ///
  /// An exchange between two buses is the flow on the lines between them.
  private func terms(_ quantity: FormulaVariable, _ coefficient: Double) -> [GenericTerm] {
    if let source = quantity.sourceBus, let target = quantity.targetBus {
      return study.lines.indices.compactMap { line in
        let ends = (study.buses[study.lines[line].sourceBus].id, study.buses[study.lines[line].targetBus].id)
        guard ends == (source, target) || ends == (target, source) else { return nil }
        return GenericTerm(
          coefficient: ends == (source, target) ? coefficient : -coefficient, variable: .lineExchange, entity: line,
          block: quantity.block)
      }
    }
    guard let id = quantity.entity, let entity = context.registry(quantity.variable.registry).index[id] else {
      return []
    }
    return [
      GenericTerm(
        coefficient: coefficient, variable: quantity.variable, entity: entity, block: quantity.block,
        bus: quantity.bus.flatMap { context.registry(.bus).index[$0] })
    ]
  }
}
