import CobreBase
import CobreCase
import CobreEngine
import Testing

/// What an estimated inflow model starts from.
@Suite struct InflowStartTests {
  private func lags(_ study: StudyCase) -> [Double] {
    let process = InflowProcess(study: study)
    return (0..<process.layout.lagCounts[0]).map { process.initialState[process.layout.lag($0 + 1, hydro: 0)] }
  }

  @Test func lagsAreTheLastObservations() throws {
    var draft = CaseDraft.smallest
    draft.useWaves(until: (2026, 12))
    let report = draft.read()
    let note = try #require(report.notes.first { $0.code == 701 }, "\(report.findings)")
    #expect(note.message.contains("2026-12-01"))
    #expect(lags(try #require(report.study)) == [CaseDraft.wave(2026 * 12 + 11)])
  }

  /// Observations after the start are no past: the lag is found by its date.
  @Test func laterObservationsAreNotTaken() throws {
    var draft = CaseDraft.smallest
    draft.useWaves(until: (2028, 5))
    #expect(lags(try #require(draft.read().study)) == [CaseDraft.wave(2026 * 12 + 11)])
  }

  @Test func givenPastInflowsWin() throws {
    var draft = CaseDraft.smallest
    draft.useWaves(until: (2026, 12))
    draft.set(F.initial, "past_inflows", [["hydro_id": 7, "values_m3s": [33.0]]])
    let report = draft.read()
    #expect(!report.findings.contains { $0.code == 701 })
    #expect(lags(try #require(report.study)) == [33])
  }

  /// A study that starts within January knows the January of its history as the part that has passed.
  @Test func theRunningMonthCountsAsObserved() throws {
    var draft = CaseDraft.smallest
    draft.useWaves(until: (2027, 1))
    draft.set(F.stages, "stages[0].start_date", "2027-01-11")
    draft.set(F.stages, "stages[0].blocks[0].hours", 504)
    let process = InflowProcess(study: try #require(draft.read().study))
    let sum = try #require(process.layout.sum(hydro: 0))
    #expect(abs(process.initialState[sum] - CaseDraft.wave(2027 * 12) * 10 / 31) < 1e-12)
    #expect(process.initialState[process.layout.lag(1, hydro: 0)] == CaseDraft.wave(2026 * 12 + 11))
  }

  @Test func aHistoryThatEndsTooEarlyIsRefused() {
    var draft = CaseDraft.smallest
    draft.useWaves(until: (2026, 11))
    let report = draft.read()
    #expect(report.study == nil)
    #expect(report.errors.map(\.code) == [419])
    #expect(report.errors.first?.message.contains("2026-12-01") == true)
    draft.set(F.initial, "past_inflows", [["hydro_id": 7, "values_m3s": [33.0]]])
    #expect(draft.read().study != nil)
  }
}
