/// The meaning of each component of the state: storages, the inflow memory of each plant that has one, the deliveries
/// committed for anticipated thermal plants, water on its way between plants, the contents of batteries, and prices.
package struct StateLayout: Sendable, Equatable {
  /// Number of hydros.
  ///
  /// Component h is the storage of hydro h.
  package let hydros: Int
  /// Number of lags of each hydro, 0 where its inflow has no memory.
  package let lagCounts: [Int]
  /// First lag component of each hydro.
  private let firstLags: [Int]
  /// Whether plants with lags also carry the sum of the running lag period.
  package let hasSums: Bool
  /// Components of the inflow memory of all plants.
  package let lags: Range<Int>
  /// Pending deliveries of each thermal plant.
  package let commitmentCounts: [Int]
  private let firstCommitments: [Int]
  /// Stages that water on its way to each hydro still needs at most.
  package let transitCounts: [Int]
  private let firstTransits: [Int]
  /// Components of the contents of batteries, in their order.
  package let batteries: Range<Int>
  /// Components of prices, in the order of their processes: objective states.
  package let prices: Range<Int>
  /// Number of components.
  package let dimension: Int

  /// - Parameters:
  ///   - lagCounts: by hydro.
  ///   - hasSums: whether plants with lags carry the sum of the running lag period.
  ///   - commitmentCounts: by thermal plant.
  ///   - transitCounts: by hydro (empty = none).
  ///   - batteries: number of batteries.
  ///   - prices: number of price processes.
  package init(
    lagCounts: [Int], hasSums: Bool, commitmentCounts: [Int] = [], transitCounts: [Int] = [], batteries: Int = 0,
    prices: Int = 0
  ) {
    hydros = lagCounts.count
    self.lagCounts = lagCounts
    self.hasSums = hasSums
    self.commitmentCounts = commitmentCounts
    self.transitCounts = transitCounts
    var next = lagCounts.count
    func starts(_ counts: [Int]) -> [Int] {
      counts.map { count in
        defer { next += count }
        return next
      }
    }
    firstLags = starts(lagCounts.map { $0 > 0 ? $0 + (hasSums ? 1 : 0) : 0 })
    lags = lagCounts.count..<next
    firstCommitments = starts(commitmentCounts)
    firstTransits = starts(transitCounts)
    self.batteries = next..<(next + batteries)
    self.prices = (next + batteries)..<(next + batteries + prices)
    dimension = next + batteries + prices
  }

  /// Whether any inflow has a memory.
  package var hasLags: Bool { !lags.isEmpty }

  /// Component of a lag, from 1.
  package func lag(_ lag: Int, hydro: Int) -> Int { firstLags[hydro] + lag - 1 }

  /// Component of the sum of the running lag period, or nil if the plant has none.
  package func sum(hydro: Int) -> Int? {
    hasSums && lagCounts[hydro] > 0 ? firstLags[hydro] + lagCounts[hydro] : nil
  }

  /// Components of the inflow memory of a plant, lags first.
  package func memory(hydro: Int) -> Range<Int> {
    let count = lagCounts[hydro]
    return firstLags[hydro]..<(firstLags[hydro] + (count > 0 ? count + (hasSums ? 1 : 0) : 0))
  }

  /// Component of what a thermal plant delivers some stages later, from 1.
  package func commitment(_ ahead: Int, thermal: Int) -> Int {
    firstCommitments[thermal] + ahead - 1
  }

  /// Component of the water that reaches a hydro some stages later, from 1.
  package func transit(_ ahead: Int, hydro: Int) -> Int { firstTransits[hydro] + ahead - 1 }
}
