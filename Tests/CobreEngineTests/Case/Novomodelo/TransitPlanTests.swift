import CobreBase
import CobreCase
import CobreEngine
import Testing

/// How water that has travelled is spread over chronological blocks, as the balances of novomodelo-python 0.19.1 show
/// it.
@Suite struct TransitPlanTests {
  /// Plant 7 releases into plant 9, 1,000 hours away; the first two stages are cut into blocks that follow each other.
  private func plan(_ hours: [[Double]]) throws -> TransitPlan {
    var draft = CaseDraft.cascade
    draft.set("system/hydros.json", "hydros[0].travel_time_hours", 1000.0)
    draft.set(
      "initial_conditions.json", "past_defluences",
      [["hydro_id": 7, "start_date": "2026-11-20", "end_date": "2027-01-01", "value_m3s": 10.0]])
    for (stage, parts) in hours.enumerated() {
      draft.set("stages.json", "stages[\(stage)].block_mode", "chronological")
      draft.set(
        "stages.json", "stages[\(stage)].blocks",
        .array(
          parts.enumerated().map { ["id": .int(Int64($0)), "name": .string("B\($0)"), "hours": .double($1)] }))
    }
    return TransitPlan(study: try #require(draft.read().study))
  }

  @Test func waterReleasedBeforeTheStudyComesEvenly() throws {
    let density = try plan([[205.353, 231.918, 282.729]]).density(of: 1, stage: 0)
    // hm³ that reached the blocks, of 10 m³/s during 720 h.
    let arrived = [7.392708, 8.349048, 10.178244]
    for (part, volume) in zip(density, arrived) { #expect(abs(part - volume / 25.92) < 1e-12) }
  }

  @Test func whatAStageReleasesDecidesWhenWaterOfEarlierTimesComes() throws {
    // The releases of the first stage arrive from hour 280 of the second one on, those before the study until then.
    let density = try plan([[205.353, 231.918, 282.729], [200, 280, 264]]).density(of: 1, stage: 1)
    let arrived = [0, 43.8109219784617, 57.83041701156948]
    for (part, volume) in zip(density, arrived) { #expect(abs(part - volume / arrived.reduce(0, +)) < 1e-9) }
  }
}
