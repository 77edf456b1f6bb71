/// How far what bounds a cost from above lies above its lower bound.
///
/// Everything that judges a gap asks it here: stopping rules, reports of iterations, verdicts on runs, exported tables.
package struct BoundGap: Sendable, Equatable {
  /// By how much bounds that meet may cross, as a share of them: what the tolerances of the LPs leave open.
  package static let rounding = 1e-6

  /// In $.
  package let lower: Double
  /// In $.
  package let upper: Double
  /// Half the 95 % interval of `upper`, in $: 0 where it is proven, infinite where one trajectory gives none.
  package let halfWidth: Double
  /// Whether the cost cannot exceed `upper`.
  ///
  /// Otherwise it is the mean of a sample.
  package let isProven: Bool

  /// To an upper bound that the cost cannot exceed.
  package init(lower: Double, proven upper: Double) {
    self.lower = lower
    self.upper = upper
    halfWidth = 0
    isProven = true
  }

  /// To the mean cost of a sample, which bounds something only where every stage takes expectations.
  package init(lower: Double, mean upper: Double, halfWidth: Double) {
    self.lower = lower
    self.upper = upper
    self.halfWidth = halfWidth
    isProven = false
  }

  /// In $, negative where the bounds cross.
  package var distance: Double { upper - lower }
  /// max(1, |upper|), in $: what shares are of.
  package var scale: Double { max(1, abs(upper)) }
  /// max(1, |lower|), in $: what Novomodelo's shares are of.
  package var lowerScale: Double { max(1, abs(lower)) }

  /// Distance as a share of the upper bound.
  package var share: Double { distance / scale }
  /// Half width as a share of the upper bound.
  package var halfWidthShare: Double { halfWidth / scale }
  /// Distance to the upper end of the interval as a share of the upper bound.
  package var farShare: Double { (upper + halfWidth - lower) / scale }

  /// Whether a proven upper bound lies below the lower one, so that one of them is wrong.
  ///
  /// A sampled one may, by chance.
  package var isContradiction: Bool { isProven && share < -Self.rounding }

  /// Whether the bounds lie within a share of the upper one: proven ones in their order, sampled ones on either side.
  ///
  /// The half width of a sampled one must be within it as well. Otherwise one lucky draw would be enough.
  package func isWithin(_ tolerance: Double) -> Bool {
    guard !isContradiction else { return false }
    return (isProven ? share : abs(share)) <= tolerance && halfWidthShare <= tolerance
  }
}
