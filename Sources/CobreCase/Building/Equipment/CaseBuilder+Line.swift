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
    study.lineLimits = repeated(context.registry(.line).nodes.map(LineLimits.init(line:)), study)
    apply(
      .lineBounds, "line_id", .line, &study, \.lineLimits, [("direct_mw", \.direct), ("reverse_mw", \.reverse)])
  }
}
