/// A small random system whose stages and lag periods differ in length, with autoregressive inflow.
///
/// Two hydros in cascade, one bus, two thermals. Seasons of one month, and also quarters if stages are that long. The
/// same seed gives the same text.
package struct CalendarSystem: Sendable {
  package enum Stages: Sendable, CaseIterable {
    /// Weeks from the middle of April into May, then months.
    case weeks
    /// Months of spring, then quarters.
    case quarters
    /// Months that begin within one, so that weights stay below 1.
    case shiftedMonths
    /// Months with the annual component.
    case annual
  }

  package let text: CaseText

  private struct Span {
    let start: String
    let end: String
    let season: Int
    let hours: Int
  }

  package init(seed: UInt64, stages kind: Stages, method: String = "none") {
    var random = TestRandom(seed: seed, label: "calendar \(kind)")
    let spans = CalendarSystem.spans(kind)
    var text = CaseText()
    text.json(
      "config.json",
      [
        "training": [
          "tree_seed": 1, "forward_passes": 4, "stopping_rules": [["type": "iteration_limit", "limit": 50]],
        ], "modeling": ["inflow_non_negativity": ["method": .string(method)]],
      ])
    CalendarSystem.writePenalties(to: &text)
    CalendarSystem.writeStages(spans, kind, to: &text)
    CalendarSystem.writeSystem(&random, to: &text)
    CalendarSystem.writeInflow(spans, kind, &random, to: &text)
    let loads = spans.indices.map { "1,\($0),\(random.number(90, 140, digits: 1)),0" }
    text.csv("scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", loads)
    self.text = text
  }

  private static func spans(_ kind: Stages) -> [Span] {
    let days = { (list: [(String, String, Int, Int)]) in
      list.map { Span(start: $0.0, end: $0.1, season: $0.2, hours: 24 * $0.3) }
    }
    switch kind {
    case .weeks:
      return days([
        ("2026-04-18", "2026-04-25", 3, 7), ("2026-04-25", "2026-05-02", 3, 7), ("2026-05-02", "2026-05-16", 4, 14),
        ("2026-05-16", "2026-06-01", 4, 16), ("2026-06-01", "2026-07-01", 5, 30), ("2026-07-01", "2026-08-01", 6, 31),
      ])
    case .quarters:
      return days([
        ("2024-04-01", "2024-05-01", 3, 30), ("2024-05-01", "2024-06-01", 4, 31), ("2024-06-01", "2024-07-01", 5, 30),
        ("2024-07-01", "2024-10-01", 14, 92), ("2024-10-01", "2025-01-01", 15, 92),
        ("2025-01-01", "2025-04-01", 12, 90),
      ])
    case .shiftedMonths:
      return days([
        ("2025-12-06", "2026-01-03", 11, 28), ("2026-01-03", "2026-02-07", 0, 35), ("2026-02-07", "2026-03-07", 1, 28),
        ("2026-03-07", "2026-04-04", 2, 28),
      ])
    case .annual:
      return days([
        ("2026-01-01", "2026-02-01", 0, 31), ("2026-02-01", "2026-03-01", 1, 28), ("2026-03-01", "2026-04-01", 2, 31),
        ("2026-04-01", "2026-05-01", 3, 30),
      ])
    }
  }

  /// Two numbers as text.
  private static func month(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func writeStages(_ spans: [Span], _ kind: Stages, to text: inout CaseText) {
    let stages = spans.enumerated().map { t, span -> JSONText in
      [
        "id": .integer(t), "start_date": .string(span.start), "end_date": .string(span.end),
        "season_id": .integer(span.season), "num_scenarios": .integer(t % 3 == 0 ? 1 : 2),
        "blocks": [["id": 0, "name": "A", "hours": .integer(span.hours)]],
        "state_variables": ["inflow_lags": true],
      ]
    }
    var seasons = (0..<12).map { m -> JSONText in
      ["id": .integer(m), "label": .string("M\(m)"), "month_start": .integer(m + 1)]
    }
    if kind == .quarters {
      seasons += (0..<4).map { q -> JSONText in
        [
          "id": .integer(12 + q), "label": .string("Q\(q)"), "month_start": .integer(3 * q + 1),
          "month_end": .integer(3 * q + 3),
        ]
      }
    }
    // Twelve months before the study, which the annual component needs.
    let first = spans[0].season
    let year = spans[0].start.split(separator: "-").first.flatMap { Int($0) } ?? 2000
    let before = (1...12).map { lag -> JSONText in
      let number = year * 12 + first - lag
      return [
        "id": .integer(-lag), "start_date": .string("\(number / 12)-\(month(number % 12 + 1))-01"),
        "end_date": .string("\((number + 1) / 12)-\(month((number + 1) % 12 + 1))-01"),
        "season_id": .integer(number % 12),
      ]
    }
    text.json(
      "stages.json",
      [
        "policy_graph": ["type": "finite_horizon", "annual_discount_rate": 0.1],
        "season_definitions": [
          "cycle_type": .string(kind == .quarters ? "custom" : "monthly"), "seasons": .array(seasons),
        ], "pre_study_stages": .array(before), "stages": .array(stages),
      ])
  }

  private static func writeInflow(
    _ spans: [Span], _ kind: Stages, _ random: inout TestRandom, to text: inout CaseText
  ) {
    var statistics: [String] = []
    var coefficients: [String] = []
    var annual: [String] = []
    var past: [JSONText] = []
    var recent: [JSONText] = []
    for hydro in [3, 5] {
      let seasonal = (0..<16).map { _ -> (mean: Double, deviation: Double) in
        (random.number(20, 60, digits: 2), random.number(4, 10, digits: 2))
      }
      let order = random.integer(1...2)
      for lag in 1...12 {
        let season = (spans[0].season - lag + 12) % 12
        statistics.append("\(hydro),\(-lag),\(seasonal[season].mean),\(seasonal[season].deviation)")
      }
      for (t, span) in spans.enumerated() {
        statistics.append("\(hydro),\(t),\(seasonal[span.season].mean),\(seasonal[span.season].deviation)")
        for lag in 1...order {
          coefficients.append("\(hydro),\(t),\(lag),\(lag == 1 ? 0.1 * Double(span.season % 5) + 0.2 : 0.15),0.8")
        }
        if kind == .annual { annual.append("\(hydro),\(t),0.3,40,9") }
      }
      let values = (0..<(kind == .annual ? 12 : 6)).map { _ in JSONText.number(random.number(15, 70, digits: 2)) }
      past.append(["hydro_id": .integer(hydro), "values_m3s": .array(values)])
      for part in kind == .weeks ? [("2026-04-01", "2026-04-11"), ("2026-04-11", "2026-04-18")] : [] {
        recent.append([
          "hydro_id": .integer(hydro), "start_date": .string(part.0), "end_date": .string(part.1),
          "value_m3s": .number(random.number(15, 70, digits: 2)),
        ])
      }
    }
    text.csv("scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s", statistics)
    text.csv(
      "scenarios/inflow_ar_coefficients.csv", "hydro_id,stage_id,lag,coefficient,residual_std_ratio", coefficients)
    text.csv(
      "scenarios/inflow_annual_component.csv",
      "hydro_id,stage_id,annual_coefficient,annual_mean_m3s,annual_std_m3s", annual)
    var noise: [String] = []
    for t in spans.indices {
      for opening in 0..<(t % 3 == 0 ? 1 : 2) {
        for entity in 0..<2 { noise.append("\(t),\(opening),\(entity),\(random.number(-1.5, 1.5, digits: 3))") }
      }
    }
    text.csv("scenarios/noise_openings.csv", "stage_id,opening_index,entity_index,value", noise)
    text.json(
      "initial_conditions.json",
      [
        "storage": [["hydro_id": 3, "value_hm3": 40.0], ["hydro_id": 5, "value_hm3": 25.0]], "filling_storage": [],
        "past_inflows": .array(past), "recent_observations": .array(recent),
      ])
  }

  private static func writeSystem(_ random: inout TestRandom, to text: inout CaseText) {
    func hydro(_ id: Int, downstream: Int?, _ storage: Double, _ flow: Double, _ rho: Double) -> JSONText {
      [
        "id": .integer(id), "name": .string("H\(id)"), "bus_id": 1,
        "downstream_id": downstream.map { .integer($0) } ?? .null,
        "reservoir": ["min_storage_hm3": 0.0, "max_storage_hm3": .number(storage)],
        "outflow": ["min_outflow_m3s": 0.0, "max_outflow_m3s": nil],
        "generation": [
          "model": "constant_productivity", "productivity_mw_per_m3s": .number(rho), "min_turbined_m3s": 0.0,
          "max_turbined_m3s": .number(flow), "min_generation_mw": 0.0, "max_generation_mw": .number(flow * rho),
        ],
      ]
    }
    func thermal(_ id: Int, _ power: Double, _ cost: Double) -> JSONText {
      [
        "id": .integer(id), "name": .string("T\(id)"), "bus_id": 1, "cost_per_mwh": .number(cost),
        "generation": ["min_mw": 0.0, "max_mw": .number(power)],
      ]
    }
    text.json("system/buses.json", ["buses": [["id": 1, "name": "B"]]])
    text.json("system/lines.json", ["lines": []])
    text.json(
      "system/hydros.json",
      [
        "hydros": [
          hydro(5, downstream: nil, 90, 80, random.number(0.5, 0.8)),
          hydro(3, downstream: 5, 140, 60, random.number(0.6, 1)),
        ]
      ])
    text.json(
      "system/thermals.json",
      [
        "thermals": [
          thermal(0, random.number(15, 30, digits: 1), random.number(30, 60, digits: 1)),
          thermal(1, random.number(15, 30, digits: 1), random.number(90, 200, digits: 1)),
        ]
      ])
  }

  private static func writePenalties(to text: inout CaseText) {
    text.json(
      "penalties.json",
      [
        "bus": ["deficit_segments": [["depth_mw": nil, "cost": 900.0]], "excess_cost": 0.1],
        "line": ["exchange_cost": 0.1],
        "hydro": [
          "spillage_cost": 0.01, "fpha_turbined_cost": 0.05, "diversion_cost": 0.05,
          "storage_violation_below_cost": 3000.0, "filling_target_violation_cost": 5000.0,
          "turbined_violation_below_cost": 400.0, "outflow_violation_below_cost": 400.0,
          "outflow_violation_above_cost": 400.0, "generation_violation_below_cost": 400.0,
          "evaporation_violation_cost": 400.0, "water_withdrawal_violation_cost": 400.0,
          "inflow_nonnegativity_cost": 600.0,
        ], "non_controllable_source": ["curtailment_cost": 0.005],
      ])
  }
}
