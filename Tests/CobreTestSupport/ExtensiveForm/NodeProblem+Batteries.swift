internal import CobreCase
internal import CobreEngine
internal import Foundation

extension NodeProblem {
  /// Contents by block: what is left of those before, plus what is charged, less what is discharged and lost on the
  /// way.
  mutating func addBatteries(_ program: inout SparseProgram) {
    for (index, battery) in study.batteries.enumerated() {
      guard battery.service.contains(t) else {
        charge.append(blocks.map { _ in nil })
        discharge.append(blocks.map { _ in nil })
        continue
      }
      let limits = study.batteryLimits[t * study.batteries.count + index]
      let taken = blocks.map { _ in column(&program, 0, limits.maxCharge) }
      let given = blocks.map { k in
        column(&program, 0, limits.maxDischarge, cost: hours(k) * battery.degradationCost)
      }
      for k in blocks {
        let contents = column(&program, limits.minEnergy, limits.maxEnergy)
        let kept = exp(hours(k) * log(1 - battery.selfDischarge))
        var row = LinearExpression(column: contents)
        row -= kept * energy[index]
        row.add(-hours(k) * battery.chargeEfficiency, taken[k])
        row.add(hours(k) / battery.dischargeEfficiency, given[k])
        program.addRow(0, 0, row)
        if limits.maxCharge > 0, limits.maxDischarge > 0 {
          program.addRow(
            -.infinity, 1, LinearExpression([(taken[k], 1 / limits.maxCharge), (given[k], 1 / limits.maxDischarge)]))
        }
        energy[index] = LinearExpression(column: contents)
      }
      if let target = battery.target, study.graph.successors(of: t).isEmpty {
        var row = energy[index]
        row.add(1, column(&program, cost: target.cost))
        program.addRow(target.energy, .infinity, row)
      }
      charge.append(taken)
      discharge.append(given)
    }
  }
}
