extension CaseBuilder {
  func buildLines() -> [Line] {
    context.registry(.line).nodes.map {
      var line = Line(
        id: $0["id"].int, name: $0["name"].text, service: service($0), sourceBus: bus($0["source_bus_id"].int),
        targetBus: bus($0["target_bus_id"].int), lossesPercent: $0["losses_percent"].number)
      line.reactance = $0["reactance_pu"].optionalNumber
      line.maxAngle = $0["max_angle_degrees"].optionalNumber.map { $0 * .pi / 180 }
      line.resistance = $0["resistance_pu"].optionalNumber
      line.lossPieces = $0["loss_pieces"].optionalInt ?? line.lossPieces
      return line
    }
  }

  /// Limits by stage: those of the entity, then what its table says.
  func fillLineLimits(_ study: inout StudyCase) {
    study.lineLimits = repeated(
      context.registry(.line).nodes.map {
        LineLimits(direct: $0["capacity"]["direct_mw"].number, reverse: $0["capacity"]["reverse_mw"].number)
      }, study)
    if let table = context.table(.lineBounds) {
      let direct = NumberColumn(table, "direct_mw")
      let reverse = NumberColumn(table, "reverse_mw")
      for (row, line, stage) in context.rows(table, "line_id", .line) {
        let index = stage * study.lines.count + line
        if let value = direct[row] { study.lineLimits[index].direct = value }
        if let value = reverse[row] { study.lineLimits[index].reverse = value }
      }
    }
  }
}
