/// The cuts that approximate the cost after one stage, in natural units, laid out for evaluation.
///
/// Cut i says: cost ≥ intercept_i + Σ_j slope_ij · state_j, in $. Slopes stand in blocks of `lanes` cuts, component by
/// component (`[block][component][lane]`), so that evaluating all cuts at a state vectorises over cuts while each cut
/// still adds its terms in component order: the bits do not depend on the vector width.
package final class CutPool {
  package typealias Lane = SIMD8<Double>
  package static let lanes = Lane.scalarCount

  package let dimension: Int
  /// Future costs that the cuts speak of in turn: the cut in slot i belongs to group i mod `groups`.
  package let groups: Int
  package private(set) var count = 0
  /// Intercepts of the cuts that evaluation leaves out, by slot.
  private var inactive: [Int: Double] = [:]
  private var intercepts: FixedBuffer<Lane>
  private var slopes: FixedBuffer<Lane>

  /// - Parameters:
  ///   - dimension: number of state components, ≥ 0.
  ///   - groups: future costs that the cuts speak of, ≥ 1.
  package init(dimension: Int, groups: Int = 1) {
    self.dimension = dimension
    self.groups = groups
    // Lanes that hold no cut yet must never look violated.
    intercepts = FixedBuffer(capacity: 8, filledWith: Lane(repeating: -.infinity))
    slopes = FixedBuffer(capacity: 8 * max(1, dimension), filledWith: .zero)
  }

  /// Room that a buffer of values needs to be passed to `evaluate`: `count` rounded up to whole blocks.
  package var evaluationCount: Int { (count + Self.lanes - 1) / Self.lanes * Self.lanes }

  /// Appends a cut and returns its slot.
  @discardableResult
  package func append(intercept: Double, slopes values: UnsafePointer<Double>) -> Int {
    let slot = count
    let (block, lane) = slot.quotientAndRemainder(dividingBy: Self.lanes)
    intercepts.reserve(block + 1, filledWith: Lane(repeating: -.infinity))
    slopes.reserve((block + 1) * max(1, dimension), filledWith: .zero)
    intercepts.base[block][lane] = intercept
    for component in 0..<dimension { slopes.base[block * dimension + component][lane] = values[component] }
    count += 1
    return slot
  }

  /// Intercept of a cut in $.
  package func intercept(_ slot: Int) -> Double {
    let value = intercepts.base[slot / Self.lanes][slot % Self.lanes]
    return value == -.infinity ? inactive[slot] ?? value : value
  }

  /// Number of cuts that take part in programs.
  package var activeCount: Int { count - inactive.count }
  /// Slots of the cuts that take no part in programs, ascending.
  package var inactiveSlots: [Int] { inactive.keys.sorted() }

  package func isActive(_ slot: Int) -> Bool { inactive.isEmpty || inactive[slot] == nil }

  /// Takes a cut out of all programs from now on; it keeps its slot and its coefficients.
  package func deactivate(_ slot: Int) {
    guard slot >= 0, slot < count, inactive[slot] == nil else { return }
    inactive[slot] = intercept(slot)
    intercepts.base[slot / Self.lanes][slot % Self.lanes] = -.infinity
  }

  /// Slope of a cut in $ per unit of the component.
  package func slope(_ slot: Int, _ component: Int) -> Double {
    slopes.base[slot / Self.lanes * dimension + component][slot % Self.lanes]
  }

  /// Value of every cut at a state, in $; inactive cuts and lanes behind the last cut get −∞.
  ///
  /// - Parameters:
  ///   - state: `dimension` values.
  ///   - values: room for `evaluationCount` values.
  package func evaluate(at state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    let dimension = dimension
    let slopes = slopes.base
    let intercepts = intercepts.base
    for block in 0..<(evaluationCount / Self.lanes) {
      var sum = intercepts[block]
      let row = slopes + block * dimension
      for component in 0..<dimension { sum += row[component] * state[component] }
      UnsafeMutableRawPointer(values + block * Self.lanes).storeBytes(of: sum, as: Lane.self)
    }
  }
  /// Visits, in the order of slots, every cut that lies above a bar, which the visitor may raise.
  ///
  /// Where most cuts lie under the bar this costs little more than reading them.
  ///
  /// - Parameters:
  ///   - state: `dimension` values.
  ///   - bar: in $.
  ///   - visit: given slot and value, the same bits as those of `evaluate`; returns the bar from here on, no lower than before.
  @inline(__always)
  package func visit(at state: UnsafePointer<Double>, above bar: Double, _ visit: (Int, Double) -> Double) {
    let dimension = dimension
    let slopes = slopes.base
    let intercepts = intercepts.base
    var bar = bar
    for block in 0..<(evaluationCount / Self.lanes) {
      var sum = intercepts[block]
      let row = slopes + block * dimension
      for component in 0..<dimension { sum += row[component] * state[component] }
      guard Self.mayExceed(sum, bar) else { continue }
      for lane in 0..<Self.lanes where sum[lane] > bar { bar = visit(block * Self.lanes + lane, sum[lane]) }
    }
  }

  /// False only where no lane exceeds the bar: the sign of bar − value tells, and all signs are looked at together.
  @inline(__always)
  private static func mayExceed(_ values: Lane, _ bar: Double) -> Bool {
    let signs = unsafeBitCast(Lane(repeating: bar) - values, to: SIMD8<Int64>.self)
    let four = signs.lowHalf | signs.highHalf
    let two = four.lowHalf | four.highHalf
    return two[0] | two[1] < 0
  }
}
