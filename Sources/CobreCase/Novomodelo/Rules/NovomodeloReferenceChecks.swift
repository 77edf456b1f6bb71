internal import CobreBase

/// Every id of a Novomodelo case names something (rules 301 to 310).
struct NovomodeloReferenceChecks {
  let context: NovomodeloContext
  var collector: FindingCollector

  static func check(_ context: NovomodeloContext, _ collector: inout FindingCollector) {
    var walker = ReferenceWalker(scope: context, collector: collector)
    for file in NovomodeloFile.allCases {
      if let fields = NovomodeloFormat.fields(file), let object = context.documents.json[file] {
        walker.check(object, fields, file: file.path)
      } else if let table = context.table(file) {
        walker.check(table)
      }
    }
    var checks = NovomodeloReferenceChecks(context: context, collector: walker.collector)
    checks.checkFactorBlocks()
    checks.checkTableBlocks()
    checks.checkUnitGroups()
    ElementChecks.checkCorrelation(
      context.root(.correlation), file: NovomodeloFile.correlation.path, context, &checks.collector)
    collector = checks.collector
  }

  private mutating func reportBlock(_ file: String, _ location: String, _ block: Int, _ stage: Int) {
    collector.report(
      308, file: file, at: location, value: String(block), "Stage \(context.stages.ids[stage]) has no block \(block).",
      suggestion: "Its blocks are 0…\(max(0, context.blocks(stage) - 1)).")
  }

  private mutating func checkFactorBlocks() {
    let lists: [(NovomodeloFile, String)] = [
      (.loadFactors, "load_factors"), (.nonControllableFactors, "non_controllable_factors"),
    ]
    for (file, list) in lists {
      for (position, node) in context.root(file)[list].elements.enumerated() {
        guard let stage = context.stages.index[node["stage_id"].int] else { continue }
        for (index, factor) in node["block_factors"].elements.enumerated()
        where factor["block_id"].int >= context.blocks(stage) {
          reportBlock(
            file.path, "\(list)[\(position)].block_factors[\(index)].block_id", factor["block_id"].int, stage)
        }
      }
    }
  }

  private mutating func checkTableBlocks() {
    for (file, _) in NovomodeloFormat.boundTables {
      guard let table = context.table(file) else { continue }
      let (blocks, stages) = (table.integers("block_id"), table.integers("stage_id"))
      for row in blocks.indices where blocks[row] != Table.none {
        guard let stage = context.stages.index[stages[row]], blocks[row] >= context.blocks(stage) else { continue }
        reportBlock(table.file, table.place(row, "block_id"), blocks[row], stage)
      }
    }
  }

  private mutating func checkUnitGroups() {
    guard let table = context.table(.unitGroupBounds) else { return }
    let (hydros, groups) = (table.integers("hydro_id"), table.integers("hydro_unit_group_id"))
    let registry = context.registry(.hydro)
    for row in 0..<table.rowCount {
      guard let hydro = registry.index[hydros[row]] else { continue }
      let known = registry.nodes[hydro]["unit_groups"].elements.map { $0["id"].int }
      guard !known.contains(groups[row]) else { continue }
      collector.report(
        303, file: table.file, at: table.place(row, "hydro_unit_group_id"), entity: registry.entity(hydro),
        value: String(groups[row]), "Hydro \(registry.ids[hydro]) has no unit group \(groups[row]).",
        suggestion: "Its groups: \(known.prefix(8).map(String.init).joined(separator: ", ")).")
    }
  }
}
