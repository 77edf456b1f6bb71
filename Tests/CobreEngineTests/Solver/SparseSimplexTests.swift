import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// The project's own simplex on programs that are large enough for sparse factors, and whose optimum is known.
@Suite(.enabled(if: SolverLibrary.built.contains(.simplex), "this processor lacks AVX2"))
struct SparseSimplexTests {
  /// Goods made in one period and kept for later ones.
  ///
  /// sₜ − sₜ₋₁ − pₜ = −dₜ at the cost Σ cₜ pₜ: each demand is met by the cheapest period so far, so that the optimum is
  /// Σ dₜ · min c over the periods up to t, and the dual of row t is −that minimum.
  private struct Stocks {
    var costs: [Double]
    var demands: [Double]

    init(periods: Int) {
      var random = TestRandom(seed: 3, label: "stocks")
      costs = (0..<periods).map { 1000 - Double($0) + 400 * random.unit() }
      demands = (0..<periods).map { _ in 1 + 9 * random.unit() }
    }

    var model: LPModel {
      let periods = costs.count
      var entries: [(row: Int, column: Int, value: Double)] = []
      for period in 0..<periods {
        entries.append((period, period, 1))
        if period > 0 { entries.append((period, period - 1, -1)) }
        entries.append((period, periods + period, -1))
      }
      return LPModel(
        columnLower: Array(repeating: 0, count: 2 * periods),
        columnUpper: Array(repeating: .infinity, count: 2 * periods),
        objective: Array(repeating: 0, count: periods) + costs, rowLower: demands.map { -$0 },
        rowUpper: demands.map { -$0 }, entries: entries)
    }

    /// Cheapest cost up to each period.
    var prices: [Double] {
      var least = Double.infinity
      return costs.map {
        least = min(least, $0)
        return least
      }
    }

    func check(_ solver: borrowing SimplexSolver, sourceLocation: SourceLocation = #_sourceLocation) {
      let periods = costs.count
      let prices = prices
      let duals = solver.rowDuals
      var cost = 0.0
      var expected = 0.0
      for period in 0..<periods {
        cost += costs[period] * solver.columnValues[periods + period]
        expected += demands[period] * prices[period]
      }
      #expect(abs(cost - expected) <= 1e-10 * expected, sourceLocation: sourceLocation)
      #expect(
        (0..<periods).allSatisfy { abs(duals[$0] + prices[$0]) <= 1e-9 * prices[$0] },
        sourceLocation: sourceLocation)
    }
  }

  @Test func solvesAChainOfPeriods() throws {
    var stocks = Stocks(periods: SimplexSolver.denseRows + 100)
    let storage = LPModelStorage(stocks.model)
    var solver = try SimplexSolver()
    try solver.load(storage.view)
    try solver.solve(.changed)
    stocks.check(solver)
    // Other demands, from the basis at hand.
    let periods = stocks.costs.count
    for period in 0..<periods {
      stocks.demands[period] = 11 - stocks.demands[period]
      solver.rowLower[period] = -stocks.demands[period]
      solver.rowUpper[period] = -stocks.demands[period]
    }
    try solver.solve(.hot)
    stocks.check(solver)
    // The cheapest period of the first half makes no more: a row that joins says p ≤ 0.
    let half = stocks.costs.prefix(periods / 2)
    let closed = try #require(half.indices.min { half[$0] < half[$1] })
    try [-Double.infinity].withUnsafeBufferPointer { lower in
      try [0.0].withUnsafeBufferPointer { upper in
        try solver.addRows(
          lower: lower, upper: upper, starts: [0, 1], columns: [Int32(periods + closed)], values: [1])
      }
    }
    try solver.solve(.changed)
    stocks.costs[closed] = 1e9
    stocks.check(solver)
    // A basis brought back gives the same point at once, and a load forgets everything.
    let basis = (0..<(3 * periods + 1)).map { solver.basis[$0] }
    #expect(basis.count { $0 == BasisStatus.basic } == periods + 1)
    #expect(solver.fallbacks == 0)
    try solver.load(storage.view)
    try solver.solve(.changed)
    var fresh = try SimplexSolver()
    try fresh.load(storage.view)
    try fresh.solve(.changed)
    #expect((0..<(2 * periods)).allSatisfy { solver.columnValues[$0] == fresh.columnValues[$0] })
  }

  @Test func anyStatusesGiveABasis() throws {
    let stocks = Stocks(periods: SimplexSolver.denseRows + 1)
    let storage = LPModelStorage(stocks.model)
    var solver = try SimplexSolver()
    let size = 3 * stocks.costs.count
    for wrong: [UInt8] in [
      Array(repeating: 1, count: size), Array(repeating: 3, count: size), (0..<size).map { UInt8($0 % 4) },
    ] {
      try solver.load(storage.view)
      solver.setBasis(wrong)
      try solver.solve(.changed)
      stocks.check(solver)
    }
    #expect(solver.fallbacks == 0)
  }

  @Test func saysWhyThereIsNoSolution() throws {
    var model = Stocks(periods: SimplexSolver.denseRows + 1).model
    model.columnUpper[model.columnCount - model.rowCount] = 0
    #expect(performing: { try model.solved(by: .simplex) }, throws: { ($0 as? LPError)?.code == .infeasible })
    model = Stocks(periods: SimplexSolver.denseRows + 1).model
    model.objective[model.columnCount - 1] = -1
    #expect(performing: { try model.solved(by: .simplex) }, throws: { ($0 as? LPError)?.code == .unbounded })
    model.objective[model.columnCount - 1] = .nan
    #expect(performing: { try model.solved(by: .simplex) }, throws: { ($0 as? LPError)?.code == .notSolved })
  }
}
