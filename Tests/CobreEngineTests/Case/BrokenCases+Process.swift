import CobreBase
import CobreCase
import CobreEngine
import Foundation

extension BrokenCase {
  /// What is known once the inflow model has been built, and defaults in use.
  static let process: [BrokenCase] = [
    BrokenCase("orders that few years do not carry", 551, F.history) {
      $0.seasons(2)
      $0.useHistory((0..<4).map { "7,201\($0)-01-01,\(5 + $0)\n7,201\($0)-02-01,\(9 - $0 * $0)\n" }.joined())
    },
    BrokenCase("estimation left to its defaults", 702, F.config, "estimation") {
      $0.seasons(2)
      $0.useHistory("7,2020-01-01,5\n7,2020-02-01,5\n")
    },
    BrokenCase("lags that are truncated at 0", 552, F.config, base: .valley) {
      $0.rememberInflow()
      $0.set(F.config, "modeling.inflow_non_negativity.method", "truncation")
    },
    BrokenCase(
      "a deterministic bound over lags that are truncated", 568, F.config,
      "upper_bound_evaluation.lipschitz.fallback_value", base: .valley
    ) {
      $0.truncateLags()
      $0.set(F.config, "upper_bound_evaluation", ["enabled": true])
    },
    BrokenCase(
      "an inner policy over lags that are truncated", 568, F.config, "upper_bound_evaluation.lipschitz.fallback_value",
      base: .valley
    ) {
      $0.truncateLags()
      $0.set(F.config, "simulation", ["enabled": true, "num_scenarios": 5, "policy_type": "inner"])
    },
    BrokenCase("a history that does not vary", 526, F.history) {
      $0.seasons(2)
      $0.useHistory((0..<4).map { "7,202\($0)-01-01,5\n7,202\($0)-02-01,9\n" }.joined())
    },
    BrokenCase("virtual inflow cheaper than deficit", 553, F.penalties, base: .valley) { $0.rememberInflow() },
    BrokenCase("history that ends before the study", 419, F.initial, "past_inflows") {
      $0.useWaves(until: (2026, 11))
    },
    BrokenCase("lags that start from the history", 701, F.history) { $0.useWaves(until: (2026, 12)) },
    BrokenCase("minimum outflow and diversion", 703, F.hydros, "hydros[1].diversion", base: .valley) { _ in },
  ]
}

extension CaseDraft {
  /// Adds a stage of March to the smallest case, with the inflow of stage 0.
  mutating func addThirdStage() {
    set(
      F.stages, "stages[2]",
      [
        "id": 2, "start_date": "2027-03-01", "end_date": "2027-04-01", "num_scenarios": 1,
        "blocks": [["id": 0, "name": "ALL", "hours": 744]],
      ])
    write(
      F.inflowOpenings,
      "stage_id,opening_index,probability,hydro_id,value_m3s\n0,0,,7,22\n1,0,0.4,7,8\n1,1,0.6,7,30\n2,0,,7,20\n")
  }

  /// Adds a stage of March to the valley, with mean inflows of plant 2 by stage.
  mutating func addValleyStage(means: [Int], deviation: Int = 3) {
    set(
      F.stages, "stages[2]",
      [
        "id": 2, "start_date": "2027-03-01", "end_date": "2027-04-01", "num_scenarios": 1,
        "blocks": [["id": 0, "name": "ALL", "hours": 744]],
      ])
    let rows = means.enumerated().map { "2,\($0.offset),\($0.element),\(deviation)\n7,\($0.offset),20,3\n" }
    write(F.inflowStats, "hydro_id,stage_id,mean_m3s,std_m3s\n" + rows.joined())
    write(
      F.loadStats, "bus_id,stage_id,mean_mw,std_mw\n1,0,62,0\n1,1,58,0\n1,2,60,0\n4,0,30,0\n4,1,28,0\n4,2,29,0\n")
  }

  /// Gives plant 2 of the valley an inflow with one lag in both stages.
  mutating func rememberInflow() {
    write(F.coefficients, "hydro_id,stage_id,lag,coefficient,residual_std_ratio\n2,0,1,0.3,0.9\n2,1,1,0.3,0.9\n")
    set(F.initial, "past_inflows", [["hydro_id": 2, "values_m3s": [41.0]]])
  }

  /// The same, with inflows that are truncated at 0.
  mutating func truncateLags() {
    rememberInflow()
    set(F.config, "modeling.inflow_non_negativity.method", "truncation")
  }

  /// Inflow of a month counted from year 0, slow waves whose neighbours are alike.
  static func wave(_ month: Int) -> Double {
    let k = Double(month)
    return ((50 + 20 * sin(0.3 * k) + 4 * sin(2.3 * k)) * 1000).rounded() / 1000
  }

  /// Lets the case estimate its inflow, order 1 at most, from 30 years of months.
  mutating func useWaves(until last: (year: Int, month: Int)) {
    seasons(12)
    set(F.stages, "stages[0].season_id", 0)
    set(F.stages, "stages[1].season_id", 1)
    set(F.config, "estimation", ["max_order": 1])
    let end = last.year * 12 + last.month - 1
    useHistory(
      ((end - 359)...end).map { month in
        "7,\(month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(Self.wave(month))\n"
      }.joined())
  }
}
