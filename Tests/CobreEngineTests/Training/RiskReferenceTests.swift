internal import CobreCase
internal import CobreEngine
internal import Testing

/// Weights of risk measures against numbers of other programs.
@Suite struct RiskReferenceTests {
  struct Reference: Sendable {
    var costs: [Double]
    var probabilities: [Double]
    /// Two coordinates of each outcome.
    var points: [Double]
    /// Of the measures below, in their order.
    var values: [Double]

    /// Root of the mean square of the differences.
    var distances: OutcomeDistances {
      let count = costs.count
      return OutcomeDistances(
        count: count,
        distances: (0..<(count * count)).map { pair in
          let (left, right) = (pair / count, pair % count)
          let (x, y) = (points[2 * left] - points[2 * right], points[2 * left + 1] - points[2 * right + 1])
          return ((x * x + y * y) / 2).squareRoot()
        })
    }
  }

  private static let measures: [RiskMeasure] =
    [0.05, 0.3, 0.9].map { .wasserstein(radius: $0) } + [0.2, 0.8, 1.6].map { .modifiedChiSquared(radius: $0) }
    + [0.02, 0.3, 1.5].map { .entropic(gamma: $0) } + [0.15, 0.6].map { .cvar(alpha: $0, lambda: 0.7) }

  /// Values by `Tests/python/risk_reference.py`: HiGHS and SLSQP of scipy 1.17.
  private static let references: [Reference] = [
    Reference(
      costs: [8.77, 7.31, 0.7, 1.6, 8.48, -1.94, 7.85],
      probabilities: [0.136, 0.293, 0.222, 0.2, 0.057, 0.03, 0.062],
      points: [-0.93, 0.03, -0.07, 0.83, 0.26, 0.03, -0.01, -0.5, -0.98, -0.62, 0.38, -0.6, -0.26, -0.99],
      values: [
        5.563449937, 8.106644833, 8.770000000, 5.428198500, 7.528220192, 8.477397783, 4.845778167, 6.243164324,
        7.764476362, 7.536596333, 6.535654667,
      ]),
    Reference(
      costs: [7.96, -0.15, 1.21, 8.56, 4.12, 8.17],
      probabilities: [0.138, 0.028, 0.142, 0.453, 0.043, 0.196],
      points: [0.63, -0.24, 0.96, 0.18, 0.21, 0.28, 0.35, -0.7, -0.12, -0.52, -0.2, -0.81],
      values: [
        7.755889242, 8.560000000, 8.560000000, 7.489371061, 8.489797344, 8.560000000, 7.000357311, 7.696066899,
        8.239540264, 8.068678000, 8.001793000,
      ]),
    Reference(
      costs: [0.58, 0.58, 1.61, 8.49, 5.95],
      probabilities: [0.136, 0.241, 0.109, 0.398, 0.116],
      points: [0.77, 0.28, 0.14, -0.25, -0.18, -0.52, -0.92, 0.75, -0.06, 0.1],
      values: [
        5.405330313, 7.382050838, 8.490000000, 5.192266693, 7.378956774, 8.490000000, 4.596199139, 6.186931826,
        7.880097878, 7.282011000, 6.247971000,
      ]),
    Reference(
      costs: [1.87, 7.02, -1.7, 2.47, -1.64, -0.53, 9.61],
      probabilities: [0.121, 0.175, 0.075, 0.18, 0.134, 0.254, 0.061],
      points: [0.51, 0.62, -0.73, -0.16, 0.63, -0.97, 0.26, 0.59, 0.03, 0.45, -0.55, -0.6, -0.27, -0.64],
      values: [
        4.538700000, 7.622907210, 9.610000000, 2.708328308, 4.822213232, 7.322405963, 2.130090951, 4.138458644,
        7.783650343, 6.252396667, 3.461998333,
      ]),
    Reference(
      costs: [9.38, 4.88, 2.08, 1.26],
      probabilities: [0.055, 0.642, 0.199, 0.104],
      points: [-0.15, 0.76, -0.18, 0.85, -0.86, -0.14, 0.04, 0.9],
      values: [
        7.420173599, 9.380000000, 9.380000000, 4.571493118, 5.694030598, 6.711659848, 4.229708709, 4.796207116,
        7.455483301, 5.829146000, 4.962896000,
      ]),
    Reference(
      costs: [1.01, 7.67, 6.12, 6.61],
      probabilities: [0.353, 0.275, 0.174, 0.198],
      points: [-0.78, 0.21, -0.04, 0.19, 0.32, -0.39, 0.92, -0.07],
      values: [
        5.475603799, 7.507194014, 7.670000000, 5.415147033, 7.092799579, 7.658726796, 4.921455861, 5.832504535,
        6.935738121, 6.820832000, 6.346313667,
      ]),
  ]

  @Test(arguments: references) func solversAgree(reference: Reference) {
    for (measure, wanted) in zip(Self.measures, reference.values) {
      let result = measure.weighting(
        costs: reference.costs, probabilities: reference.probabilities, distances: reference.distances)
      // SLSQP ends about 1e-8 from the optimum.
      #expect(abs(result.value(reference.costs) - wanted) < 2e-7, "\(measure)")
      #expect(abs(result.weights.reduce(0, +) - 1) < 1e-14 && result.weights.allSatisfy { $0 >= 0 })
    }
  }

  /// `test/plugins/risk_measures.jl` of SDDP.jl, whose radius is the Euclidean one: r / √N for N equal probabilities.
  @Test(
    arguments: [
      (0.25, [0.279057, 0.358114, 0.2, 0.120943, 0.0418861]), (0.4, [0.324162, 0.472486, 0.175838, 0.027514, 0]),
      (0.8.squareRoot(), [0, 1, 0, 0, 0]), (0, [0.2, 0.2, 0.2, 0.2, 0.2]), (6, [0, 1, 0, 0, 0]),
    ] as [(Double, [Double])])
  func publishedChiSquaredWeights(radius: Double, expected: [Double]) {
    let measure = RiskMeasure.modifiedChiSquared(radius: radius * 5.0.squareRoot())
    let weights = measure.weights(
      costs: [-2, -1, -3, -4, -5], probabilities: [0.2, 0.2, 0.2, 0.2, 0.2])
    #expect(zip(weights, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(weights)")
  }

  /// The same file: outcomes on a line, 0.1 of probability × distance.
  @Test func publishedWassersteinWeights() {
    let line = [0.5, 0.3, 0.6, 0.4]
    let distances = OutcomeDistances(count: 4, distances: line.flatMap { x in line.map { abs(x - $0) } })
    let probabilities = [0.1, 0.2, 0.3, 0.4]
    func weights(_ radius: Double, _ costs: [Double]) -> [Double] {
      RiskMeasure.wasserstein(radius: radius).weights(
        costs: costs, probabilities: probabilities, distances: distances)
    }
    let middle = weights(0.1, [-1.1, -1.2, -0.6, -1.3])
    #expect(zip(middle, [0, 1.0 / 6, 5.0 / 6, 0]).allSatisfy { abs($0 - $1) < 1e-12 }, "\(middle)")
    #expect(weights(10, [1.1, 1.2, 0.6, 1.3]) == [0, 0, 0, 1])
    #expect(weights(0, [1.1, 1.2, 0.6, 1.3]) == probabilities)
  }
}
