import CobreBase
import CobreCase
import CobreEngine
import Testing

/// Cases at the edge of the rules, which must not be blamed for what they do right.
@Suite("Sound cases") struct SoundCaseTests {
  private func codes(_ draft: CaseDraft) -> Set<Int> { Set(draft.read().findings.map(\.code)) }

  /// Ten years of weekly observations from 2010: each 1 January is in the first or the last week of its ISO year.
  private var weekly: CaseDraft {
    var draft = CaseDraft.smallest
    draft.set(
      F.stages, "season_definitions",
      [
        "cycle_type": "weekly",
        "seasons": .array(
          (0..<52).map { ["id": .int($0), "label": .string("week \($0 + 1)"), "month_start": 1] }),
      ])
    for (index, week) in [("2027-01-04", "2027-01-11"), ("2027-01-11", "2027-01-18")].enumerated() {
      draft.set(F.stages, "stages[\(index)].start_date", .string(week.0))
      draft.set(F.stages, "stages[\(index)].end_date", .string(week.1))
      draft.set(F.stages, "stages[\(index)].season_id", .int(Int64(index)))
      draft.set(F.stages, "stages[\(index)].blocks[0].hours", 168)
    }
    draft.set(F.config, "estimation", ["min_observations_per_season": 9])
    // Monday, 4 January 2010 is the start of the first ISO week of 2010. There are 522 weeks until 6 January 2020.
    let start = CalendarDate(year: 2010, month: 1, day: 4)?.dayNumber ?? 0
    draft.useHistory(
      (0..<522).map { "7,\(CalendarDate(dayNumber: start + 7 * $0)),\(20 + $0 % 13)\n" }.joined())
    return draft
  }

  @Test func weeksAreCountedByTheYearOfTheirThursday() {
    let found = codes(weekly)
    #expect(found.isDisjoint(with: [531, 534]), "\(found.sorted())")
    // 2015 has 53 weeks, of which the last two share a season.
    #expect(found.contains(533))
  }

  @Test func aWinterBelongsToOneYear() {
    var draft = CaseDraft.smallest
    draft.set(
      F.stages, "season_definitions",
      [
        "cycle_type": "custom",
        "seasons": [
          ["id": 0, "label": "winter", "month_start": 12, "month_end": 2],
          ["id": 1, "label": "rest", "month_start": 3, "month_end": 11],
        ],
      ])
    for stage in 0..<2 { draft.set(F.stages, "stages[\(stage)].season_id", 0) }
    draft.set(F.config, "estimation", ["min_observations_per_season": 3])
    draft.useHistory(
      (2010...2013).map { "7,\($0)-03-01,\($0 - 2000)\n7,\($0)-12-01,\($0 - 1990)\n" }.joined()
        + "7,2014-03-01,15\n")
    let found = codes(draft)
    #expect(found.isDisjoint(with: [531, 533, 534]), "\(found.sorted())")
  }

  /// A hole in a history and a history of years are different faults with different cures.
  @Test func theAdviceForAHoleIsNotThatForACoarseHistory() {
    func advice(_ rows: [String]) -> String {
      var draft = CaseDraft.smallest
      draft.seasons(2)
      draft.useHistory(rows.map { "7,\($0),5\n" }.joined())
      let finding = draft.read().errors.first { $0.code == 534 }
      return (finding?.message ?? "") + " " + (finding?.suggestion ?? "")
    }
    let whole = (2010...2016).flatMap { ["\($0)-01-01", "\($0)-02-01"] }
    let hole = advice(whole.filter { $0 != "2013-02-01" })
    #expect(hole.contains("in 2013.") && hole.contains("Add the missing row, or "), "\(hole)")
    #expect(hole.contains("let the history begin after 2013."), "\(hole)")
    let holes = advice(whole.filter { !$0.hasPrefix("2012-") && $0 != "2014-01-01" })
    #expect(holes.contains("in 2012 and 2 others.") && holes.contains("Add the missing rows"), "\(holes)")
    #expect(holes.contains("begin after 2014."), "\(holes)")
    let coarse = advice(["2010-01-01", "2010-02-01", "2012-01-01", "2016-01-01", "2016-02-01"])
    #expect(coarse.contains("coarser than the seasons"), "\(coarse)")
  }

  @Test func aSeedBeyondItsWidthIsNotCalledMissing() {
    var draft = CaseDraft.smallest
    draft.replace(F.config, "11", "9223372036854775808")
    #expect(codes(draft) == [204])
  }
}
