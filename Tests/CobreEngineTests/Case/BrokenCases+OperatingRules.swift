import CobreBase
import CobreCase
import CobreEngine

extension BrokenCase {
  /// Rules 559 to 564.
  static let operatingRules: [BrokenCase] = [
    BrokenCase("a curve that turns back", 559, F.hydros, rules("min_outflow_curve[1].storage_hm3")) {
      $0.rules(["min_outflow_curve": curve((10, 5), (10, 6), (150, 9))])
    },
    BrokenCase("a curve that ends early", 559, F.hydros, rules("min_outflow_curve")) {
      $0.rules(["min_outflow_curve": curve((10, 5), (140, 6))])
    },
    BrokenCase("a minimum that flattens", 560, F.hydros, rules("min_outflow_curve[1]")) {
      $0.rules(["min_outflow_curve": curve((0, 0), (60, 20), (150, 25))])
    },
    BrokenCase("a spillway above its crest", 560, F.hydros, rules("max_spillage_curve[1]")) {
      $0.rules(["max_spillage_curve": curve((0, 0), (60, 0), (150, 25)), "spillage_violation_cost": 5])
    },
    BrokenCase("alert above flood", 561, F.hydros, rules("alert_storage_hm3")) {
      $0.rules([
        "alert_storage_hm3": 90, "alert_storage_cost": 5, "flood_control_storage_hm3": 80,
        "flood_control_storage_cost": 5,
      ])
    },
    BrokenCase("a level beyond the dam", 561, F.hydros, rules("flood_control_storage_hm3")) {
      $0.rules(["flood_control_storage_hm3": 151, "flood_control_storage_cost": 5])
    },
    BrokenCase("a level without a price", 562, F.hydros, rules("alert_storage_cost")) {
      $0.rules(["alert_storage_hm3": 90])
    },
    BrokenCase("a price without a ramp", 562, F.hydros, rules("outflow_ramp_violation_cost")) {
      $0.rules(["outflow_ramp_violation_cost": 90])
    },
    BrokenCase("priorities upside down", 562, F.hydros, rules("water_uses[1].shortfall_cost")) {
      $0.rules([
        "water_uses": [
          ["name": "A", "demand_m3s": 1, "shortfall_cost": 5], ["name": "B", "demand_m3s": 1, "shortfall_cost": 5],
        ]
      ])
    },
    BrokenCase("ramps without order", 563, F.stages, "stages[0].block_mode", base: .valley) {
      $0.rules(["max_outflow_rise_m3s": 4, "outflow_ramp_violation_cost": 5])
    },
    BrokenCase("two kinds of losses", 564, F.lines, "lines[0].losses_percent", base: .valley) {
      $0.set(F.lines, "lines[0].resistance_pu", 0.01)
    },
    BrokenCase("a line that loses everything", 564, F.lines, "lines[0].resistance_pu", base: .valley) {
      $0.set(F.lines, "lines[0].resistance_pu", 2.6)
      $0.set(F.lines, "lines[0].losses_percent", 0.0)
    },
  ]

  private static func rules(_ key: String) -> String { "hydros[0].operating_rules.\(key)" }

  private static func curve(_ points: (Double, Double)...) -> JSONValue {
    .array(points.map { ["storage_hm3": .double($0.0), "flow_m3s": .double($0.1)] })
  }
}

extension CaseDraft {
  fileprivate mutating func rules(_ rules: JSONValue) { set(F.hydros, "hydros[0].operating_rules", rules) }
}
