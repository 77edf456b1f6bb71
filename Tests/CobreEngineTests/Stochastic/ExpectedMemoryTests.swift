import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Past inflows that a model expects after a stage.
@Suite struct ExpectedMemoryTests {
  /// Plant 2 of the valley: in both stages z = mean + 0.3 · (s_t / s_{t−1}) · (lag − mean before), and lag 1 is the
  /// inflow itself.
  @Test func followsTheEquation() throws {
    var draft = CaseDraft.valley
    draft.rememberInflow()
    let process = InflowProcess(study: try #require(draft.read().study))
    let lag = process.layout.lag(1, hydro: 0)
    #expect(process.initialState[lag] == 41)
    let states = process.expectedStates(along: [0, 1])
    let first = process.base(stage: 0, hydro: 0) + process.coefficients(stage: 0, hydro: 0)[0] * 41
    let second = process.base(stage: 1, hydro: 0) + process.coefficients(stage: 1, hydro: 0)[0] * first
    #expect(abs(states[0][lag] - first) < 1e-12 && abs(states[1][lag] - second) < 1e-12)
    // Storages stay at their initial values.
    #expect(states[1][0] == process.initialState[0])
  }
}
