/// The best active cut at every visited state of a pool, kept from one check for dominated cuts to the next.
///
/// A check then costs what is new: new cuts at known states, all cuts at new states, and one state for each cut that is
/// still needed where it was needed before.
struct DominationCache {
  /// `[state * groups + group]`.
  private var best: [Double] = []
  /// By slot, a state at which the cut was needed last, −1 if none is known.
  private var witnesses: [Int] = []
  private var knownCuts = 0
  private var knownStates = 0

  /// Starts again, after cuts were dropped that may have been the best somewhere.
  mutating func forget() { self = DominationCache() }

  /// The candidates that are more than `epsilon` below the best active cut at every visited state.
  ///
  /// - Parameters:
  ///   - candidates: slots of active cuts, ascending.
  ///   - pool: the pool. Its cuts are only ever added or, by this rule, dropped between two calls.
  ///   - states: visited states, flat, the known ones first.
  ///   - epsilon: in $.
  /// - Returns: slots of dominated cuts.
  mutating func dominated(_ candidates: [Int], in pool: CutPool, states: [Double], epsilon: Double) -> [Int] {
    guard pool.dimension > 0, !states.isEmpty else { return [] }
    return states.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return [] }
      update(pool, base, count: states.count / pool.dimension)
      return candidates.filter { !isNeeded($0, in: pool, base, epsilon: epsilon) }
    }
  }

  private mutating func update(_ pool: CutPool, _ states: UnsafePointer<Double>, count: Int) {
    let groups = pool.groups
    for slot in knownCuts..<pool.count where pool.isActive(slot) {
      for state in 0..<knownStates {
        let index = state * groups + slot % groups
        best[index] = max(best[index], Self.value(slot, in: pool, states + state * pool.dimension))
      }
    }
    var values = [Double](repeating: 0, count: pool.evaluationCount)
    for state in knownStates..<count {
      pool.evaluate(at: states + state * pool.dimension, into: &values)
      best += [Double](repeating: -.infinity, count: groups)
      for slot in 0..<pool.count {
        let index = state * groups + slot % groups
        best[index] = max(best[index], values[slot])
      }
    }
    witnesses += [Int](repeating: -1, count: pool.count - witnesses.count)
    knownCuts = pool.count
    knownStates = count
  }

  private mutating func isNeeded(
    _ slot: Int, in pool: CutPool, _ states: UnsafePointer<Double>, epsilon: Double
  ) -> Bool {
    func isNear(_ state: Int) -> Bool {
      Self.value(slot, in: pool, states + state * pool.dimension)
        >= best[state * pool.groups + slot % pool.groups] - epsilon
    }
    if witnesses[slot] >= 0, isNear(witnesses[slot]) { return true }
    guard let state = (0..<knownStates).reversed().first(where: isNear) else { return false }
    witnesses[slot] = state
    return true
  }

  /// The bits that `CutPool.evaluate` gives.
  private static func value(_ slot: Int, in pool: CutPool, _ state: UnsafePointer<Double>) -> Double {
    var sum = pool.intercept(slot)
    for component in 0..<pool.dimension { sum += pool.slope(slot, component) * state[component] }
    return sum
  }
}
