import CobreCase
import CobreEngine
import Foundation
import Testing

@Suite struct OpeningOrderTests {
  /// Points on a circle in mixed order: the shortest closed tour goes round it.
  @Test func goesRoundACircle() {
    let positions = [0, 5, 3, 7, 1, 6, 2, 4]
    let angles = positions.map { 2 * Double.pi * Double($0) / 8 }
    // The second component has another unit, which must not matter.
    let tour = OpeningOrder(count: 8, values: [angles.map { cos($0) }, angles.map { 1e5 * sin($0) }])
    for step in 0..<8 {
      let here = positions[tour.order[step]]
      let next = positions[tour.order[(step + 1) % 8]]
      #expect([1, 7].contains((next - here + 8) % 8), "from \(here) to \(next)")
    }
  }

  @Test func visitsEveryOpeningFromAnyOfThem() {
    let tour = OpeningOrder(count: 7, values: [[3, -1, 4, 1, -5, 9, 2], [6, 5, 3, 5, 8, -9, 7]])
    for first in 0..<7 {
      let visited = (0..<7).map { tour.opening($0, from: first) }
      #expect(visited.first == first)
      #expect(visited.sorted() == Array(0..<7))
    }
    #expect(tour.opening(0, from: 7) == tour.order[0], "there is no such opening")
  }

  @Test(arguments: [0, 1, 3, OpeningOrder.largest + 1])
  func keepsTheOrderWhereThereIsNothingToGain(count: Int) {
    let values = (0..<count).map { Double($0 % 5) }
    #expect(OpeningOrder(count: count, values: [values]).order == Array(0..<count))
  }

  @Test func equalOrUselessValuesAreNoReasonToMove() {
    #expect(OpeningOrder(count: 5, values: [[2, 2, 2, 2, 2], [1, 2]]).order == [0, 1, 2, 3, 4])
    #expect(OpeningOrder(count: 5, values: [[1, 2, .infinity, 3, 4]]).order == [0, 1, 2, 3, 4])
  }
}
