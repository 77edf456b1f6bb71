/// Distances between the outcomes that may follow a stage, from which a Wasserstein measure makes its weights.
///
/// The distance of two openings is the root of the mean square of their differences in all quantities that vary
/// (inflows, loads, availabilities, prices), each divided by its standard deviation over the openings: 1 is a typical
/// difference, whatever the units. Openings of different successors are infinitely far apart, as the probabilities of a
/// graph are taken as known.
package struct OutcomeDistances: Sendable, Equatable {
  /// Outcomes that may be reached from each one, nearest first, itself among them: `[outcome * count + rank]`, −1 at
  /// the end.
  private var neighbours: [Int32] = []
  /// Their distances, in the same order.
  private var values: [Double] = []
  package private(set) var count = 0

  /// For measures that use no distances.
  package static let none = OutcomeDistances()

  private init() {}

  /// - Parameters:
  ///   - count: of outcomes.
  ///   - distances: `[outcome * count + outcome]`, 0 on the diagonal; infinite where nothing may be moved.
  package init(count: Int, distances: [Double]) {
    self.count = count
    neighbours = .init(repeating: -1, count: count * count)
    values = .init(repeating: .infinity, count: count * count)
    for outcome in 0..<count {
      let first = outcome * count
      let order = (0..<count).filter { distances[first + $0] < .infinity }
        .sorted { (distances[first + $0], $0) < (distances[first + $1], $1) }
      for (rank, other) in order.enumerated() {
        neighbours[first + rank] = Int32(truncatingIfNeeded: other)
        values[first + rank] = distances[first + other]
      }
    }
  }

  /// The distances of the openings of the stages that may follow, in the order of the outcomes.
  package init(openings stages: [StageOpenings]) {
    let count = stages.reduce(0) { $0 + $1.count }
    var distances = [Double](repeating: .infinity, count: count * count)
    var first = 0
    for stage in stages {
      let points = Self.points(stage)
      let width = stage.count == 0 ? 0 : points.count / stage.count
      for left in 0..<stage.count {
        for right in 0..<stage.count {
          var sum = 0.0
          for component in 0..<width {
            let difference = points[left * width + component] - points[right * width + component]
            sum += difference * difference
          }
          distances[(first + left) * count + first + right] = width == 0 ? 0 : (sum / Double(width)).squareRoot()
        }
      }
      first += stage.count
    }
    self.init(count: count, distances: distances)
  }

  /// The quantities that vary, in standard deviations: `[opening * components + component]`.
  private static func points(_ openings: StageOpenings) -> [Double] {
    var columns: [[Double]] = []
    func add(_ size: Int, _ value: (Int) -> Double) {
      let width = openings.count == 0 ? 0 : size / openings.count
      for component in 0..<width {
        let values = (0..<openings.count).map { value($0 * width + component) }
        var mean = 0.0
        for opening in 0..<openings.count { mean += openings.probabilities[opening] * values[opening] }
        var variance = 0.0
        for opening in 0..<openings.count {
          variance += openings.probabilities[opening] * (values[opening] - mean) * (values[opening] - mean)
        }
        // What differs by rounding alone does not vary.
        guard variance.squareRoot() > 1e-9 * max(1e-9, abs(mean)) else { continue }
        columns.append(values.map { $0 / variance.squareRoot() })
      }
    }
    for table in [openings.inflows, openings.loads, openings.availabilities] { add(table.count) { table[$0] } }
    add(openings.prices.count) { openings.prices[$0] }
    return (0..<openings.count).flatMap { opening in columns.map { $0[opening] } }
  }

  /// A way to move probability from one outcome to a dearer one.
  private struct Move {
    let source: Int
    let target: Int
    let distance: Double
    let gain: Double
    var rate: Double { gain / distance }
  }

  /// The distribution with the largest expectation that moves at most `radius` of probability × distance (Mohajerin
  /// Esfahani, Kuhn 2018, on a finite support).
  ///
  /// A linear program with one joint constraint, whose solution needs no solver: of each outcome, only the moves on the
  /// upper concave hull of cost over distance matter, and the best ones of all outcomes are made until the radius is
  /// used up. Equal rates are taken in order of outcomes.
  func weights(radius: Double, costs: [Double], probabilities: [Double]) -> [Double] {
    guard count == costs.count else { return probabilities }
    var moves: [Move] = []
    // Where the probability of each outcome is.
    var place = Array(0..<count)
    for outcome in 0..<count where probabilities[outcome] > 0 {
      let hull = hull(from: outcome, costs: costs, probabilities: probabilities)
      place[outcome] = hull.first?.target ?? outcome
      moves += hull.dropFirst()
    }
    let best = moves.indices.sorted { (moves[$1].rate, $0) < (moves[$0].rate, $1) }
    var weights = [Double](repeating: 0, count: count)
    var left = radius
    var kept = probabilities
    for index in best {
      let move = moves[index]
      let effort = probabilities[move.source] * move.distance
      guard effort > left else {
        left -= effort
        place[move.source] = move.target
        continue
      }
      let share = probabilities[move.source] * (left / effort)
      weights[move.target] += share
      kept[move.source] -= share
      break
    }
    for outcome in 0..<count { weights[place[outcome]] += kept[outcome] }
    return weights
  }

  /// What the probability of an outcome reaches, nearest first: a start at distance 0, then steps whose gain per
  /// distance falls.
  private func hull(from outcome: Int, costs: [Double], probabilities: [Double]) -> [Move] {
    var corners: [(target: Int, distance: Double)] = []
    for rank in 0..<count {
      let target = Int(neighbours[outcome * count + rank])
      guard target >= 0 else { break }
      guard probabilities[target] > 0 else { continue }
      let distance = values[outcome * count + rank]
      guard let last = corners.last else {
        corners.append((target, distance))
        continue
      }
      guard costs[target] > costs[last.target] else { continue }
      if distance == last.distance { corners.removeLast() }
      while let end = corners.last, let before = corners.dropLast().last,
        (costs[end.target] - costs[before.target]) * (distance - end.distance)
          <= (costs[target] - costs[end.target]) * (end.distance - before.distance)
      {
        corners.removeLast()
      }
      corners.append((target, distance))
    }
    return corners.indices.map { index in
      let (corner, before) = (corners[index], corners[max(0, index - 1)])
      return Move(
        source: outcome, target: corner.target, distance: corner.distance - before.distance,
        gain: costs[corner.target] - costs[before.target])
    }
  }
}
