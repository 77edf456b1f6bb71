import CobreBase
import CobreCase
import CobreEngine
import Testing

@Suite struct NoiseCorrelationTests {
  private static func group(_ members: [(String, Int)], _ matrix: [[Double]]) -> JSONValue {
    [
      "name": "G", "entities": .array(members.map { ["type": .string($0.0), "id": .int(Int64($0.1))] }),
      "matrix": .array(matrix.map { .array($0.map(JSONValue.double)) }),
    ]
  }

  private static func correlated(_ source: NoisyCase, _ profiles: JSONValue, schedule: JSONValue? = nil) throws
    -> OpeningNoise
  {
    var draft = source.draft
    draft.write("scenarios/correlation.json", "{}")
    draft.set("scenarios/correlation.json", "method", "spectral")
    draft.set("scenarios/correlation.json", "profiles", profiles)
    if let schedule { draft.set("scenarios/correlation.json", "schedule", schedule) }
    return OpeningNoise(study: try NoisyCase.study(of: draft), seed: Int64(source.seed))
  }

  /// Sample correlation of two series.
  private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
    let n = Double(x.count)
    let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - mx) * (a - mx)
      yy += (b - my) * (b - my)
      xy += (a - mx) * (b - my)
    }
    return xy / (xx * yy).squareRoot()
  }

  /// 10⁵ draws at a fixed seed: deviation of a sample correlation r is (1 − ρ²)/√n; four of them are allowed.
  @Test func drawsHaveTheGivenCorrelation() throws {
    let matrix = [[1, 0.7, -0.3], [0.7, 1, 0.1], [-0.3, 0.1, 1]]
    let noise = try Self.correlated(
      NoisyCase(hydros: [2, 5, 9], buses: [1, 4], sources: [], stages: 2, openings: 50_000),
      ["default": ["correlation_groups": [Self.group([("inflow", 2), ("inflow", 5), ("inflow", 9)], matrix)]]])
    #expect(noise.layout.dimension == 5)
    // Months have noise of their own, so the two stages make one sample.
    let series = (0..<5).map { noise.series(stage: 0, component: $0) + noise.series(stage: 1, component: $0) }
    for i in 0..<5 {
      for j in 0..<i {
        let expected = i < 3 ? matrix[i][j] : 0
        let tolerance = 4 * (1 - expected * expected) / 1e5.squareRoot()
        #expect(abs(Self.correlation(series[i], series[j]) - expected) < tolerance, "\(i), \(j)")
      }
      let variance = series[i].reduce(0) { $0 + $1 * $1 } / 1e5
      #expect(abs(variance - 1) < 4 * (2 / 1e5).squareRoot())
    }
  }

  @Test func scheduleChoosesTheProfile() throws {
    let plants = [("inflow", 3), ("inflow", 5)]
    let profiles: JSONValue = [
      "default": ["correlation_groups": []],
      "wet": ["correlation_groups": [Self.group(plants, [[1, 1], [1, 1]])]],
    ]
    let source = NoisyCase(stages: 3)
    let noise = try Self.correlated(source, profiles, schedule: [["stage_id": 1, "profile_name": "wet"]])
    let free = try source.noise()
    #expect(noise.values[0] == free.values[0] && noise.values[2] == free.values[2])
    // The root of all ones is all ½·√2: both plants have the same noise.
    let half = 0.5.squareRoot()
    for opening in 0..<4 {
      let both = [0, 1].map { free.series(stage: 1, component: $0)[opening] }
      for component in 0..<2 {
        let value = noise.series(stage: 1, component: component)[opening]
        #expect(abs(value - half * (both[0] + both[1])) < 1e-14)
      }
      for component in 2..<5 {
        #expect(
          noise.series(stage: 1, component: component)[opening] == free.series(stage: 1, component: component)[opening])
      }
    }
  }

  @Test func loadsAndSourcesHaveGroupsOfTheirOwn() throws {
    let profile: JSONValue = [
      "areas": [
        "correlation_groups": [
          Self.group([("load", 4), ("load", 1)], [[1, 0.6], [0.6, 1]]),
          Self.group([("ncs", 8), ("ncs", 2)], [[1, -0.6], [-0.6, 1]]),
        ]
      ]
    ]
    let source = NoisyCase(sources: [2, 8])
    let noise = try Self.correlated(source, profile)
    let free = try source.noise()
    let (diagonal, other) = ((1.6.squareRoot() + 0.4.squareRoot()) / 2, (1.6.squareRoot() - 0.4.squareRoot()) / 2)
    for (first, sign) in [(2, 1.0), (4, -1.0)] {
      let series = [first, first + 1].map { free.series(stage: 1, component: $0) }
      for (component, opposite) in [(0, 1), (1, 0)] {
        let values = noise.series(stage: 1, component: first + component)
        for opening in values.indices {
          let expected = diagonal * series[component][opening] + sign * other * series[opposite][opening]
          #expect(abs(values[opening] - expected) < 1e-14)
        }
      }
    }
    #expect(noise.series(stage: 1, component: 0) == free.series(stage: 1, component: 0))
  }

  /// A group counts only as a whole: a load without deviation has no noise to correlate.
  @Test func groupsWithAMemberWithoutNoiseHaveNoEffect() throws {
    var source = NoisyCase(buses: [1, 4]).draft
    source.write(
      "scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw\n1,0,50,4\n1,1,50,4\n4,0,50,0\n4,1,50,0\n")
    let free = OpeningNoise(study: try NoisyCase.study(of: source), seed: 1)
    source.write("scenarios/correlation.json", #"{"method": "cholesky"}"#)
    source.set(
      "scenarios/correlation.json", "profiles.default.correlation_groups[0]",
      Self.group([("load", 1), ("load", 4)], [[1, 0.5], [0.5, 1]]))
    #expect(OpeningNoise(study: try NoisyCase.study(of: source), seed: 1).values == free.values)
  }

  @Test func orderOfMembersChangesNoBit() throws {
    let forward = Self.group(
      [("inflow", 2), ("inflow", 5), ("inflow", 9)], [[1, 0.7, -0.3], [0.7, 1, 0.1], [-0.3, 0.1, 1]])
    let other = Self.group(
      [("inflow", 9), ("inflow", 2), ("inflow", 5)], [[1, -0.3, 0.1], [-0.3, 1, 0.7], [0.1, 0.7, 1]])
    let source = NoisyCase(hydros: [2, 5, 9])
    let reversed = NoisyCase(hydros: [2, 5, 9], isReversed: true)
    let first = try Self.correlated(source, ["default": ["correlation_groups": [forward]]])
    #expect(try Self.correlated(source, ["default": ["correlation_groups": [other]]]) == first)
    #expect(try Self.correlated(reversed, ["default": ["correlation_groups": [other]]]) == first)
  }
}
