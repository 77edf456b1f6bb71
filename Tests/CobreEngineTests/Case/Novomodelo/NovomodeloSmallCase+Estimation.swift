import CobreBase
import CobreCase
import CobreEngine

/// Inflow models that are estimated from forty years of observations, with three openings drawn as there.
extension NovomodeloSmallCase {
  static let estimation: [NovomodeloSmallCase] = [
    NovomodeloSmallCase("estimated model", 3_858_322.6271211486) { estimate(&$0) },
    NovomodeloSmallCase("estimated model without recent observations", 12_605_722.443022294) {
      estimate(&$0)
      $0.set("initial_conditions.json", "recent_observations", nil)
    },
    NovomodeloSmallCase("estimated coefficients of given moments", 4_726_948.396414193) {
      estimate(&$0)
      $0.inflows([[7, 0, 22, 4], [7, 1, 22, 4]])
    },
    NovomodeloSmallCase("estimated moments of given coefficients", 3_425_430.890489009) {
      estimate(&$0)
      $0.table(
        "scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient", [[7, 0, 1, 0.4], [7, 1, 1, 0.5]])
    },
    NovomodeloSmallCase("limited coefficients", 2_771_311.6101062335) {
      estimate(&$0)
      $0.set("config.json", "estimation.max_coefficient_magnitude", 0.3)
    },
    NovomodeloSmallCase("two correlated plants", 2_537_792.409603239) { addSecond(&$0) },
    NovomodeloSmallCase("two correlated plants with given moments", 9_973_109.255196778) {
      addSecond(&$0)
      $0.inflows([[7, 0, 22, 5], [7, 1, 25, 6], [9, 0, 18, 7], [9, 1, 19, 8]])
    },
    NovomodeloSmallCase("a period before the study of higher order", 8_366_508.793793914) {
      estimate(&$0, order: 6)
      for (stage, month) in [9, 10].enumerated() {
        $0.set("stages.json", "stages[\(stage)].start_date", .string(first(2027, month)))
        $0.set("stages.json", "stages[\(stage)].end_date", .string(first(2027, month + 1)))
        $0.set("stages.json", "stages[\(stage)].season_id", .int(Int64(month - 1)))
      }
      $0.set(
        "initial_conditions.json", "recent_observations",
        .array((10...12).map { observation(7, 2026, $0) } + (1...8).map { observation(7, 2027, $0) }))
    },
  ]

  private static let means: [Double] = [34, 30, 28, 25, 20, 15, 12, 14, 18, 22, 27, 32]

  private static func first(_ year: Int, _ month: Int) -> String {
    month > 12 ? first(year + 1, month - 12) : "\(year)-\(month < 10 ? "0" : "")\(month)-01"
  }

  private static func observation(_ hydro: Int, _ year: Int, _ month: Int) -> JSONValue {
    [
      "hydro_id": .int(Int64(hydro)), "start_date": .string(first(year, month)),
      "end_date": .string(first(year, month + 1)), "value_m3s": .double(0.8 * means[month - 1] + Double(hydro - 7)),
    ]
  }

  /// Observations that depend on the one before, from a linear congruential generator.
  private static func history(_ hydro: Int, seed: Int) -> [[Double?]] {
    var state = seed
    var memory = 0.0
    return (0..<480).map { position in
      state = (1_103_515_245 * state + 12_345) & 0x7fff_ffff
      memory = 0.6 * memory + (Double(state) / 2_147_483_648 - 0.5)
      let (year, month) = (1960 + position / 12, position % 12 + 1)
      return [
        Double(hydro), CalendarDate.number(first(year, month)), CalendarDate.number(first(year, month + 1)),
        means[month - 1] * (1 + memory),
      ]
    }
  }

  private static func estimate(_ draft: inout CaseDraft, order: Int64 = 3) {
    draft.set("config.json", "estimation", ["max_order": .int(order), "order_selection": "pacf"])
    for stage in 0...1 {
      draft.set("stages.json", "stages[\(stage)].num_openings", 3)
      draft.set("stages.json", "stages[\(stage)].state_variables", ["storage": true, "inflow_lags": true])
    }
    draft.set(
      "initial_conditions.json", "recent_observations", .array((1...12).map { observation(7, 2026, $0) }))
    draft.files["scenarios/inflow_seasonal_stats.parquet"] = nil
    draft.table("scenarios/inflow_history", "hydro_id start_date end_date value_m3s", history(7, seed: 12_345))
  }

  private static func addSecond(_ draft: inout CaseDraft) {
    estimate(&draft)
    draft.set("system/hydros.json", "hydros[1]", CaseDraft.plant(9, storage: (10, 150)))
    draft.set("system/hydro_production_models.json", "production_models[1]", CaseDraft.productivity(9))
    draft.set(
      "initial_conditions.json", "storage",
      [["hydro_id": 7, "value_hm3": 60.0], ["hydro_id": 9, "value_hm3": 60.0]])
    draft.set(
      "initial_conditions.json", "recent_observations",
      .array([7, 9].flatMap { hydro in (1...12).map { observation(hydro, 2026, $0) } }))
    draft.loads([[1, 0, 90, 0], [1, 1, 90, 0]])
    draft.table(
      "scenarios/inflow_history", "hydro_id start_date end_date value_m3s",
      history(7, seed: 12_345) + history(9, seed: 54_321))
  }
}
