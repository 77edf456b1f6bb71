/// Fits planes to the exact production of a plant: tangents on a grid, their hull, a reduction and a correction κ
/// (after Diniz and Maceira 2008).
///
/// Hull, reduction and κ use the maximum of the planes, while an LP that imposes all planes uses their minimum. The
/// reported errors refer to the minimum.
package struct PlaneFit {
  /// Planes within this distance, in MW, of the highest one count as part of the hull.
  static let hullTolerance = 1e-8
  /// Planes whose coefficients all differ by less count as equal.
  static let duplicateTolerance = 1e-8
  /// Grids beyond this many points would take minutes.
  package static let largestGrid = 16_000

  package private(set) var points: [ProductionPoint] = []
  package private(set) var powers: [Double] = []
  private let function: ProductionFunction
  private let settings: FPHASettings

  /// Lays the grid.
  ///
  /// - Parameters:
  ///   - function: the exact production.
  ///   - hydro: the plant, whose own limits apply.
  ///   - settings: grid, window and number of planes.
  /// - Throws: `PlaneFitFailure` if the window is empty or the grid too large.
  package init(_ function: ProductionFunction, hydro: Hydro, settings: FPHASettings) throws(PlaneFitFailure) {
    self.function = function
    self.settings = settings
    guard let count = Self.gridCount(settings) else {
      throw PlaneFitFailure(
        rule: 415, message: "The grid of the fit has more than \(Self.largestGrid) points.",
        suggestion: "Lower the discretization points; 5 in each direction is usual.")
    }
    points.reserveCapacity(count)
    let table = function.volumes
    func end(_ end: FPHASettings.WindowEnd, _ whole: Double) -> Double {
      let limits = hydro.limits
      let volume =
        switch end {
        case .table: whole
        case .volume(let value): value
        case .share(let share): limits.minStorage + share * (limits.maxStorage - limits.minStorage)
        }
      return min(max(volume, table.lowerBound), table.upperBound)
    }
    let window = (end(settings.windowStart, table.lowerBound), end(settings.windowEnd, table.upperBound))
    guard window.0 < window.1 else {
      throw PlaneFitFailure(
        rule: 415, message: "The fitting window \(window.0)…\(window.1) hm³ holds no volume of the geometry table.",
        suggestion: "Widen fitting_window, or extend system/hydro_geometry.csv over the storage range.")
    }
    let flow = hydro.limits.maxTurbined
    for volume in Self.steps(window.0, window.1, settings.volumePoints) {
      for turbined in Self.steps(max(1, 0.01 * flow), flow, settings.turbinePoints) {
        for spilled in Self.steps(0, 0.5 * flow, settings.spillagePoints) {
          points.append(ProductionPoint(volume: volume, turbined: turbined, spilled: spilled))
        }
      }
    }
    powers = points.map(function.power)
  }

  /// Number of grid points, or nil beyond `largestGrid`.
  package static func gridCount(_ settings: FPHASettings) -> Int? {
    var count = 1
    for points in [settings.volumePoints, settings.turbinePoints, settings.spillagePoints] {
      guard points >= 2, points <= largestGrid else { return nil }
      count *= points
      guard count <= largestGrid else { return nil }
    }
    return count
  }

  private static func steps(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
    (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
  }

  /// Fits the planes.
  ///
  /// - Parameter hydro: index that the planes carry.
  /// - Returns: the planes with κ and their errors.
  /// - Throws: `PlaneFitFailure` if the plant produces nothing, or planes or κ break their limits.
  package func fit(hydro: Int) throws(PlaneFitFailure) -> FittedPlanes {
    let tangents = points.compactMap(function.tangent)
    guard !tangents.isEmpty, tangents.allSatisfy(\.isFinite) else {
      throw PlaneFitFailure(
        rule: 510,
        message: tangents.isEmpty
          ? "The plant has no head, and thus no output, at any point of the grid."
          : "The production function is too large to be a number somewhere on the grid.",
        suggestion: "Check the level curve, the tailrace and the losses.")
    }
    var reduction = PlaneReduction(planes: hull(tangents), points: points, powers: powers)
    reduction.reduce(to: settings.maxPlanes)
    let kappa = try correction(reduction)
    for plane in reduction.planes { try plane.checkSigns() }
    let planes = reduction.planes.enumerated().map { index, plane in
      FPHAPlane(
        hydro: hydro, stage: nil, id: index, gamma0: plane.constant, gammaVolume: plane.volume,
        gammaTurbined: plane.turbined, gammaSpilled: plane.spilled, kappa: kappa)
    }
    let errors = points.indices.filter { powers[$0] > 0 }.map { index in
      let least = reduction.planes.reduce(Double.infinity) {
        min($0, $1.value(at: points[index]) + (kappa - 1) * $1.constant)
      }
      return abs(least - powers[index]) / powers[index]
    }
    return FittedPlanes(
      planes: planes, kappa: kappa, largestRelativeError: errors.max() ?? 0,
      meanRelativeError: errors.reduce(0, +) / Double(max(1, errors.count)))
  }

  /// Planes that are highest, or nearly so, at some grid point, without duplicates, in their order.
  private func hull(_ planes: [ProductionPlane]) -> [ProductionPlane] {
    var isHighest = [Bool](repeating: false, count: planes.count)
    var values = [Double](repeating: 0, count: planes.count)
    for point in points {
      var largest = -Double.infinity
      for index in planes.indices {
        values[index] = planes[index].value(at: point)
        largest = max(largest, values[index])
      }
      for index in planes.indices where values[index] >= largest - Self.hullTolerance { isHighest[index] = true }
    }
    var kept: [ProductionPlane] = []
    for index in planes.indices where isHighest[index] {
      let plane = planes[index]
      if !kept.contains(where: { $0.isClose(to: plane, within: Self.duplicateTolerance) }) { kept.append(plane) }
    }
    return kept
  }

  /// κ, the smallest ratio of exact output to envelope.
  private func correction(_ reduction: PlaneReduction) throws(PlaneFitFailure) -> Double {
    var kappa = Double.infinity
    for index in points.indices {
      let envelope = reduction.envelope(index)
      if powers[index] > 0, envelope > 0 { kappa = min(kappa, powers[index] / envelope) }
    }
    if kappa == .infinity { return 1 }
    // The envelope touches the function from below by rounding alone.
    if kappa > 1, kappa <= 1 + 1e-6 { return 1 }
    guard kappa > 0, kappa <= 1 else {
      throw PlaneFitFailure(
        rule: 510, message: "The fit gives kappa \(kappa), which must lie in (0, 1].",
        suggestion: "Check the level curve and the tailrace, or narrow fitting_window.")
    }
    return kappa
  }
}
