import CobreBase
import CobreCase
import CobreCommunication
import CobreEngine
import CobreTestSupport
import Testing

/// Linearized head: the constant model in training, productivity by volume in simulation.
@Suite struct HeadTests {
  /// Level 10 + v/10 m, so that productivity is (10 + v/10)/23 with 1 at the reference volume of 130 hm³.
  ///
  /// The thermal costs twice as much in the second stage, for which 105.12 hm³ are kept: 50 m³/s with the 10 of inflow.
  private static let draft: CaseDraft = {
    var draft = CaseDraft.twoStages
    draft.set("system/hydros.json", "hydros[0].generation.model", "linearized_head")
    draft.geometry("0,0,10,1\n0,200,30,2\n")
    draft.write("constraints/thermal_bounds.csv", "thermal_id,stage_id,cost_per_mwh\n3,1,100\n")
    return draft
  }()

  /// Two scenarios, which are the same.
  ///
  /// Figures come by stage, then scenario.
  private static func simulate(_ draft: CaseDraft) throws -> (bound: Double, result: SimulationResult) {
    let report = draft.read()
    let study = try #require(report.study, "\(report.findings)")
    let run = try TrainingRun(study, iterations: 10)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    return (run.lowerBound, try simulator.run(scenarios: 2))
  }

  @Test func simulationFollowsTheHead() throws {
    let (bound, result) = try Self.simulate(Self.draft)
    let first = 100 / 2.628
    // Training knows 1 MW per m³/s.
    #expect(abs(bound - 730 * (50 * (80 - first) + 100 * 30)) <= 1e-3)
    // Mean volumes 102.56 and 52.56 hm³.
    let output = [(10 + 10.256) / 23 * first, (10 + 5.256) / 23 * 50]
    for stage in 0..<2 {
      #expect(abs(result.energy(.hydro)[2 * stage] - 730 * output[stage]) <= 1e-6 * 730 * output[stage])
      #expect(abs(result.energy(.hydro)[2 * stage + 1] - result.energy(.hydro)[2 * stage]) == 0)
      #expect(abs(result.energy(.thermal)[2 * stage] - 730 * (80 - output[stage])) <= 1e-6 * 730 * 80)
    }
    #expect(abs(result.storages[0] - 105.12) <= 1e-6)
    #expect(abs(result.costs[0] - 730 * (50 * (80 - output[0]) + 100 * (80 - output[1]))) <= 1)
  }

  /// The largest generation binds through the flow: 20 MW at the productivity of each stage.
  @Test func largestGenerationLimitsTheFlow() throws {
    var draft = Self.draft
    draft.set("system/hydros.json", "hydros[0].generation.max_generation_mw", 20)
    let (_, result) = try Self.simulate(draft)
    for index in 0..<4 { #expect(abs(result.energy(.hydro)[index] - 730 * 20) <= 1e-4) }
  }

  /// A constraint on turbined flow and generation together keeps its fixed part.
  @Test func constraintsFollowTheHead() throws {
    var draft = Self.draft
    draft.write(
      "constraints/generic_constraints.json",
      """
      {"constraints": [{"id": 1, "name": "CAP", "expression": "hydro_turbined(0) + 2 * hydro_generation(0)",
        "sense": "<=", "slack": {"enabled": false}}]}
      """)
    draft.write("constraints/generic_constraint_bounds.csv", "constraint_id,stage_id,bound\n1,1,60\n")
    let (_, result) = try Self.simulate(draft)
    // Training turbines 50 and 20 m³/s and keeps 73.72 hm³ between, as spilling has a price.
    #expect(abs(result.storages[0] - 73.72) <= 1e-6)
    func productivity(_ volume: Double) -> Double { (10 + volume / 10) / 23 }
    let flow = 60 / (1 + 2 * productivity(73.72))
    let end = 73.72 + 26.28 - 2.628 * flow
    let corrected = productivity((73.72 + end) / 2)
    #expect(abs(result.storages[2] - (100 - 2.628 * 60 / (1 + 2 * corrected))) <= 1e-6)
  }

  @Test func withoutGeometryProductivityIsConstant() throws {
    var draft = Self.draft
    draft.files["system/hydro_geometry.csv"] = nil
    let (bound, result) = try Self.simulate(draft)
    #expect(abs(result.costs[0] - bound) <= 1e-3)
  }
}
