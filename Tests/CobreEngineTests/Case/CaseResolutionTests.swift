import CobreBase
import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite("Reading a case") struct CaseResolutionTests {
  @Test func readsTheSmallestCaseWithoutFindings() throws {
    let report = CaseDraft.smallest.read()
    #expect(report.findings.allSatisfy { $0.severity == .note }, "\(report.findings)")
    let study = try #require(report.study)
    #expect(study.stages.map(\.openings) == [1, 2])
    #expect(study.stages.map(\.hours) == [744, 672])
    #expect(study.stages.map(\.days) == [31, 28])
    let openings = try #require(study.inflowOpenings)
    #expect(openings.probability(0, 0) == 1)
    #expect(openings.probability(1, 1) == 0.6)
    #expect(openings.value(1, 1, 0) == 30)
    #expect(study.hydros[0].initialStorage == 60)
    #expect(study.configuration.training.treeSeed == 11)
    #expect(study.configuration.training.iterationLimit == 40)
    #expect(study.configuration.inflowMethod == .penalty)
    #expect(study.configuration.simulation.scenarios == 2000)
    #expect(study.configuration.training.cutSelection.checkFrequency == 5)
    #expect(study.configuration.policy.path == "./policy")
    #expect(study.costs(stage: 0, hydro: 0).inflowNonnegativity == 1000)
    #expect(study.inflowModelSource == .openings)
    #expect(study.graph.isChain(stages: 2))
  }

  @Test func resolvesTheCascadesOfTheValley() throws {
    let report = CaseDraft.valley.read()
    #expect(report.findings.allSatisfy { $0.severity == .note }, "\(report.findings)")
    let study = try #require(report.study)
    // Sorted by id: plant 2 (UPPER) before plant 7 (DAM).
    #expect(study.hydros.map(\.name) == ["UPPER", "DAM"])
    #expect(study.hydros[0].downstream == 1)
    #expect(study.hydros[1].upstream == [0])
    #expect(study.hydros[1].divertedFrom == [0])
    #expect(study.hydros.map(\.initialStorage) == [30, 60])
    #expect(study.hydros.map(\.bus) == [1, 0])
    #expect(study.limits(stage: 0, hydro: 0).maxTurbined == 80)
    #expect(study.limits(stage: 1, hydro: 0).maxTurbined == 60)
    #expect(study.limits(stage: 1, hydro: 0).withdrawal == 1.5)
    #expect(study.limits(stage: 1, hydro: 1).withdrawal == 0)
    #expect(study.limits(stage: 1, hydro: 1).maxOutflow == nil)
    #expect(study.costs(stage: 0, hydro: 0).spillage == 0.015)
    #expect(study.costs(stage: 1, hydro: 0).spillage == 0.012)
    #expect(study.costs(stage: 1, hydro: 1).spillage == 0.01)
    #expect(study.costs(stage: 0, hydro: 0).evaporationViolationAbove == 410)
    #expect(study.costs(stage: 0, hydro: 1).evaporationViolationBelow == 400)
    #expect(study.limits(stage: 1, thermal: 0) == ThermalLimits(minGeneration: 0, maxGeneration: 30, cost: 80))
    #expect(study.limits(stage: 0, thermal: 0).cost == 75)
    #expect(study.busDeficitSegments.map(\.count) == [1, 2])
    #expect(study.busDeficitSegments[1][0] == DeficitSegment(depth: 5, cost: 600))
    #expect(study.loadFactor(stage: 0, bus: 0, block: 0) == 1.2)
    #expect(study.loadFactor(stage: 0, bus: 0, block: 1) == 1)
    #expect(study.loadFactor(stage: 0, bus: 1, block: 0) == 1)
    #expect(study.capacity(stage: 0, line: 0, block: 1) == LineLimits(direct: 16, reverse: 13.5))
    #expect(study.capacity(stage: 1, line: 0, block: 0) == LineLimits(direct: 20, reverse: 15))
    #expect(study.lines[0].efficiency == 0.98)
    #expect(study.availability(stage: 0, source: 0) == 7.5)
    #expect(study.availability(stage: 1, source: 0) == 12)
    #expect(study.curtailmentCost(stage: 1, source: 0) == 0.006)
    #expect(study.contracts.map(\.direction) == [.imports, .exports])
    #expect(study.pumpingStations[0].sourceHydro == 1)
    #expect(study.inflowStatistics(stage: 1, hydro: 0) == SeriesStatistics(mean: 35, deviation: 7.5))
    #expect(study.noiseDimension == 2)
  }

  @Test func directionalPenaltiesFollowTheLevels() throws {
    var draft = CaseDraft.valley
    draft.set("penalties.json", "hydro.evaporation_violation_pos_cost", 500)
    draft.set("penalties.json", "hydro.water_withdrawal_violation_neg_cost", 370)
    draft.write(
      "constraints/penalty_overrides_hydro.csv", "hydro_id,stage_id,water_withdrawal_violation_cost\n7,1,390\n")
    let study = try #require(draft.read().study)
    // A symmetric cost of the entity sets both directions, against the global directional one.
    #expect(study.costs(stage: 0, hydro: 0).evaporationViolationAbove == 410)
    #expect(study.costs(stage: 0, hydro: 1).evaporationViolationAbove == 500)
    #expect(study.costs(stage: 0, hydro: 1).evaporationViolationBelow == 400)
    #expect(study.costs(stage: 0, hydro: 1).withdrawalViolationBelow == 370)
    #expect(study.costs(stage: 0, hydro: 1).withdrawalViolationAbove == 380)
    #expect(study.costs(stage: 1, hydro: 1).withdrawalViolationBelow == 390)
    #expect(study.costs(stage: 1, hydro: 1).withdrawalViolationAbove == 390)
  }

  @Test func orderInTheFilesHasNoEffect() throws {
    var draft = CaseDraft.valley
    draft.write(
      "scenarios/inflow_seasonal_stats.csv",
      """
      std_m3s,stage_id,"hydro_id",mean_m3s\r
      2.5,1,7,20.0\r
      8.0,0,2,"40.0"\r
      3.0,0,7,22.0\r
      7.5,1,2,35.0
      """)
    draft.files["config.json"] = [0xEF, 0xBB, 0xBF] + (draft.files["config.json"] ?? [])
    let report = draft.read()
    #expect(report.findings.allSatisfy { $0.severity == .note }, "\(report.findings)")
    let study = try #require(report.study)
    let original = try #require(CaseDraft.valley.read().study)
    #expect(study.inflowStatistics == original.inflowStatistics)
  }

  @Test func headerOnlyTablesCountAsAbsent() throws {
    var draft = CaseDraft.smallest
    draft.write("scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s\n")
    #expect(draft.read().findings.allSatisfy { $0.severity == .note })
  }

  @Test func discountsByCalendarDays() throws {
    var draft = CaseDraft.valley
    draft.set("stages.json", "policy_graph.annual_discount_rate", 0.12)
    draft.set(
      "stages.json", "policy_graph.transitions",
      [["source_id": 0, "target_id": 1, "probability": 1, "annual_discount_rate_override": 0.0]])
    let study = try #require(draft.read().study)
    #expect(study.discountFactor(stage: 0) == 1)
    // 1.12^(−28/365.25), computed in 30 decimal digits.
    #expect(abs(study.discountFactor(stage: 1) - 0.991349872661) < 1e-12)
  }

  @Test func selectsProductionModels() throws {
    var draft = CaseDraft.valley
    draft.write(
      "system/hydro_production_models.json",
      """
      { "production_models": [
        { "hydro_id": 2, "selection_mode": "stage_ranges", "stage_ranges": [
          { "start_stage_id": 1, "end_stage_id": null, "model": "constant_productivity", "productivity_override": 0.55 },
          { "start_stage_id": 0, "end_stage_id": 1, "model": "constant_productivity", "productivity_override": 0.6 } ] },
        { "hydro_id": 7, "selection_mode": "seasonal", "default_model": "constant_productivity", "seasons": [
          { "season_id": 1, "model": "constant_productivity", "productivity_override": 0.8 } ] } ] }
      """)
    let report = draft.read()
    let study = try #require(report.study, "\(report.findings)")
    #expect(study.production(stage: 0, hydro: 0).productivity == 0.6)
    #expect(study.production(stage: 1, hydro: 0).productivity == 0.55)
    #expect(study.production(stage: 0, hydro: 1).productivity == 0.9)
    #expect(study.production(stage: 1, hydro: 1).productivity == 0.8)
  }

  @Test func readsAMissingDirectoryQuickly() {
    let clock = ContinuousClock()
    let elapsed = clock.measure {
      let report = CaseReader.read(directory: "/nonexistent/case")
      #expect(report.errors.map(\.code) == [101])
      #expect(report.study == nil)
    }
    #expect(elapsed < .milliseconds(100))
  }
}
