internal import Foundation

extension KnownProblem {
  /// Hydro-thermal problem of the FAST toolbox, with 2 and 5 stages.
  package static let fast: [KnownProblem] = [2, 5].map { stages in
    let later: [(inflow: Double, load: Double)] = [(2, 6), (10, 6)]
    return KnownProblem(
      "FAST, \(stages) stages", optimum: stages == 2 ? 10 : 23.75,
      Shape(
        storage: (0, 8, 0), prices: .init(repeating: 5, count: stages),
        openings: [[(6, 6)]] + .init(repeating: later, count: stages - 1)))
  }

  private static let firstStepsOpenings: [(inflow: Double, load: Double)] = [(0, 150), (50, 150), (100, 150)]

  private static func firstSteps(_ risk: (alpha: Double, lambda: Double)?) -> Shape {
    Shape(
      storage: (0, 200, 200), prices: [50, 100, 150], openings: .init(repeating: firstStepsOpenings, count: 3),
      risk: risk)
  }

  /// First tutorial of SDDP.jl: three stages with rising fuel prices.
  package static let firstSteps = KnownProblem("first steps", optimum: 25000 / 3, firstSteps(nil))

  /// The same with nested risk, the measure taken at the root too.
  package static let riskAverse: [KnownProblem] = [
    KnownProblem("first steps, half CVaR 0.5", optimum: 11458.333333333334, firstSteps((0.5, 0.5))),
    KnownProblem("first steps, worst case", optimum: 17500, firstSteps((1.0 / 3, 1))),
    KnownProblem("first steps, half CVaR 0.2", optimum: 13750, firstSteps((0.2, 0.5))),
    KnownProblem("first steps, a fifth CVaR 0.05", optimum: 10400, firstSteps((0.05, 0.2))),
  ]

  /// The same with the expectation at the root: a stage without load or water precedes the others and weights the
  /// outcomes of the first of them.
  package static let riskAverseBehindRoot: [KnownProblem] = [
    ((0.5, 0.5), 10625), ((1.0 / 3, 1), 15000), ((0.2, 0.5), 12500), ((0.05, 0.2), 9900),
  ].map { (risk: (Double, Double), optimum: Double) in
    var shape = firstSteps(risk)
    shape.prices.insert(50, at: 0)
    shape.openings.insert([(0, 0)], at: 0)
    shape.firstRisk = 1
    return KnownProblem("first steps behind a root, \(risk.1) CVaR \(risk.0)", optimum: optimum, shape)
  }

  /// One reservoir where spilling is dear and load goes with inflow (SDDP.jl `test/Inner.jl`).
  ///
  /// The last ten-thousandth of a long horizon hangs on paths that are seldom drawn, hence the tolerance.
  package static func dearSpill(stages: Int, optimum: Double, tolerance: Double = 1e-5) -> KnownProblem {
    KnownProblem(
      "dear spill, \(stages) stages", optimum: optimum, tolerance: tolerance,
      Shape(
        storage: (5, 15, 10), prices: .init(repeating: 1, count: stages), spill: 10, surplus: 1e4,
        openings: .init(repeating: [(0, 7.5), (5, 5), (10, 2.5)], count: stages)))
  }

  private static let dearSpillOpenings: [(inflow: Double, load: Double)] = [(0, 7.5), (5, 5), (10, 2.5)]

  /// `dearSpill` for ever with discount 0.9 (SDDP.jl `infinite_horizon_hydro_thermal.jl`), as two equal stages.
  package static let endless = KnownProblem(
    "dear spill for ever", optimum: 119.16666666666667,
    Shape(
      storage: (5, 15, 10), prices: [1, 1], spill: 10, surplus: 1e4,
      openings: .init(repeating: dearSpillOpenings, count: 2), cycle: [0.9, 0.9]))

  /// Three seasons for ever, discount 0.95 on the closing arc alone (SDDP.jl `Hydro_thermal.jl`).
  package static let seasons = KnownProblem(
    "three seasons for ever", optimum: 236.4366716, tolerance: 1e-4,
    Shape(
      storage: (5, 15, 10), prices: [1, 2, 3], spill: 1, surplus: 1e4,
      openings: .init(repeating: [(0, 7.5), (3, 5), (10, 2.5)], count: 3), cycle: [1, 1, 0.95]))

  /// Stock sold at prices that move, with ten outcomes in each of five stages (SDDP.jl
  /// `StochDynamicProgramming.jl_stock.jl`): all costs are negative, so 0 is no bound on the future.
  package static let stock = KnownProblem(
    "stock", optimum: -1.4710749176,
    Shape(
      storage: (0, 1, 0.5), prices: .init(repeating: 1e4, count: 5), spill: 1e3,
      openings: .init(repeating: (0...9).map { (Double($0) / 30, 0) }, count: 5), maxTurbined: 0.5,
      salePrices: (1...5).map { sin(3 * Double($0)) - 1 }))
}
