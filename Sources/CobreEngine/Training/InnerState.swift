internal import CobreCase

/// Vertices of all pools with the values found so far, the same on every rank.
struct InnerState {
  /// Number of vertices of a pool up to which all values are computed again each time.
  ///
  /// Beyond it, only vertices that were visited again.
  private static let alwaysAnew = 100
  /// The most vertices that one evaluation adds or values again if trajectories go round a cycle.
  ///
  /// An iteration visits each stage many times, and the newest visits are the closest to good decisions.
  private static let perEvaluation = 40

  var slopes: LipschitzBounds
  /// Distinct trial states by pool, flat, in order of their first visit.
  var states: [[Double]]
  /// $ by pool and vertex.
  ///
  /// Infinite before the first value.
  var values: [[Double]]
  /// Vertices to be valued, by pool, ascending.
  private(set) var due: [[Int]]
  /// How much of each archive had been seen after each evaluation.
  ///
  /// The vertices follow from that.
  private var seen: [[Int]]
  private var known: [[[Double]: Int]]
  private let dimension: Int
  private let isCyclic: Bool

  init(study: StudyCase, process: InflowProcess, pools: Int) throws {
    slopes = try LipschitzBounds(study: study, process: process)
    dimension = process.layout.dimension
    states = .init(repeating: [], count: pools)
    values = .init(repeating: [], count: pools)
    due = .init(repeating: [], count: pools)
    seen = .init(repeating: [], count: pools)
    isCyclic = study.graph.kind == .cyclic
    known = .init(repeating: [:], count: pools)
  }

  /// Takes up the states that an archive has got since the last call.
  mutating func collect(_ archive: [Double], for pool: Int) {
    var visited: Set<Int> = []
    if dimension == 0 {
      // Without reservoirs there is one state, and every trajectory visits it.
      if values[pool].isEmpty { values[pool] = [.infinity] }
      visited = [0]
    }
    for state in newStates(archive, from: seen[pool].last ?? 0) {
      if let vertex = known[pool][state] {
        visited.insert(vertex)
        continue
      }
      visited.insert(values[pool].count)
      known[pool][state] = values[pool].count
      states[pool] += state
      values[pool].append(.infinity)
    }
    seen[pool].append(archive.count)
    let unknown = values[pool].indices.filter { values[pool][$0] == .infinity }
    let count = values[pool].count
    due[pool] = count <= Self.alwaysAnew ? Array(0..<count) : visited.union(unknown).sorted()
    if isCyclic { due[pool] = due[pool].suffix(Self.perEvaluation) }
  }

  /// States of an archive from a position on, in the order of their visits.
  ///
  /// For a cycle, the newest distinct ones.
  private func newStates(_ archive: [Double], from first: Int) -> [[Double]] {
    guard dimension > 0, archive.count >= first + dimension else { return [] }
    let places = stride(from: first, through: archive.count - dimension, by: dimension)
    func state(_ place: Int) -> [Double] { Array(archive[place..<(place + dimension)]) }
    guard isCyclic else { return places.map(state) }
    var newest: [[Double]] = []
    var met: Set<[Double]> = []
    for place in places.reversed() where newest.count < Self.perEvaluation {
      if met.insert(state(place)).inserted { newest.append(state(place)) }
    }
    return newest.reversed()
  }

  /// Takes up upper bounds of the cost at vertices, where they are lower than those known.
  mutating func lower(_ vertices: [Int], of pool: Int, to bounds: [Double]) {
    for (vertex, bound) in zip(vertices, bounds) { values[pool][vertex] = min(values[pool][vertex], bound) }
  }

  /// The vertices of some pools that are due, alone and without values.
  func dueAlone(in pools: [Int]) -> InnerState {
    var part = self
    for pool in pools {
      part.states[pool] = due[pool].flatMap { state(of: $0, in: pool) }
      part.values[pool] = .init(repeating: .infinity, count: due[pool].count)
      part.due[pool] = Array(due[pool].indices)
    }
    return part
  }

  /// One vertex, as long as the state.
  func state(of vertex: Int, in pool: Int) -> [Double] {
    Array(states[pool][(vertex * dimension)..<((vertex + 1) * dimension)])
  }

  mutating func forgetValues() {
    for pool in values.indices { values[pool] = values[pool].map { _ in .infinity } }
  }

  /// The vertices of a pool that have a value.
  func vertices(of pool: Int) -> InnerVertices {
    var vertices = InnerVertices(states: [], values: [], slopes: slopes.after(pool))
    for (vertex, value) in values[pool].enumerated() where value < .infinity {
      vertices.values.append(value)
      vertices.states += states[pool][(vertex * dimension)..<((vertex + 1) * dimension)]
    }
    return vertices
  }

  /// What a checkpoint keeps: slopes, values and how much of the visited states was seen.
  var section: CheckpointSections.Inner {
    var section = CheckpointSections.Inner()
    section.slopes = slopes.slopes
    section.values = values
    section.seen = seen.map { $0.map { Int64($0) } }
    return section
  }

  /// Takes up what `section` gave, and returns nil if it does not fit the visited states.
  init?(
    study: StudyCase, process: InflowProcess, visitedStates: [[Double]], section: CheckpointSections.Inner
  ) throws {
    try self.init(study: study, process: process, pools: visitedStates.count)
    guard slopes.restore(section.slopes) else { return nil }
    for pool in visitedStates.indices {
      let marks = pool < section.seen.count ? section.seen[pool].map { Int($0) } : []
      guard !marks.isEmpty, zip([0] + marks, marks).allSatisfy({ $0 <= $1 }),
        marks.last ?? 0 <= visitedStates[pool].count
      else { return nil }
      for mark in marks { collect(Array(visitedStates[pool].prefix(mark)), for: pool) }
      guard pool < section.values.count, section.values[pool].count == values[pool].count || dimension == 0 else {
        return nil
      }
      values[pool] = section.values[pool]
    }
  }
}
