/// The cuts that approximate the cost after one stage, in natural units.
///
/// Cut i says: cost ≥ intercept_i + Σ_j slope_ij · state_j, in $.
///
/// Threads read it while none writes: accesses are not checked for overlaps, as in `StageSolver`.
package final class CutPool {
  package static let lanes = CutBlocks.lanes

  package let dimension: Int
  /// Future costs that the cuts speak of in turn: the cut in slot i belongs to group i mod `groups`.
  package let groups: Int
  /// Every cut in its slot.
  @exclusivity(unchecked) private var all: CutBlocks
  @exclusivity(unchecked) private var intercepts: FixedBuffer<Double>
  /// 1 for a cut that takes no part in programs.
  @exclusivity(unchecked) private var isInactive: FixedBuffer<UInt8>
  @exclusivity(unchecked) private var inactiveCount = 0
  /// The active cuts alone, in the order of their slots, used as soon as some cuts are inactive, so that those are not
  /// even read.
  @exclusivity(unchecked) private var active: CutBlocks
  @exclusivity(unchecked) private var slotsOfActive: FixedBuffer<Int32>

  /// - Parameters:
  ///   - dimension: number of state components, ≥ 0.
  ///   - groups: future costs that the cuts speak of, ≥ 1.
  package init(dimension: Int, groups: Int = 1) {
    self.dimension = dimension
    self.groups = groups
    all = CutBlocks(dimension: dimension)
    active = CutBlocks(dimension: dimension)
    intercepts = FixedBuffer(capacity: 64, filledWith: 0)
    isInactive = FixedBuffer(capacity: 64, filledWith: 0)
    slotsOfActive = FixedBuffer(capacity: 64, filledWith: 0)
  }

  package var count: Int { all.count }

  /// Room that a buffer of values needs to be passed to `evaluate`: `count` rounded up to whole blocks.
  package var evaluationCount: Int { all.evaluationCount }

  /// Appends a cut and returns its slot.
  @discardableResult
  package func append(intercept: Double, slopes values: UnsafePointer<Double>) -> Int {
    let slot = count
    intercepts.reserve(slot + 1, filledWith: 0)
    isInactive.reserve(slot + 1, filledWith: 0)
    intercepts[slot] = intercept
    all.append(intercept: intercept) { values[$0] }
    if inactiveCount > 0 { activate(slot) }
    return slot
  }

  /// Intercept of a cut in $.
  package func intercept(_ slot: Int) -> Double { intercepts[slot] }

  /// Number of cuts that take part in programs.
  package var activeCount: Int { count - inactiveCount }
  /// Slots of the cuts that take no part in programs, ascending.
  package var inactiveSlots: [Int] {
    guard inactiveCount > 0 else { return [] }
    let flags = isInactive.base
    return (0..<count).filter { flags[$0] != 0 }
  }
  /// Slots of the active cuts, ascending.
  package var activeSlots: [Int] {
    guard inactiveCount > 0 else { return Array(0..<count) }
    let slots = slotsOfActive.base
    return (0..<active.count).map { Int(slots[$0]) }
  }

  package func isActive(_ slot: Int) -> Bool { isInactive[slot] == 0 }

  /// Takes cuts out of all programs from now on.
  ///
  /// They keep their slots and their coefficients.
  package func deactivate(_ slots: some Sequence<Int>) {
    let before = activeSlots
    for slot in slots where slot >= 0 && slot < count && isActive(slot) {
      isInactive[slot] = 1
      inactiveCount += 1
      all.sink(slot)
    }
    guard activeCount < before.count else { return }
    active.removeAll()
    for slot in before where isActive(slot) { activate(slot) }
  }

  private func activate(_ slot: Int) {
    slotsOfActive.reserve(active.count + 1, filledWith: 0)
    slotsOfActive[active.count] = Int32(truncatingIfNeeded: slot)
    active.append(intercept: intercepts[slot]) { all.slope(slot, $0) }
  }

  /// Slope of a cut in $ per unit of the component.
  package func slope(_ slot: Int, _ component: Int) -> Double { all.slope(slot, component) }

  /// Value of every cut at a state, in $.
  ///
  /// Inactive cuts and lanes behind the last cut get −∞.
  ///
  /// - Parameters:
  ///   - state: `dimension` values.
  ///   - values: room for `evaluationCount` values.
  package func evaluate(at state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    all.evaluate(at: state, into: values)
  }

  /// Value of a cut at a state, in $, bit for bit as `evaluate` gives it.
  package func value(_ slot: Int, at state: UnsafePointer<Double>) -> Double {
    var height = intercepts[slot]
    for component in 0..<dimension { height += all.slope(slot, component) * state[component] }
    return height
  }

  /// Visits, in the order of slots, every active cut that is above a bar, which the visitor may raise.
  ///
  /// - Parameters:
  ///   - state: `dimension` values.
  ///   - bar: in $.
  ///   - visit: given slot and value, bit for bit as `evaluate` gives it. Returns the bar from here on, no lower than
  ///     before.
  @inline(__always)
  package func visit(at state: UnsafePointer<Double>, above bar: Double, _ visit: (Int, Double) -> Double) {
    if inactiveCount == 0 {
      all.visit(at: state, above: bar, visit)
    } else {
      active.visit(at: state, above: bar) { visit(Int(slotsOfActive[$0]), $1) }
    }
  }
}

extension CutPool {
  /// The cuts of a stored pool, in the same slots.
  convenience init(pool: Policy.Pool, dimension: Int) {
    self.init(dimension: dimension, groups: max(1, pool.groups))
    pool.slopes.withUnsafeBufferPointer { slopes in
      for slot in 0..<pool.count {
        // A system without hydros has cuts without slopes.
        var none = 0.0
        if let base = slopes.baseAddress {
          append(intercept: pool.intercepts[slot], slopes: base + slot * dimension)
        } else {
          append(intercept: pool.intercepts[slot], slopes: &none)
        }
      }
    }
    deactivate(pool.inactive)
  }
}
