/// States of wetness by stage, and a Markov chain between them, out of a history.
///
/// At each place in time the observations of its season are split into states by one wetness number each: k-means in
/// one dimension, whose optimum dynamic programming finds exactly (Wang, Song 2011). Transitions are those of maximum
/// likelihood: the share of the observations of a state that a state follows. The same history gives the same bits.
package struct MarkovLattice: Sendable, Equatable {
  /// A state at one place in time.
  package struct Node: Sendable, Equatable {
    /// Observations in the order of the history.
    package var members: [Int]
    /// Mean wetness.
    package var centre: Double
  }

  /// Why a history gives no lattice, as a sentence.
  package struct Failure: Error, Equatable {
    package var sentence: String
  }

  /// States by place, from dry to wet; one at the first.
  package private(set) var nodes: [[Node]]
  /// Probabilities from each state of a place to each of the next, `[place][from][to]`.
  package private(set) var transitions: [[[Double]]]
  /// States by place that were left out, since no state before them leads there.
  package private(set) var unreached: [Int]

  /// - Parameters:
  ///   - wetness: a number for each observation in the order of time.
  ///   - seasons: the observations of each place's season, ascending.
  ///   - follows: whether the next observation in the order of time is the one of the next season, by observation.
  ///   - states: number of states at each place but the first.
  ///   - least: fewest observations of a state.
  ///   - before: wetness of the season before the first place and the observations of that season, where it is known.
  /// - Throws: `Failure` where a season has too few observations.
  package init(
    wetness: [Double], seasons: [[Int]], follows: [Bool], states: Int, least: Int,
    before: (wetness: Double, season: [Int])? = nil
  ) throws(Failure) {
    nodes = []
    unreached = .init(repeating: 0, count: seasons.count)
    for (place, members) in seasons.enumerated() {
      guard place > 0 else {
        nodes.append([Self.node(try Self.first(members, wetness, follows, states, least, before), wetness)])
        continue
      }
      nodes.append(try Self.states(of: members, wetness: wetness, states, least).map { Self.node($0, wetness) })
    }
    transitions = []
    for (place, next) in nodes.enumerated().dropFirst() {
      // The state of each observation of the next place.
      var state: [Int: Int] = [:]
      for (index, node) in next.enumerated() { for member in node.members { state[member] = index } }
      let sizes = next.map { Double($0.members.count) }
      let all = sizes.reduce(0, +)
      transitions.append(
        nodes[place - 1].map { node in
          var counts = [Double](repeating: 0, count: next.count)
          for member in node.members where follows[member] {
            if let reached = state[member + 1] { counts[reached] += 1 }
          }
          let sum = counts.reduce(0, +)
          // Of the last year of a history alone nothing is known.
          return sum > 0 ? counts.map { $0 / sum } : sizes.map { $0 / all }
        })
    }
    leaveOutUnreached()
  }

  /// Leaves out states that no path comes to: they would be trained and reported for nothing.
  ///
  /// The first place may have few observations, so that not every state follows them.
  private mutating func leaveOutUnreached() {
    for place in nodes.indices.dropFirst() {
      let reached = nodes[place].indices.filter { state in transitions[place - 1].contains { $0[state] > 0 } }
      unreached[place] = nodes[place].count - reached.count
      guard unreached[place] > 0 else { continue }
      nodes[place] = reached.map { nodes[place][$0] }
      transitions[place - 1] = transitions[place - 1].map { row in reached.map { row[$0] } }
      if transitions.indices.contains(place) { transitions[place] = reached.map { transitions[place][$0] } }
    }
  }

  /// Observations of the first place: those after a season in the state in which the study begins, else all.
  private static func first(
    _ members: [Int], _ wetness: [Double], _ follows: [Bool], _ states: Int, _ least: Int,
    _ before: (wetness: Double, season: [Int])?
  ) throws(Failure) -> [Int] {
    guard !members.isEmpty else { throw Failure(sentence: "the season of the first stage has no observations") }
    guard let before else { return members }
    let groups = try Self.states(of: before.season, wetness: wetness, states, least)
    let centres = groups.map { node($0, wetness).centre }
    // Of two that are as near, the drier one.
    let nearest = centres.indices.min { abs(centres[$0] - before.wetness) < abs(centres[$1] - before.wetness) } ?? 0
    let after = members.filter { $0 > 0 && follows[$0 - 1] && groups[nearest].contains($0 - 1) }
    return after.isEmpty ? members : after
  }

  private static func node(_ members: [Int], _ wetness: [Double]) -> Node {
    Node(members: members, centre: members.reduce(0) { $0 + wetness[$1] } / Double(max(1, members.count)))
  }

  /// Splits observations into states, from dry to wet.
  private static func states(
    of members: [Int], wetness: [Double], _ states: Int, _ least: Int
  ) throws(Failure) -> [[Int]] {
    guard members.count >= states * least else {
      throw Failure(
        sentence: "a season has \(members.count) observations, and \(states) states of \(least) or more need "
          + "\(states * least)")
    }
    let sorted = members.sorted { (wetness[$0], $0) < (wetness[$1], $1) }
    return partition(sorted.map { wetness[$0] }, into: states, least: least).map { sorted[$0].sorted() }
  }

  /// The split of sorted values into groups that follow each other with the least sum of squared distances from the
  /// means of their groups.
  ///
  /// Of splits that are as good, the one whose last groups begin earliest.
  ///
  /// - Parameters:
  ///   - values: ascending; at least groups · least.
  ///   - groups: ≥ 1.
  ///   - least: fewest values of a group, ≥ 1.
  /// - Returns: positions of each group.
  package static func partition(_ values: [Double], into groups: Int, least: Int) -> [Range<Int>] {
    let count = values.count
    guard groups > 1, count >= groups * least else { return [0..<count] }
    // Sums of the distances from the mean keep digits that sums of values would lose.
    let mean = values.reduce(0, +) / Double(count)
    var sums = [0.0]
    var squares = [0.0]
    for value in values {
      sums.append((sums.last ?? 0) + (value - mean))
      squares.append((squares.last ?? 0) + (value - mean) * (value - mean))
    }
    func spread(_ start: Int, _ end: Int) -> Double {
      let sum = sums[end] - sums[start]
      return max(0, squares[end] - squares[start] - sum * sum / Double(end - start))
    }
    // best[g][n]: of the first n values in g groups; cut[g][n]: where the last of these groups begins.
    var best = (0...count).map { $0 >= least ? spread(0, $0) : .infinity }
    var cuts: [[Int]] = []
    for group in 2...groups {
      var next = [Double](repeating: .infinity, count: count + 1)
      var cut = [Int](repeating: 0, count: count + 1)
      for end in stride(from: group * least, through: count, by: 1) {
        for start in ((group - 1) * least)...(end - least) {
          let value = best[start] + spread(start, end)
          if value < next[end] { (next[end], cut[end]) = (value, start) }
        }
      }
      best = next
      cuts.append(cut)
    }
    var ranges: [Range<Int>] = []
    var end = count
    for cut in cuts.reversed() {
      ranges.append(cut[end]..<end)
      end = cut[end]
    }
    return [0..<end] + ranges.reversed()
  }
}
