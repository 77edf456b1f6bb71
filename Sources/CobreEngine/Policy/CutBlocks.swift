internal import CobreCutKernel

/// Cuts in a layout for evaluation: slopes are stored in blocks of `lanes` cuts, component by component
/// (`[block][component][lane]`).
///
/// So the evaluation of all cuts at a state vectorises over cuts, while each cut still adds its terms in component
/// order: the bits depend neither on the vector width nor on the position of a cut.
struct CutBlocks: ~Copyable {
  typealias Lane = SIMD8<Double>
  static let lanes = Lane.scalarCount

  let dimension: Int
  private(set) var count = 0
  private var intercepts: FixedBuffer<Lane>
  private var slopes: FixedBuffer<Lane>

  init(dimension: Int) {
    self.dimension = dimension
    // Every stage has such blocks: of large states they are not made ready for many cuts in advance.
    let ready = dimension > 64 ? 0 : 8
    intercepts = FixedBuffer(capacity: ready, filledWith: Lane(repeating: -.infinity))
    slopes = FixedBuffer(capacity: ready * max(1, dimension), filledWith: .zero)
  }

  private var blocks: Int { (count + Self.lanes - 1) / Self.lanes }

  /// Room that a buffer of values needs to be passed to `evaluate`.
  var evaluationCount: Int { blocks * Self.lanes }

  /// Appends a cut.
  ///
  /// `slope` returns its slope by component.
  @inline(__always)
  mutating func append(intercept: Double, slope: (Int) -> Double) {
    let (block, lane) = count.quotientAndRemainder(dividingBy: Self.lanes)
    intercepts.reserve(block + 1, filledWith: Lane(repeating: -.infinity))
    slopes.reserve((block + 1) * max(1, dimension), filledWith: .zero)
    // Lanes without a cut must never count as violated.
    if lane == 0 { intercepts.base[block] = Lane(repeating: -.infinity) }
    intercepts.base[block][lane] = intercept
    for component in 0..<dimension { slopes.base[block * dimension + component][lane] = slope(component) }
    count += 1
  }

  mutating func removeAll() { count = 0 }

  /// Puts a cut below everything from now on.
  func sink(_ position: Int) { intercepts.base[position / Self.lanes][position % Self.lanes] = -.infinity }

  func slope(_ position: Int, _ component: Int) -> Double {
    slopes.base[position / Self.lanes * dimension + component][position % Self.lanes]
  }

  /// Writes the value of every cut at a state.
  ///
  /// Lanes behind the last cut get −∞.
  func evaluate(at state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    cobre_cut_values(
      UnsafeRawPointer(intercepts.base).assumingMemoryBound(to: Double.self),
      UnsafeRawPointer(slopes.base).assumingMemoryBound(to: Double.self), Int64(blocks), Int64(dimension), state, values
    )
  }

  /// Visits, in their order, every cut that is above a bar, which the visitor may raise.
  ///
  /// Where most cuts are under the bar this costs little more than reading them.
  @inline(__always)
  func visit(at state: UnsafePointer<Double>, above bar: Double, _ visit: (Int, Double) -> Double) {
    var bar = bar
    var found = Lane.zero
    let count = Int64(blocks)
    var block: Int64 = 0
    while true {
      block = withUnsafeMutablePointer(to: &found) { found in
        cobre_cut_exceeding(
          UnsafeRawPointer(intercepts.base).assumingMemoryBound(to: Double.self),
          UnsafeRawPointer(slopes.base).assumingMemoryBound(to: Double.self), block, count, Int64(dimension), state,
          bar,
          UnsafeMutableRawPointer(found).assumingMemoryBound(to: Double.self))
      }
      guard block < count else { return }
      for lane in 0..<Self.lanes where found[lane] > bar {
        bar = visit(Int(block) * Self.lanes + lane, found[lane])
      }
      block += 1
    }
  }
}
