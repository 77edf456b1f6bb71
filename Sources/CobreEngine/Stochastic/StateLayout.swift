/// Which component of the state stands for what: storages first, then the inflow memory of each plant that has one.
package struct StateLayout: Sendable, Equatable {
  /// Number of hydros; component h is the storage of hydro h.
  package let hydros: Int
  /// Number of lags of each hydro, 0 where its inflow has no memory.
  package let lagCounts: [Int]
  /// First lag component of each hydro.
  private let firstLags: [Int]
  /// Whether plants with lags also carry the sum of the running lag period.
  package let hasSums: Bool
  /// Number of components.
  package let dimension: Int

  package init(lagCounts: [Int], hasSums: Bool) {
    hydros = lagCounts.count
    self.lagCounts = lagCounts
    self.hasSums = hasSums
    var next = lagCounts.count
    var first: [Int] = []
    for count in lagCounts {
      first.append(next)
      if count > 0 { next += count + (hasSums ? 1 : 0) }
    }
    firstLags = first
    dimension = next
  }

  /// Whether any inflow has a memory.
  package var hasLags: Bool { dimension > hydros }

  /// Component of a lag, from 1.
  package func lag(_ lag: Int, hydro: Int) -> Int { firstLags[hydro] + lag - 1 }

  /// Component of the sum of the running lag period; nil where the plant has none.
  package func sum(hydro: Int) -> Int? {
    hasSums && lagCounts[hydro] > 0 ? firstLags[hydro] + lagCounts[hydro] : nil
  }

  /// Components of the inflow memory of a plant, lags first.
  package func memory(hydro: Int) -> Range<Int> {
    let count = lagCounts[hydro]
    return firstLags[hydro]..<(firstLags[hydro] + (count > 0 ? count + (hasSums ? 1 : 0) : 0))
  }
}
