internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Operating rules in the case of two stages, against optima found by hand.
@Suite struct OperatingRuleTests {
  private static let base = 23_635_000.0 / 9
  /// hm³ of 1 m³/s during a stage.
  private static let volume = 2.628
  /// $ of 1 MW of the thermal during a stage.
  private static let thermal = 36_500.0

  private func check(_ rules: JSONValue, _ optimum: Double, _ edit: (inout CaseDraft) -> Void = { _ in }) throws {
    var draft = CaseDraft.twoStages
    draft.set("system/hydros.json", "hydros[0].operating_rules", rules)
    edit(&draft)
    let report = draft.read()
    let study = try #require(report.study, "\(report.findings)")
    let run = try TrainingRun(study, iterations: 30)
    #expect(abs(run.lowerBound - optimum) <= 1e-8 * optimum, "\(run.lowerBound), not \(optimum)")
    #expect(abs(try ExtensiveForm.optimum(study) - optimum) <= 1e-8 * optimum)
  }

  /// 50 hm³ in store at the end cost 36,500 / 2.628 = 13,889 $ each; at a lower price they are missing.
  @Test(arguments: [10_000.0, 20_000]) func keepsAnAlertStorageThatPays(cost: Double) throws {
    try check(
      ["alert_storage_hm3": 50, "alert_storage_cost": .double(cost)],
      Self.base + 50 * min(cost, Self.thermal / Self.volume))
  }

  /// With 50 m³/s at most, 100 + 105.12 − 131.4 = 73.72 hm³ stay after the first stage: 13.72 more than the rule wants.
  ///
  /// The level holds in the season of that stage alone.
  @Test func paysForFloodRoomThatIsMissing() throws {
    try check(
      [
        "flood_control_storage_cost": 1000,
        "seasons": [
          ["season_id": 0, "flood_control_storage_hm3": 60], ["season_id": 3, "flood_control_storage_hm3": 1],
        ],
      ], Self.base + 13_720)
  }

  /// 100 hm³ at the start ask for 10 + 0.6 · 50 = 40 m³/s, of which a load of 20 MW takes a half; the rest is spilled,
  /// so that the second stage has 126.28 hm³.
  @Test func releasesMoreTheFullerItIs() throws {
    let spilled: Double = 20 * 730 * 0.01
    let optimum = spilled + (80 - 126.28 / Self.volume) * Self.thermal
    try check(
      [
        "min_outflow_curve": [
          ["storage_hm3": 0, "flow_m3s": 0], ["storage_hm3": 50, "flow_m3s": 10],
          ["storage_hm3": 200, "flow_m3s": 100],
        ]
      ], optimum
    ) { $0.replace("scenarios/load_seasonal_stats.csv", "1,0,80,0", "1,0,20,0") }
  }

  /// 625.6 hm³ less 131.4 turbined and 200 kept are spilled; at 150 hm³ on average the spillway lets 80 m³/s pass.
  @Test func paysForWhatTheSpillwayCannotPass() throws {
    let spilled = (525.6 + 100 - 131.4 - 200) / Self.volume
    let optimum = 60 * Self.thermal + spilled * 730 * 0.01 + (spilled - 80) * 730 * 500
    try check(
      [
        "max_spillage_curve": [["storage_hm3": 0, "flow_m3s": 20], ["storage_hm3": 200, "flow_m3s": 100]],
        "spillage_violation_cost": 500,
      ], optimum
    ) {
      $0.inflows(200, 10)
      $0.set("system/hydros.json", "hydros[0].outflow.max_outflow_m3s", nil)
    }
  }

  /// Loads of 20 and 100 MW in two blocks of 365 h: the outflow of the second is 50 m³/s, so that with a rise of 5 the
  /// first spills 25, unless breaking the rule is cheaper.
  @Test(arguments: [1.0, 0.001]) func changesSlowly(cost: Double) throws {
    let optimum = 2 * (50 * Self.thermal / 2 + 25 * 365 * min(cost, 0.01))
    try check(["max_outflow_rise_m3s": 5, "outflow_ramp_violation_cost": .double(cost)], optimum) { draft in
      draft.inflows(15, 15)
      draft.set("initial_conditions.json", "storage[0].value_hm3", 200)
      draft.set("system/hydros.json", "hydros[0].outflow.max_outflow_m3s", nil)
      for stage in 0..<2 {
        draft.set(
          "stages.json", "stages[\(stage)].blocks",
          [["id": 0, "name": "LOW", "hours": 365], ["id": 1, "name": "HIGH", "hours": 365]])
        draft.set("stages.json", "stages[\(stage)].block_mode", "chronological")
      }
      let factors: [JSONValue] = (0..<2).map {
        [
          "bus_id": 1, "stage_id": .int($0),
          "block_factors": [["block_id": 0, "factor": 0.25], ["block_id": 1, "factor": 1.25]],
        ]
      }
      draft.set("scenarios/load_factors.json", "load_factors", .array(factors))
    }
  }

  /// Water is worth 50 $/MWh in the plant: the town at 450 gets its 3 m³/s, fields at 30 their 5 not.
  @Test func servesTheDearestUseFirst() throws {
    try check(
      [
        "water_uses": [
          ["name": "TOWN", "demand_m3s": 3, "shortfall_cost": 450],
          ["name": "FIELDS", "demand_m3s": 1, "shortfall_cost": 30, "seasons": [["season_id": 1, "demand_m3s": 9]]],
        ]
      ], Self.base + 2 * 3 * Self.thermal + 10 * 30 * 730)
  }

  /// A hydrograph by season takes the place of the plant's minimum, and a row of the stage that of the hydrograph.
  @Test func valuesOfSeasonsGiveWayToThoseOfStages() throws {
    var draft = CaseDraft.twoStages
    draft.set(
      "system/hydros.json", "hydros[0].operating_rules",
      [
        "max_outflow_fall_m3s": 3, "outflow_ramp_violation_cost": 1,
        "seasons": [
          ["season_id": 0, "min_outflow_m3s": 7, "max_outflow_fall_m3s": 2], ["season_id": 1, "min_outflow_m3s": 8],
        ],
      ])
    draft.write(F.hydroBounds, "hydro_id,stage_id,min_outflow_m3s\n0,1,9\n")
    let study = try #require(draft.read().study)
    #expect(study.hydroLimits.map(\.minOutflow) == [7, 9])
    #expect(study.hydroLimits.map(\.maxOutflowFall) == [2, 3])
    #expect(study.hydroLimits.map(\.maxOutflowRise) == [nil, nil])
  }
}
