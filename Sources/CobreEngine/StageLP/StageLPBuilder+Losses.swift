internal import CobreCase

extension StageLPBuilder {
  /// Losses ℓ of a line with a resistance, half of them at each end: c f² with c = r / S and f = f⁺ + f⁻ (at a voltage
  /// of 1 per unit).
  ///
  /// Tangents at equal distances up to the capacity bound them from below: ℓ ≥ c (2 p f − p²). Where power has no value
  /// a program would lose more than that; the chord ℓ ≤ c · capacity · f bounds it from above, and both directions
  /// share the capacity, so that no power goes in a circle to be lost.
  mutating func addLosses(
    of line: Line, _ index: Int, block: Int, capacity: LineLimits, ends: (source: Int, target: Int),
    layout: inout StageLPLayout
  ) {
    let position = index * layout.blocks + block
    let flows = [(layout.lineDirect[position], capacity.direct), (layout.lineReverse[position], capacity.reverse)]
    let most = max(capacity.direct, capacity.reverse)
    guard line.resistance != nil, most > 0 else { return }
    let factor = line.lossFactor
    let loss = addColumn()
    layout.lineLoss[position] = loss
    for end in [ends.source, ends.target] { add(-0.5, row: end, column: loss) }
    for piece in 1...line.lossPieces {
      let point = most * Double(piece) / Double(line.lossPieces)
      let row = addRow(lower: -factor * point * point, upper: .infinity)
      add(1, row: row, column: loss)
      for case (let column?, _) in flows { add(-2 * factor * point, row: row, column: column) }
    }
    let chord = addRow(lower: -.infinity, upper: 0)
    add(1, row: chord, column: loss)
    for case (let column?, let capacity) in flows { add(-factor * capacity, row: chord, column: column) }
    guard let direct = flows[0].0, let reverse = flows[1].0 else { return }
    let shared = addRow(lower: -.infinity, upper: 1)
    add(1 / capacity.direct, row: shared, column: direct)
    add(1 / capacity.reverse, row: shared, column: reverse)
  }
}
