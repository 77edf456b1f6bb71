import CobreCase
import CobreEngine
import Testing

@Suite struct WorkPartitionTests {
  @Test func tenUnitsOverFourRanks() {
    let shares = (0..<4).map { WorkPartition(units: 10, rank: $0, size: 4) }
    #expect(shares.map(\.count) == [3, 3, 2, 2])
    #expect(shares.map(\.start) == [0, 3, 6, 8])
    #expect(WorkPartition.counts(units: 10, size: 4, width: 5) == [15, 15, 10, 10])
  }

  @Test func moreRanksThanUnitsLeavesTheLastOnesEmpty() {
    let shares = (0..<5).map { WorkPartition(units: 2, rank: $0, size: 5) }
    #expect(shares.map(\.count) == [1, 1, 0, 0, 0])
    #expect(shares.map(\.start) == [0, 1, 2, 2, 2])
  }
}
