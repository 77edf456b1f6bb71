internal import CobreBase

extension ReferenceChecks {
  private func blocks(_ stage: Int) -> Int { context.stages.nodes[stage]["blocks"].elements.count }

  /// Rule 308 on factor files and constraint bounds.
  mutating func checkBlocks() {
    let lists: [(CaseFileName, String)] = [
      (.loadFactors, "load_factors"), (.nonControllableFactors, "non_controllable_factors"),
      (.exchangeFactors, "exchange_factors"),
    ]
    for (file, list) in lists {
      for (position, node) in context.root(file)[list].elements.enumerated() {
        guard let stage = context.stages.index[node["stage_id"].int] else { continue }
        for (index, factor) in node["block_factors"].elements.enumerated()
        where factor["block_id"].int >= blocks(stage) {
          reportBlock(
            file.path, "\(list)[\(position)].block_factors[\(index)].block_id", factor["block_id"].int, stage, nil)
        }
      }
    }
    guard let table = context.table(.genericConstraintBounds) else { return }
    let column = table.integers("block_id")
    guard !column.isEmpty else { return }
    for (row, constraint, stage) in context.rows(table, "constraint_id", .genericConstraint)
    where column[row] != Table.none && column[row] >= blocks(stage) {
      reportBlock(
        table.file, table.place(row, "block_id"), column[row], stage,
        context.registry(.genericConstraint).entity(constraint))
    }
  }

  private mutating func reportBlock(
    _ file: String, _ location: String, _ block: Int, _ stage: Int, _ entity: Finding.Entity?
  ) {
    collector.report(
      308, file: file, at: location, entity: entity, value: String(block),
      "Stage \(context.stages.ids[stage]) has no block \(block).",
      suggestion: "Its blocks are 0…\(max(0, blocks(stage) - 1)).")
  }

  /// Rules 305 and 308 on expressions.
  mutating func checkExpressions() {
    let registry = context.registry(.genericConstraint)
    var stagesOf: [Int: [Int]] = [:]
    if let table = context.table(.genericConstraintBounds) {
      for (_, constraint, stage) in context.rows(table, "constraint_id", .genericConstraint) {
        stagesOf[constraint, default: []].append(stage)
      }
    }
    for (index, node) in registry.nodes.enumerated() {
      let terms = (try? ExpressionParser.parse(node["expression"].text)) ?? []
      for term in terms {
        let target = context.registry(term.variable.registry)
        if target.index[term.entityID] == nil {
          let nearest = NearestName.nearest(to: String(term.entityID), among: target.ids.lazy.map(String.init))
          collector.report(
            305, file: .genericConstraints, at: registry.path(index, "expression"), entity: registry.entity(index),
            value: "\(term.variable.rawValue)(\(term.entityID))",
            "\(term.entityID) is the id of no \(target.kind.words) in \(target.file).",
            suggestion: nearest.map { "Did you mean \($0)?" })
        }
        if let block = term.block, let stage = stagesOf[index]?.first(where: { blocks($0) <= block }) {
          reportBlock(
            registry.file, registry.path(index, "expression"), block, stage, registry.entity(index))
        }
      }
    }
  }
}
