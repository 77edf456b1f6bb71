/// The cuts of a trained policy in natural units, flat, the same bytes on every rank.
package struct Policy: Sendable, Equatable {
  /// The cuts of one pool: cost-to-go after the stage ≥ intercept + Σ_j slope_j · state_j, undiscounted.
  package struct Pool: Sendable, Equatable {
    /// Intercepts in $, one per cut, in order of creation.
    package var intercepts: [Double]
    /// Slopes in $ per unit of state ($/hm³ for storage), row per cut: `[cut * stateDimension + component]`.
    package var slopes: [Double]
    /// Future costs that the cuts speak of in turn: 1, or the openings of the next stage with multi-cut.
    package var groups: Int
    /// Cuts that take no part in programs any more, ascending.
    package var inactive: [Int]
    package var count: Int { intercepts.count }

    package init(intercepts: [Double] = [], slopes: [Double] = [], groups: Int = 1, inactive: [Int] = []) {
      self.intercepts = intercepts
      self.slopes = slopes
      self.groups = groups
      self.inactive = inactive
    }

    /// A copy of the cuts of a pool.
    init(_ pool: CutPool) {
      self.init(
        intercepts: (0..<pool.count).map { pool.intercept($0) },
        slopes: (0..<pool.count).flatMap { slot in (0..<pool.dimension).map { pool.slope(slot, $0) } },
        groups: pool.groups, inactive: pool.inactiveSlots)
    }
  }

  /// Components of the state, in the order of `StateLayout`: storages first, by plant.
  package var stateDimension: Int
  /// Pools by the stage they follow, the last one empty unless the horizon is cyclic or has boundary cuts.
  package var pools: [Pool]

  package init(stateDimension: Int, pools: [Pool]) {
    self.stateDimension = stateDimension
    self.pools = pools
  }
}
