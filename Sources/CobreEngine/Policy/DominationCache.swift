/// The best active cut at every visited state of a pool, kept from one check for dominated cuts to the next.
///
/// A check then costs what is new: new cuts at known states, all cuts at new states, and a look at one state for each
/// cut that is needed where it was needed before. Eight states are looked at together, each with the bits of
/// `CutPool.evaluate`.
final class DominationCache {
  private typealias Lane = SIMD8<Double>
  private static let lanes = Lane.scalarCount

  private let groups: Int
  private let dimension: Int
  /// Components of the states, `[block * dimension + component]`, a state in each lane.
  private var states = FixedBuffer<Lane>(capacity: 1, filledWith: .zero)
  /// Value of the best active cut, `[block * groups + group]`, a state in each lane; ∞ where a lane holds no state.
  private var best = FixedBuffer<Lane>(capacity: 1, filledWith: .zero)
  /// By slot, the block of a state at which the cut was needed last; −1 where none is known.
  private var witnesses: [Int] = []
  private var knownCuts = 0
  private var knownStates = 0

  /// - Parameters:
  ///   - dimension: state components.
  ///   - groups: future costs that the cuts of the pool speak of in turn, ≥ 1.
  init(dimension: Int, groups: Int) {
    self.dimension = dimension
    self.groups = groups
  }

  /// Starts over, after cuts were dropped that may have been the best somewhere.
  func forget() {
    knownCuts = 0
    knownStates = 0
    witnesses = []
  }

  /// The candidates that are more than `epsilon` below the best active cut at every visited state.
  ///
  /// - Parameters:
  ///   - candidates: slots of active cuts, ascending.
  ///   - pool: the pool. Its cuts are only ever added or, by this rule, dropped between two calls.
  ///   - states: visited states, flat, the known ones first.
  ///   - epsilon: in $.
  /// - Returns: slots of dominated cuts.
  func dominated(_ candidates: [Int], in pool: CutPool, states: [Double], epsilon: Double) -> [Int] {
    guard dimension > 0, !states.isEmpty else { return [] }
    states.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { update(pool, base, count: states.count / dimension) }
    }
    var dropped: [Int] = []
    var slopes = [Double](repeating: 0, count: dimension)
    for slot in candidates where !isNeeded(slot, in: pool, &slopes, epsilon: epsilon) { dropped.append(slot) }
    return dropped
  }

  private var blocks: Int { (knownStates + Self.lanes - 1) / Self.lanes }

  private func update(_ pool: CutPool, _ points: UnsafePointer<Double>, count: Int) {
    var slopes = [Double](repeating: 0, count: dimension)
    for slot in knownCuts..<pool.count where pool.isActive(slot) {
      let intercept = read(slot, of: pool, into: &slopes)
      for block in 0..<blocks {
        let index = block * groups + slot % groups
        best[index] = Self.larger(best[index], value(intercept, slopes, at: block))
      }
    }
    var values = [Double](repeating: 0, count: pool.evaluationCount)
    for state in knownStates..<count {
      let (block, lane) = state.quotientAndRemainder(dividingBy: Self.lanes)
      states.reserve((block + 1) * dimension, filledWith: .zero)
      best.reserve((block + 1) * groups, filledWith: Lane(repeating: .infinity))
      if lane == 0 { for group in 0..<groups { best[block * groups + group] = Lane(repeating: .infinity) } }
      let point = points + state * dimension
      for component in 0..<dimension { states.base[block * dimension + component][lane] = point[component] }
      pool.evaluate(at: point, into: &values)
      for group in 0..<groups {
        var largest = -Double.infinity
        for slot in stride(from: group, to: pool.count, by: groups) { largest = max(largest, values[slot]) }
        best.base[block * groups + group][lane] = largest
      }
    }
    witnesses += [Int](repeating: -1, count: pool.count - witnesses.count)
    knownCuts = pool.count
    knownStates = count
  }

  private func isNeeded(
    _ slot: Int, in pool: CutPool, _ slopes: inout [Double], epsilon: Double
  ) -> Bool {
    let intercept = read(slot, of: pool, into: &slopes)
    let group = slot % groups
    if witnesses[slot] >= 0, isNear(intercept, slopes, at: witnesses[slot], group, epsilon) { return true }
    var block = blocks - 1
    while block >= 0 {
      if isNear(intercept, slopes, at: block, group, epsilon) {
        witnesses[slot] = block
        return true
      }
      block -= 1
    }
    return false
  }

  @inline(__always)
  private func isNear(
    _ intercept: Double, _ slopes: [Double], at block: Int, _ group: Int, _ epsilon: Double
  ) -> Bool {
    any(value(intercept, slopes, at: block) .>= best[block * groups + group] - Lane(repeating: epsilon))
  }

  /// The bits that `CutPool.evaluate` gives, for the states of a block.
  @inline(__always)
  private func value(_ intercept: Double, _ slopes: [Double], at block: Int) -> Lane {
    var sum = Lane(repeating: intercept)
    let row = states.base + block * dimension
    for component in 0..<dimension { sum += slopes[component] * row[component] }
    return sum
  }

  private func read(_ slot: Int, of pool: CutPool, into slopes: inout [Double]) -> Double {
    for component in 0..<dimension { slopes[component] = pool.slope(slot, component) }
    return pool.intercept(slot)
  }

  @inline(__always)
  private static func larger(_ left: Lane, _ right: Lane) -> Lane { left.replacing(with: right, where: right .> left) }
}
