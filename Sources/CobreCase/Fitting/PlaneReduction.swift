/// A set of planes from which the least important ones are taken out, one after the other.
///
/// The envelope is the maximum of the planes at each grid point. The two highest planes at every point are stored, so
/// that one pass over the grid evaluates all removals.
struct PlaneReduction {
  /// How far a removal may lower the envelope below the exact output, in MW.
  static let allowance = 1e-8

  private(set) var planes: [ProductionPlane]
  private let points: [ProductionPoint]
  private let powers: [Double]
  private var highest: [Int]
  private var second: [Int]

  /// - Parameters:
  ///   - planes: at least one.
  ///   - points: the grid.
  ///   - powers: exact output at each point, in MW.
  init(planes: [ProductionPlane], points: [ProductionPoint], powers: [Double]) {
    self.planes = planes
    self.points = points
    self.powers = powers
    highest = .init(repeating: 0, count: points.count)
    second = highest
    for index in points.indices { rank(index) }
  }

  /// The largest plane value at a grid point, in MW.
  func envelope(_ index: Int) -> Double { planes[highest[index]].value(at: points[index]) }

  /// Removes planes until at most `count` are left, or no removal is valid.
  mutating func reduce(to count: Int) {
    while planes.count > max(1, count), let victim = leastImportant() { remove(victim) }
  }

  /// The valid removal that lifts the envelope least above the exact output.
  ///
  /// Ties go to the lower index.
  private func leastImportant() -> Int? {
    // Smallest and largest error of the envelope where a plane is highest, and what they become without it.
    var kept = [Extremes](repeating: Extremes(), count: planes.count)
    var replaced = kept
    for index in points.indices {
      let owner = highest[index]
      kept[owner].include(planes[owner].value(at: points[index]) - powers[index])
      replaced[owner].include(planes[second[index]].value(at: points[index]) - powers[index])
    }
    // Leaving one plane out of the extremes of all: the two smallest and largest are enough.
    let low = Self.twoSmallest(kept) { $0.low }
    let high = Self.twoSmallest(kept) { -$0.high }
    var best: Int?
    var bestError = Double.infinity
    for plane in planes.indices {
      let smallest = min(kept[low.0 == plane ? low.1 : low.0].low, replaced[plane].low)
      guard smallest >= -Self.allowance else { continue }
      let largest = max(kept[high.0 == plane ? high.1 : high.0].high, replaced[plane].high)
      if max(0, largest) < bestError {
        best = plane
        bestError = max(0, largest)
      }
    }
    return best
  }

  /// Indices of the two smallest keys.
  ///
  /// There are at least two elements.
  private static func twoSmallest(_ elements: [Extremes], _ key: (Extremes) -> Double) -> (Int, Int) {
    var (first, second) = (0, 1)
    if key(elements[1]) < key(elements[0]) { swap(&first, &second) }
    for index in elements.indices.dropFirst(2) {
      if key(elements[index]) < key(elements[first]) {
        (first, second) = (index, first)
      } else if key(elements[index]) < key(elements[second]) {
        second = index
      }
    }
    return (first, second)
  }

  /// Takes a plane out.
  ///
  /// The last one moves into the gap.
  private mutating func remove(_ plane: Int) {
    let last = planes.count - 1
    planes[plane] = planes[last]
    planes.removeLast()
    for index in points.indices {
      if highest[index] == plane || second[index] == plane {
        rank(index)
      } else {
        if highest[index] == last { highest[index] = plane }
        if second[index] == last { second[index] = plane }
      }
    }
  }

  /// Finds the two highest planes at a point.
  ///
  /// If there is only one plane, it is both.
  private mutating func rank(_ index: Int) {
    var (first, firstValue) = (0, -Double.infinity)
    var (next, nextValue) = (0, -Double.infinity)
    for plane in planes.indices {
      let value = planes[plane].value(at: points[index])
      if value > firstValue {
        (next, nextValue) = (first, firstValue)
        (first, firstValue) = (plane, value)
      } else if value > nextValue {
        (next, nextValue) = (plane, value)
      }
    }
    highest[index] = first
    second[index] = next
  }

  private struct Extremes {
    var low = Double.infinity
    var high = -Double.infinity

    mutating func include(_ value: Double) {
      low = min(low, value)
      high = max(high, value)
    }
  }
}
