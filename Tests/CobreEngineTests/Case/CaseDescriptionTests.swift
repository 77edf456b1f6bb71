import CobreCase
import CobreEngine
import Testing

@Suite("Describing a case") struct CaseDescriptionTests {
  @Test func countsTheValley() throws {
    let description = CaseDescription(try #require(CaseDraft.valley.read().study))
    #expect(description.counts.hydros == 2)
    #expect(description.counts.contracts == 2)
    #expect(description.stages == 2)
    #expect(description.firstDate == "2027-01-01")
    #expect(description.endDate == "2027-03-01")
    #expect(description.hours == 1416)
    #expect(description.blocksPerStage == [1, 2])
    #expect(description.openingsPerStage == [1, 2])
    #expect(description.noiseDimension == 2)
    #expect(description.thermalCapacity == 35)
    #expect(description.usefulStorage == 225)
    // Bus 1: 62·(200·1.2 + 544) + 58·672. Bus 4: 30·744 + 28·672. Over 1416 h.
    let energy = 62.0 * (200 * 1.2 + 544) + 58 * 672 + 30 * 744 + 28 * 672
    #expect(abs(description.meanLoad - energy / 1416) < 1e-9)
  }
}
