extension Policy.Pool {
  /// A cut at given storages; nil for the least future cost.
  private typealias Line = (cut: Int?, height: Double, price: Double)

  /// The future cost at a state whose last component is a price: what a stage LP finds for min φ + μ y over the cuts
  /// φ + μ yₖ ≥ αₖ + βₖ x, with μ within the steepest slopes in the price (Downward, Dowson, Baucke 2020).
  ///
  /// As μ grows from the least slope, cuts of falling price are the highest in turn; the sum falls as long as the price
  /// of the highest cut is above y.
  ///
  /// - Parameters:
  ///   - state: as long as a cut has slopes; the last component is the price y in $/MWh.
  ///   - range: least and largest slope in the price, in MWh.
  ///   - floor: the least that φ can be, in $: a cut made at the price 0, as it were.
  /// - Returns: nil if there is no cut, or the numbers do not fit.
  package func value(
    at state: [Double], slopesInPrice range: (least: Double, most: Double), floor: () -> Double = { -.infinity }
  ) -> Value? {
    let dimension = state.count
    guard let price = state.last, groups <= 1, slopes.count == count * dimension, range.least <= range.most else {
      return nil
    }
    let unused = Set(inactive)
    // Height at the storages, without the price, and the price at which it was made.
    var lines = (0..<count).filter { !unused.contains($0) }.map { cut -> Line in
      let height = (0..<(dimension - 1)).reduce(intercepts[cut]) { $0 + slopes[cut * dimension + $1] * state[$1] }
      return (cut: cut, height: height, price: -slopes[cut * dimension + dimension - 1])
    }
    guard !lines.isEmpty else { return nil }
    let floor = floor()
    if floor.isFinite { lines.append((cut: nil, height: floor, price: 0)) }
    var slope = range.least
    // Of equally high cuts the one of the lowest price is the highest for a larger slope.
    guard
      var top = lines.max(by: { left, right in
        let (a, b) = (left.height - left.price * slope, right.height - right.price * slope)
        return a != b ? a < b : left.price > right.price
      })
    else { return nil }
    var other: (cut: Int?, price: Double)?
    while top.price > price, slope < range.most {
      var next: (slope: Double, line: Line)?
      for line in lines where line.price < top.price {
        let crossing = max(slope, (top.height - line.height) / (top.price - line.price))
        if let known = next, (known.slope, known.line.price) <= (crossing, line.price) { continue }
        next = (crossing, line)
      }
      guard let next, next.slope < range.most else {
        slope = range.most
        break
      }
      slope = next.slope
      other = (top.cut, top.price)
      top = next.line
    }
    var value = Value(
      cost: top.height + slope * (price - top.price), slopes: .init(repeating: 0, count: dimension),
      cuts: [top.cut].compactMap { $0 })
    // At a crossing on both sides of the price, both cuts decide.
    var shares = [(top.cut, 1.0)]
    if let other, top.price < price {
      let share = (price - top.price) / (other.price - top.price)
      shares = [(top.cut, 1 - share), (other.cut, share)]
    }
    for (cut, share) in shares {
      // The floor is the same at all storages.
      guard let cut else { continue }
      for component in 0..<(dimension - 1) { value.slopes[component] += share * slopes[cut * dimension + component] }
    }
    value.slopes[dimension - 1] = slope
    return value
  }
}
