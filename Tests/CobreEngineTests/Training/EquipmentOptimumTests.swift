import CobreBase
import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Equipment in the case of two stages against optima found by hand.
@Suite struct EquipmentOptimumTests {
  /// $ per hm³ that a volume saves through the thermal: 50 $/MWh over 0.0036 hm³ per m³/s and hour.
  static let waterValue = 125_000.0 / 9

  private func check(_ draft: CaseDraft, _ optimum: Double) throws {
    let report = draft.read()
    let study = try #require(report.study, "\(report.findings)")
    let run = try TrainingRun(study, iterations: 20)
    #expect(abs(run.lowerBound - optimum) <= 1e-9 * optimum, "\(run.lowerBound)")
    #expect(abs(try ExtensiveForm.optimum(study) - optimum) <= 1e-8 * optimum)
  }

  @Test func withoutEquipment() throws {
    try check(.twoStages, 23_635_000.0 / 9)
  }

  /// All water is used.
  ///
  /// Output rises with the volume, so 105.12 hm³ are kept after the first stage.
  @Test func planesThatDependOnTheVolume() throws {
    var draft = CaseDraft.twoStages
    draft.planes([",0,0,0.002,0.8,0", ",1,0,0.001,0.95,0"])
    try check(draft, 732_952_154.0 / 225)
  }

  /// A stage with rows of its own ignores the others: 1 MW per m³/s in both stages, by different rows.
  @Test func planesOfAStageReplaceTheOthers() throws {
    var draft = CaseDraft.twoStages
    draft.planes([",0,0,0,1,0", "1,0,0,0,1,0", "1,1,30,0,1,0"])
    try check(draft, 23_635_000.0 / 9)
  }

  /// κ takes a tenth of the constant: 4.5 MW in each stage plus 0.9 MW per m³/s.
  @Test func kappaScalesTheConstantAlone() throws {
    var draft = CaseDraft.twoStages
    draft.planes([])
    draft.write(
      "system/fpha_hyperplanes.csv",
      "hydro_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s,kappa\n0,0,5,0,0.9,0,0.9\n")
    // Water of both stages: 50 m³/s·stage of inflow and 100 hm³.
    let output = 9 + 0.9 * (50 + 100 / 2.628)
    try check(draft, 36_500 * (160 - output))
  }

  /// 100 mm a month on 0.5…1.5 km²: k_v = 1/5256, k0 = 25/1314.
  @Test func evaporation() throws {
    var draft = CaseDraft.twoStages
    draft.evaporate(100)
    let study = try #require(draft.read().study)
    let line = try #require(study.evaporation(stage: 0, hydro: 0))
    #expect(abs(line.slope - 1 / 5256) <= 1e-18)
    #expect(abs(line.constant - 25 / 1314) <= 1e-16)
    try check(draft, 94_644_561_875.0 / 36_009)
  }

  /// 30 MW of thermal at most, by a constraint that names it and half of the line's other side.
  @Test func constraintWithSlack() throws {
    var draft = CaseDraft.twoStages
    draft.write("scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw\n1,0,20,0\n1,1,20,0\n")
    draft.set("system/hydros.json", "hydros", [])
    draft.set("initial_conditions.json", "storage", [])
    draft.files["scenarios/inflow_openings.csv"] = nil
    draft.write(
      "constraints/generic_constraints.json",
      """
      {"constraints": [{"id": 1, "name": "CAP", "expression": "2 * thermal_generation(3) + bus_deficit(1)",
        "sense": "<=", "slack": {"enabled": true, "penalty": 30}}]}
      """)
    draft.write("constraints/generic_constraint_bounds.csv", "constraint_id,stage_id,bound\n1,0,10\n1,1,10\n")
    // A MWh of thermal costs 50 and 60 of violation, one of deficit 1000 and 30: 20 MW of thermal violate by 30.
    try check(draft, 2 * 730 * (20 * 50 + 30 * 30))
  }

  /// Filling in stage 0, service in stage 1 with 60 hm³ as soft minimum.
  private func filling(inflow: Double, volume: Double) -> CaseDraft {
    var draft = CaseDraft.twoStages
    draft.set("system/hydros.json", "hydros[0].filling", ["start_stage_id": 0, "filling_inflow_m3s": 30])
    draft.set("system/hydros.json", "hydros[0].entry_stage_id", 1)
    draft.set("system/hydros.json", "hydros[0].reservoir.min_storage_hm3", 60)
    draft.set("initial_conditions.json", "storage", [])
    draft.set("initial_conditions.json", "filling_storage", [["hydro_id": 0, "value_hm3": .double(volume)]])
    draft.set("penalties.json", "hydro.storage_violation_below_cost", 20_000)
    draft.set("penalties.json", "hydro.filling_target_violation_cost", 40_000)
    draft.inflows(inflow, 10)
    return draft
  }

  /// 10 + 105.12 hm³ after filling, 26.28 more come, 60 stay: 81.4 hm³ generate in stage 1.
  @Test func fillingWithEnoughWater() throws {
    try check(filling(inflow: 40, volume: 10), 2 * 2_920_000 - Self.waterValue * 81.4)
  }

  /// 52.56 of the 78.84 hm³ that were to be kept come.
  @Test func fillingBehindItsSchedule() throws {
    try check(filling(inflow: 20, volume: 10), 2 * 2_920_000 + 20_000 * 26.28 - Self.waterValue * 28.84)
  }

  /// 52.56 hm³ miss the target by 7.44.
  @Test func fillingThatMissesItsTarget() throws {
    try check(
      filling(inflow: 20, volume: 0),
      2 * 2_920_000 + 20_000 * 26.28 + 40_000 * 7.44 - Self.waterValue * 18.84)
  }

  /// A stage table lowers what has to be kept to what comes; 0 asks for nothing.
  @Test(arguments: [20.0, 0.0])
  func retentionOfTheStageTable(inflow: Double) throws {
    var draft = filling(inflow: 20, volume: 10)
    draft.write("constraints/hydro_bounds.csv", "hydro_id,stage_id,filling_inflow_m3s\n0,0,\(inflow)\n")
    try check(draft, 2 * 2_920_000 - Self.waterValue * 28.84)
  }
}
