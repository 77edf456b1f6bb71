/// A cyclic order of a stage's openings in which neighbours change the LP bounds little, so that the optimal basis of
/// one is few pivots away from the next one's.
package struct OpeningOrder: Sendable, Equatable {
  /// Openings in the order of the tour.
  package let order: [Int]
  /// Position of each opening in `order`.
  private let places: [Int]

  /// Beyond this number openings keep their order, since searching for a tour would take longer than it saves.
  package static var largest: Int { 256 }

  /// Finds a tour: from each opening to the nearest one left, then reversing segments as long as that helps (2-opt).
  ///
  /// Components are scaled by their range, since rows have different units. Ties go to the lower index, so that the
  /// tour is a function of the values alone.
  ///
  /// - Parameters:
  ///   - count: number of openings.
  ///   - values: what openings set, as columns of values by opening.
  package init(count: Int, values: [[Double]]) {
    let natural = Array(0..<max(0, count))
    let columns = values.compactMap { column -> [Double]? in
      guard column.count == count, let least = column.min(), let greatest = column.max() else { return nil }
      let range = greatest - least
      return range > 0 && range.isFinite ? column.map { ($0 - least) / range } : nil
    }
    if count > 3, count <= Self.largest, !columns.isEmpty {
      order = Self.tour(count: count, columns: columns)
    } else {
      order = natural
    }
    var places = natural
    for (place, opening) in order.enumerated() { places[opening] = place }
    self.places = places
  }

  package var count: Int { order.count }

  /// The opening a number of steps after another one.
  ///
  /// - Parameters:
  ///   - step: from 0 to `count` − 1.
  ///   - first: the opening at step 0. An index out of range counts as the first of the tour.
  /// - Returns: its index. Over all steps each opening occurs once.
  package func opening(_ step: Int, from first: Int) -> Int {
    let start = places.indices.contains(first) ? places[first] : 0
    return order[(start + step) % order.count]
  }

  private static func tour(count: Int, columns: [[Double]]) -> [Int] {
    var distances = [Double](repeating: 0, count: count * count)
    for first in 0..<count {
      for second in 0..<first {
        var sum = 0.0
        for column in columns { sum += (column[first] - column[second]) * (column[first] - column[second]) }
        distances[first * count + second] = sum.squareRoot()
        distances[second * count + first] = sum.squareRoot()
      }
    }
    var tour = [0]
    var isLeft = [Bool](repeating: true, count: count)
    isLeft[0] = false
    while tour.count < count {
      let last = tour[tour.count - 1]
      var nearest = -1
      for opening in 0..<count where isLeft[opening] {
        if nearest < 0 || distances[last * count + opening] < distances[last * count + nearest] { nearest = opening }
      }
      tour.append(nearest)
      isLeft[nearest] = false
    }
    shorten(&tour, distances: distances)
    return tour
  }

  /// 2-opt (Croes 1958), a bounded number of sweeps.
  private static func shorten(_ tour: inout [Int], distances: [Double]) {
    let count = tour.count
    func distance(_ first: Int, _ second: Int) -> Double {
      distances[tour[first % count] * count + tour[second % count]]
    }
    for _ in 0..<20 {
      var isShorter = false
      for first in 0..<(count - 2) {
        for second in (first + 2)..<count where !(first == 0 && second == count - 1) {
          let now = distance(first, first + 1) + distance(second, second + 1)
          let turned = distance(first, second) + distance(first + 1, second + 1)
          guard turned < now - 1e-12 else { continue }
          tour[(first + 1)...second].reverse()
          isShorter = true
        }
      }
      guard isShorter else { return }
    }
  }
}
