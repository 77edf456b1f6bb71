import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Planes that Novomodelo 0.19.1 fits to one plant: levels 400/420/430 m at 0/100/200 hm³, 50 m³/s, 50 MW, efficiency
/// 0.9.
@Suite struct HullFitTests {
  private static let level = LinearCurve([(0, 400), (100, 420), (200, 430)])
  private static let linear = ProductionFunction(
    level: level, tail: .polynomial([300, 0.02]), losses: .factor(0.03), efficiency: 0.9)
  private static let curved = ProductionFunction(
    level: level, tail: .polynomial([300, 0.05, -0.0002]), losses: .constant(2), efficiency: 0.9)

  private static func settings(_ change: (inout HullFit.Settings) -> Void = { _ in }) -> HullFit.Settings {
    var settings = HullFit.Settings(minStorage: 0, maxStorage: 200, maxTurbined: 50, maxGeneration: 50)
    change(&settings)
    return settings
  }

  /// Whether both lists hold the same planes.
  ///
  /// The order of planes that do not rise with the volume is left open.
  private static func agree(_ planes: [ProductionPlane], _ expected: [[Double]]) -> Bool {
    planes.count == expected.count
      && expected.allSatisfy { row in
        planes.contains { plane in
          zip([plane.constant, plane.volume, plane.turbined, plane.spilled], row).allSatisfy { abs($0 - $1) < 1e-9 }
        }
      }
  }

  @Test func theLinearTailraceGivesTenPlanes() throws {
    let planes = try HullFit(Self.linear, Self.settings()).fit()
    let expected = [
      [0.318839092, 0.0850237579, 0.835358421, -0.0078504525],
      [0.159419546, 0.0839609609, 0.8396096089, -0.0064230975],
      [0.0531398487, 0.0818353669, 0.8438607967, -0.0049957425], [0, 0.078646976, 0.8481119846, -0.0035683875],
      [0, 0.066030241, 0.8607287196, -0.0055666845], [0, 0.0318428606, 0.9291034805, -0.0048173231],
      [0, 0.0007970977, 1.0946808824, -0.003425652], [0, 0.0002656992, 1.0989320703, -0.0021410325],
      [15.921430295, 0, 0.6743605958, -0.0080288719], [0, 0, 1.1031832582, -0.0003568388],
    ]
    #expect(Self.agree(planes, expected), "\(planes)")
    // The hull's order: falling slope in the volume.
    #expect(planes[0].volume > planes[7].volume)
  }

  @Test func twoPointsEachWayGiveTwoPlanes() throws {
    let settings = Self.settings {
      $0.volumePoints = 2
      $0.turbinePoints = 2
    }
    let planes = try HullFit(Self.linear, settings).fit()
    #expect(Self.agree(planes, [[0, 0.0380377825, 0.84784887, -0.00570942], [0, 0, 1, -0.00285471]]), "\(planes)")
  }

  @Test func bothFitRangesCount() throws {
    let settings = Self.settings {
      $0.turbinedFitMax = 40
      $0.spillageFitMax = 20
    }
    let planes = try HullFit(Self.curved, settings).fit()
    let expected = [
      [0.376234885, 0.0696731268, 0.8294585751, -0.0105236409],
      [0.2090193805, 0.0691157418, 0.8350324253, -0.0090899167],
      [0.0766404395, 0.0677919524, 0.8416513723, -0.0077220806], [0, 0.0654927392, 0.8493154163, -0.0054054564],
      [0, 0.0348365634, 0.9259558558, -0.0076582424], [0, 0.0018811744, 1.0907328008, -0.0066924699],
      [0, 0.0010450969, 1.096306651, -0.0053659236], [0, 0.0003832022, 1.102925598, -0.0036538882],
      [0, 0, 1.110589642, -0.0006325254],
    ]
    #expect(Self.agree(planes, expected), "\(planes)")
  }

  @Test(arguments: [(0.5, 8), (1, 5), (5, 4)])
  func similarAnglesAreMerged(degrees: Double, count: Int) throws {
    let planes = try HullFit(Self.curved, Self.settings()).fit(reduction: .angle(degrees: degrees))
    #expect(planes.count == count)
    if count == 4 {
      let expected = [
        [0.2198747485, 0.038808424, 0.914953605, -0.0052150056], [0, 0.0010617907, 1.103988331, -0.0036312557],
        [17.2865202879, 0, 0.6473986248, -0.006590865], [0, 0, 1.1171408353, -0.0005504398],
      ]
      #expect(Self.agree(planes, expected), "\(planes)")
    }
  }

  /// The peer draws random points.
  ///
  /// At these tolerances its planes agree with the exact mean.
  @Test(arguments: [(0.05, 6), (0.5, 3), (5, 2)])
  func nearPlanesAreMerged(percent: Double, count: Int) throws {
    let planes = try HullFit(Self.curved, Self.settings()).fit(reduction: .distance(percent: percent, samples: 1000))
    #expect(planes.count == count)
  }

  /// One row of geometry: two samples around it, without slope in the volume.
  @Test func aSingleVolumeHasNoSlope() throws {
    let function = ProductionFunction(
      level: LinearCurve([(50, 410)]), tail: .polynomial([300, 0.05, -0.0002]), losses: .constant(2), efficiency: 0.9)
    let settings = Self.settings {
      $0.minStorage = 50
      $0.maxStorage = 50
    }
    let expected = [
      [0, 0, 0.9482897813, -0.0016513195], [0.1172601563, 0, 0.9389089688, -0.004402146],
      [0.3103945313, 0, 0.9311835938, -0.0060493475], [0.5380171875, 0, 0.9251136562, -0.006592924],
    ]
    let planes = try HullFit(function, settings).fit()
    #expect(Self.agree(planes, expected), "\(planes)")
  }

  /// Families at 300 and 310 m with the reservoir below at 308 m: planes between those of the two families.
  @Test func familiesAreInterpolated() throws {
    let families = [
      TailraceFamily(
        id: 2, level: 310,
        segments: [TailraceSegment(id: 1, from: 0, to: 500, coefficients: [305, 0.03, -0.0001, 0, 0])]),
      TailraceFamily(
        id: 1, level: 300,
        segments: [
          TailraceSegment(id: 2, from: 30, to: 500, coefficients: [300, 0.02, 0, 0, 0]),
          TailraceSegment(id: 1, from: 0, to: 30, coefficients: [300, 0.02, 0, 0, 0]),
        ]),
    ]
    #expect(TailraceFamily.problems(families) == [])
    let tail = try #require(Tailwater(families, downstream: 308))
    let function = ProductionFunction(level: Self.level, tail: tail, losses: .constant(2), efficiency: 0.9)
    let expected = [
      [0.3440376074, 0.0873746305, 0.8039558185, -0.005947221],
      [0.1884015469, 0.0868558436, 0.8081061135, -0.0051771543],
      [0.06826143, 0.0856544424, 0.8129117181, -0.004406264],
      [0, 0.0836065995, 0.8183726325, -0.0030843848], [0, 0.0269004644, 0.9317849029, -0.0040208188],
      [11.427028025, 0.0040464083, 0.7489524545, -0.0058739205], [0, 0.0009420077, 1.0702300048, -0.003084879],
      [0, 0.0003413072, 1.0750356095, -0.0021156656], [0, 0, 1.0804965239, -0.0003673259],
      [12.8432709309, 0, 0.7327668213, -0.0058739205],
    ]
    let planes = try HullFit(function, Self.settings()).fit()
    #expect(Self.agree(planes, expected), "\(planes)")
  }

  @Test func faultsAreReported() {
    #expect(throws: PlaneFitFailure.self) {
      try HullFit(
        Self.linear,
        Self.settings {
          $0.windowStart = 150
          $0.windowEnd = 50
        })
    }
    for change: (inout HullFit.Settings) -> Void in [
      { $0.turbinePoints = 1 }, { $0.volumePoints = 0 }, { $0.volumePoints = .max }, { $0.turbinePoints = .max },
    ] {
      #expect(throws: PlaneFitFailure.self) { try HullFit(Self.linear, Self.settings(change)) }
    }
    // A tailrace above the reservoir leaves no output, and one of infinite level no numbers.
    for level in [500, Double.infinity, -.infinity, .nan] {
      let dry = ProductionFunction(level: Self.level, tail: .polynomial([level]), losses: nil, efficiency: nil)
      #expect(throws: PlaneFitFailure.self) { try HullFit(dry, Self.settings()).fit() }
    }
  }

  /// The upper hull of any values is on or above all of them and touches the grid's corners.
  @Test func hullsOfAnyValuesCoverThem() throws {
    var generator = TestRandom(seed: 5)
    for trial in 0..<60 {
      let (columns, rows) = (2 + trial % 5, 2 + trial % 4)
      let values = (0..<(columns * rows)).map { _ in (generator.unit() * 8).rounded() }
      guard
        let hull = UpperHull(
          xs: (0..<columns).map { Double($0 * $0) }, ys: (0..<rows).map { Double($0) * 3 }, values: values)
      else {
        #expect(Set(values).count == 1)
        continue
      }
      for (index, value) in values.enumerated() {
        let (x, y) = (Double((index / rows) * (index / rows)), Double(index % rows) * 3)
        let least = hull.planes.map { $0.constant + $0.x * x + $0.y * y }.min() ?? -.infinity
        #expect(least >= value - 1e-9)
        let isCorner =
          (index / rows == 0 || index / rows == columns - 1) && (index % rows == 0 || index % rows == rows - 1)
        if isCorner { #expect(abs(least - value) < 1e-9) }
      }
    }
  }
}
