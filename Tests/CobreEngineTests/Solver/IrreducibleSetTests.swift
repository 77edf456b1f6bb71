import CobreBase
import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Sets of limits that contradict each other, against sets found by hand and against their definition.
@Suite struct IrreducibleSetTests {
  private static let free = Double.infinity

  /// x + y ≥ 12, x ≤ 5 as a row, y ≤ 6 as a bound, and two limits that have nothing to do with it.
  @Test func theSetIsTheOneWorkedOutByHand() throws {
    let model = LPModel(
      columnLower: [0, 0, 1], columnUpper: [Self.free, 6, 8], objective: [1, 1, 1],
      rowLower: [12, -Self.free, 2], rowUpper: [Self.free, 5, 9],
      entries: [(0, 0, 1), (0, 1, 1), (1, 0, 1), (2, 2, 1)])
    let set = try #require(try IrreducibleSet(of: model))
    #expect(set.limits == [.row(0), .row(1), .columnUpper(1)])
    // 11 can be reached.
    var other = model
    other.rowLower[0] = 11
    #expect(try IrreducibleSet(of: other) == nil)
  }

  /// A column that must be at least 3 and at most 2, and one whose negative lower bound counts.
  @Test func boundsOfColumnsAreLimits() throws {
    let crossed = LPModel(
      columnLower: [3, -2], columnUpper: [9, 4], objective: [0, 0], rowLower: [-Self.free, -Self.free],
      rowUpper: [2, -3], entries: [(0, 0, 1), (1, 1, 1)])
    let set = try #require(try IrreducibleSet(of: crossed))
    // Two contradictions; one of them is the set.
    #expect(set.limits == [.row(0), .columnLower(0)] || set.limits == [.row(1), .columnLower(1)])
  }

  /// What the name says: the limits contradict each other, and those that are left without any one of them do not.
  @Test(arguments: 0..<30) func eachProperSubsetIsFeasible(seed: Int) throws {
    var random = TestRandom(seed: UInt64(seed))
    let (rows, columns) = (8, 6)
    var entries: [(row: Int, column: Int, value: Double)] = []
    for row in 0..<rows {
      for column in 0..<columns where random.unit() < 0.5 { entries.append((row, column, 4 * random.unit() - 2)) }
    }
    var lower = [Double](repeating: -Self.free, count: rows)
    var upper = [Double](repeating: Self.free, count: rows)
    for row in 0..<rows {
      let bound = 6 * random.unit() - 3
      if random.unit() < 0.5 { lower[row] = bound } else { upper[row] = bound }
      if random.unit() < 0.3 { (lower[row], upper[row]) = (bound, bound) }
    }
    let model = LPModel(
      columnLower: (0..<columns).map { _ in random.unit() < 0.3 ? 1 : 0 },
      columnUpper: (0..<columns).map { _ in random.unit() < 0.5 ? 2 : Self.free },
      objective: .init(repeating: 0, count: columns), rowLower: lower, rowUpper: upper, entries: entries)
    func isFeasible(_ limits: Set<IrreducibleSet.Limit>) -> Bool {
      (try? IrreducibleSet.restricted(model, to: limits).solved(by: .simplex)) != nil
    }
    guard let set = try IrreducibleSet(of: model) else {
      #expect((try? model.solved(by: .simplex)) != nil)
      return
    }
    let all = Set(set.limits)
    #expect(!isFeasible(all))
    for limit in all { #expect(isFeasible(all.subtracting([limit])), "without \(limit)") }
  }

  /// A plant that must run at 12 MW under a cap of 10 MW on two plants; its own 25 MW and a cap of 50 MW do not matter.
  @Test func aRunThatFailedIsExplained() throws {
    let home = try TemporaryDirectory()
    let failed = try AskedRun(contradictoryIn: home)
    #expect(InfeasibilityExplanation.concerns(failed.evidence))
    let answer = try InfeasibilityExplanation(failed.evidence, seconds: 60)
    #expect(answer.failure.stage == 1)
    #expect(answer.limits.map(\.text) == ["constraint MUST_RUN", "constraint SMOG"])
    #expect(answer.limits.map(\.bound) == ["at least 12", "at most 10"])
    #expect(answer.limits.map(\.place) == ["row 2", "row 3"])
    let shown = try Question.violation(ReplayScope()).answer([failed.evidence])
    #expect(shown["limits"]?["rows"]?.array?.count == 2)
    #expect(shown["summary"]?.array?.last?.string?.contains("contradict each other") == true)
    // A run that has not failed repeats without a failure.
    let fine = try AskedRun(template: .singleHydro, in: home)
    #expect(!InfeasibilityExplanation.concerns(fine.evidence))
    #expect(throws: RunError.self) { try InfeasibilityExplanation(fine.evidence, seconds: 60) }
  }
}
