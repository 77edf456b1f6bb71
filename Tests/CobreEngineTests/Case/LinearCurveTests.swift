import CobreCase
import CobreEngine
import Testing

@Suite struct LinearCurveTests {
  static let curve = LinearCurve([(0, 1), (10, 3), (30, 4)])

  @Test func valuesAreLinearBetweenPointsAndConstantOutside() {
    let values = [-5.0, 0, 5, 10, 20, 30, 99].map { Self.curve.value(at: $0) }
    #expect(values == [1, 1, 2, 3, 3.5, 4, 4])
  }

  @Test func slopesBelongToTheSegmentOnTheRight() {
    let slopes = [-5.0, 0, 5, 10, 20, 30, 99].map { Self.curve.slope(at: $0) }
    #expect(slopes == [0.2, 0.2, 0.2, 0.05, 0.05, 0.05, 0.05])
  }

  @Test func onePointIsAConstant() {
    let point = LinearCurve([(5, 7)])
    #expect(point.value(at: 0) == 7 && point.value(at: 9) == 7 && point.slope(at: 5) == 0)
  }
}
