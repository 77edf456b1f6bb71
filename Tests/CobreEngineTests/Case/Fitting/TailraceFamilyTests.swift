import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct TailraceFamilyTests {
  private static func family(_ id: Int, _ level: Double?, _ segments: [(Double, Double, [Double])]) -> TailraceFamily {
    TailraceFamily(
      id: id, level: level,
      segments: segments.enumerated().map {
        TailraceSegment(id: $0, from: $1.0, to: $1.1, coefficients: $1.2)
      })
  }

  @Test func outflowsAreClampedAndTheLaterSegmentCounts() {
    let family = Self.family(1, nil, [(10, 20, [100, 1]), (20, 40, [120.0005, 0])])
    #expect(family.level(at: 0) == 110)
    #expect(family.level(at: 15) == 115)
    #expect(family.level(at: 20) == 120.0005)
    #expect(family.level(at: 100) == 120.0005)
    #expect(family.slope(at: 15) == 1)
    #expect(family.slope(at: 5) == 0)
    #expect(TailraceFamily.problems([family]) == [])
  }

  @Test func theLevelBelowChoosesBetweenNeighbours() throws {
    let families = [3, 1, 2].map { Self.family($0, 300 + 10 * Double($0), [(0, 10, [Double(100 * $0)])]) }
    func level(_ downstream: Double?) throws -> Double {
      try #require(Tailwater(families, downstream: downstream)).level(at: 1)
    }
    #expect(try level(nil) == 100)
    #expect(try level(290) == 100)
    #expect(try level(310) == 100)
    #expect(try abs(level(312.5) - 125) < 1e-12)
    #expect(try level(320) == 200)
    #expect(try abs(level(329) - 290) < 1e-12)
    #expect(try level(400) == 300)
    #expect(Tailwater([], downstream: 300) == nil)
  }

  @Test func whatIsWrongIsSaid() {
    let gap = Self.family(1, 300, [(0, 10, [5]), (11, 20, [5])])
    let jump = Self.family(2, 310, [(0, 10, [5]), (10, 20, [6])])
    let empty = Self.family(3, nil, [(10, 10, [5])])
    let twice = Self.family(4, 310, [(0, 10, [5])])
    let problems = TailraceFamily.problems([gap, jump, empty, twice])
    #expect(problems.count == 5, "\(problems)")
    #expect(TailraceFamily.problems([Self.family(1, nil, [])]) == [])
    #expect(Self.family(1, nil, []).level(at: 3) == 0)
  }
}
