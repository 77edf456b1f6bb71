extension MeaningChecks {
  /// Rule 564.
  mutating func checkResistances() {
    let lines = context.registry(.line)
    for (index, line) in study.lines.enumerated() where line.resistance != nil {
      if line.lossesPercent > 0 {
        collector.report(
          564, file: .lines, at: lines.path(index, "losses_percent"), entity: lines.entity(index),
          value: "\(line.lossesPercent)", "The line has losses by its resistance and as a share of the flow.",
          suggestion: "Give resistance_pu or losses_percent.")
      }
      checkLossAtCapacity(index, line)
    }
  }

  /// Beyond half of S / r one more MW sent would arrive as nothing.
  private mutating func checkLossAtCapacity(_ index: Int, _ line: Line) {
    let lines = context.registry(.line)
    for stage in study.stages.indices where study.exists(stage: stage, line: index) {
      for block in study.stages[stage].blocks.indices {
        let capacity = study.capacity(stage: stage, line: index, block: block)
        let most = max(capacity.direct, capacity.reverse)
        let lost = 2 * line.lossFactor * most
        guard lost > 1 else { continue }
        return collector.report(
          564, file: .lines, at: lines.path(index, "resistance_pu"), entity: lines.entity(index),
          value: line.resistance.map { "\($0)" },
          "At the capacity of \(most) MW in stage \(study.stages[stage].id), of one more MW \(lost) MW would be lost.",
          suggestion: "Give the capacity that the line really has, or check the base of resistance_pu (100 MVA).")
      }
    }
  }
}
