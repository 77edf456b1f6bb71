internal import CobreBase

extension CaseBuilder {
  func buildGenericConstraints() -> [GenericConstraint] {
    context.registry(.genericConstraint).nodes.map { node in
      GenericConstraint(
        id: node["id"].int, name: node["name"].text, text: node["expression"].text, terms: terms(node),
        sense: node["sense"].choice(.lessOrEqual),
        slackPenalty: node["slack"]["enabled"].bool ? node["slack"]["penalty"].optionalNumber : nil)
    }
  }

  /// Terms with known entities.
  ///
  /// Equal terms are merged, in the order of their first appearance.
  private func terms(_ node: Node) -> [GenericTerm] {
    struct Key: Hashable {
      var variable: GenericVariable
      var entity: Int
      var block: Int?
    }
    let parsed = (try? ExpressionParser.parse(node["expression"].text)) ?? []
    var positions: [Key: Int] = [:]
    var result: [GenericTerm] = []
    for term in parsed {
      guard let entity = context.registry(term.variable.registry).index[term.entityID] else { continue }
      let key = Key(variable: term.variable, entity: entity, block: term.block)
      if let position = positions[key] {
        result[position].coefficient += term.coefficient
      } else {
        positions[key] = result.count
        result.append(
          GenericTerm(
            coefficient: term.coefficient, variable: term.variable, entity: entity, block: term.block))
      }
    }
    return result
  }

  func buildGenericBounds() -> [GenericBound] {
    guard let table = context.table(.genericConstraintBounds) else { return [] }
    let blocks = table.integers("block_id")
    let bounds = table.numbers("bound")
    let senses: [GenericConstraint.Sense] = context.registry(.genericConstraint).nodes.map {
      $0["sense"].choice(.lessOrEqual)
    }
    return context.rows(table, "constraint_id", .genericConstraint).map { row, constraint, stage in
      GenericBound(
        constraint: constraint, stage: stage,
        block: blocks.isEmpty || blocks[row] == Table.none ? nil : blocks[row],
        lower: senses[constraint] == .lessOrEqual ? -.infinity : bounds[row],
        upper: senses[constraint] == .greaterOrEqual ? .infinity : bounds[row])
    }.sorted { ($0.stage, $0.constraint, $0.block ?? -1) < ($1.stage, $1.constraint, $1.block ?? -1) }
  }
}
