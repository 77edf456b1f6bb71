import CobreCase
import CobreEngine
import Testing

@Suite struct StageOpeningsTests {
  private func openings(_ probabilities: [Double]) -> StageOpenings {
    StageOpenings(
      probabilities: probabilities, isUniform: Set(probabilities).count == 1, inflows: [], loads: [],
      availabilities: [])
  }

  @Test func unequalProbabilitiesAreDrawnByTheirSums() {
    let tree = openings([0.5, 0.125, 0.375])
    #expect([0.0001, 0.4999, 0.5, 0.6249, 0.625, 0.9999].map { tree.index(for: $0) } == [0, 0, 1, 1, 2, 2])
  }

  @Test func equalProbabilitiesAreDrawnByOneMultiplication() {
    let tree = openings([Double](repeating: 0.1, count: 10))
    #expect([0.05, 0.1, 0.35, 0.95, 0.9999999].map { tree.index(for: $0) } == [0, 1, 3, 9, 9])
  }

  @Test func roundingOfTheSumNeverLeavesTheTree() {
    // 0.7 + 0.2 + 0.1 adds up to a hair under 1 in binary.
    let tree = openings([0.7, 0.2, 0.1])
    #expect(tree.index(for: 1 - 0x1p-53) == 2)
  }
}
