/// Fits planes to the exact production of a plant: the upper hull of its output over volume and turbined flow, scaled
/// by least squares, with the effect of spill from secants (the fit of Novomodelo 0.19.1; after Diniz and Maceira
/// 2008).
package struct HullFit {
  /// What a fit depends on besides the production function.
  package struct Settings: Sendable, Hashable {
    /// Storage limits of the plant in hm³.
    package var minStorage: Double
    package var maxStorage: Double
    /// Limits of the plant, m³/s and MW.
    package var maxTurbined: Double
    package var maxGeneration: Double
    /// Window of volumes in hm³ (nil = the end of the geometry table).
    package var windowStart: Double?
    package var windowEnd: Double?
    /// Points of the grid.
    ///
    /// With one point, the volume is fixed.
    package var volumePoints: Int
    package var turbinePoints: Int
    /// Largest turbined flow of the grid in m³/s (nil = the plant's own limit).
    package var turbinedFitMax: Double?
    /// Largest spill of the secants in m³/s (nil = twice the mean inflow, or twice the largest turbined flow).
    package var spillageFitMax: Double?
    /// Mean of the observed inflows in m³/s, or nil without any.
    package var meanInflow: Double?

    package init(
      minStorage: Double, maxStorage: Double, maxTurbined: Double, maxGeneration: Double, windowStart: Double? = nil,
      windowEnd: Double? = nil, volumePoints: Int = 5, turbinePoints: Int = 5, turbinedFitMax: Double? = nil,
      spillageFitMax: Double? = nil, meanInflow: Double? = nil
    ) {
      self.minStorage = minStorage
      self.maxStorage = maxStorage
      self.maxTurbined = maxTurbined
      self.maxGeneration = maxGeneration
      self.windowStart = windowStart
      self.windowEnd = windowEnd
      self.volumePoints = volumePoints
      self.turbinePoints = turbinePoints
      self.turbinedFitMax = turbinedFitMax
      self.spillageFitMax = spillageFitMax
      self.meanInflow = meanInflow
    }
  }

  /// Grids beyond this many points would take minutes.
  package static let largestGrid = 2_500
  /// A plane within this distance of the lowest one, in MW, is the lowest one at a point.
  private static let tieTolerance = 1e-8

  private let function: ProductionFunction
  private let settings: Settings
  private let volumes: [Double]
  private let flows: [Double]
  private let isSingleVolume: Bool
  /// Output in MW without spill, at most the largest generation: `[volume * flows.count + flow]`.
  private let powers: [Double]

  /// Lays the grid.
  ///
  /// - Throws: `PlaneFitFailure` where the window is inverted or the grid too small or too large.
  package init(_ function: ProductionFunction, _ settings: Settings) throws(PlaneFitFailure) {
    self.function = function
    self.settings = settings
    let table = function.volumes
    func clamped(_ volume: Double) -> Double { min(max(volume, table.lowerBound), table.upperBound) }
    let start = clamped(settings.windowStart ?? table.lowerBound)
    let end = clamped(settings.windowEnd ?? table.upperBound)
    guard start <= end else {
      throw PlaneFitFailure(
        rule: 415, message: "The fitting window \(start)…\(end) hm³ holds no volume of the geometry table.",
        suggestion: "Widen fitting_window, or extend the geometry table over the storage range.")
    }
    guard settings.volumePoints >= 1, settings.turbinePoints >= 2,
      settings.volumePoints <= Self.largestGrid / settings.turbinePoints
    else {
      throw PlaneFitFailure(
        rule: 415, message: "The grid of the fit has fewer than 1 × 2 or more than \(Self.largestGrid) points.",
        suggestion: "Change the discretization points; 5 in each direction is usual.")
    }
    isSingleVolume = settings.volumePoints == 1 || end - start <= 1e-9
    if isSingleVolume {
      // Two volumes next to each other carry the slope.
      let half = max(0.005 * (settings.maxStorage - settings.minStorage), 1)
      let pair = [start - half, start + half]
      volumes = table.upperBound > table.lowerBound ? pair.map(clamped) : pair
    } else {
      volumes = Self.steps(start, end, settings.volumePoints)
    }
    flows = Self.steps(0, settings.turbinedFitMax ?? settings.maxTurbined, settings.turbinePoints)
    var powers: [Double] = []
    for volume in volumes {
      for flow in flows {
        let power = function.power(ProductionPoint(volume: volume, turbined: flow, spilled: 0))
        powers.append(min(power, settings.maxGeneration))
      }
    }
    self.powers = powers
  }

  private static func steps(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
    (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
  }

  /// Fits the planes.
  ///
  /// - Parameter reduction: how similar planes are merged. nil keeps all.
  /// - Returns: planes in order of their unit normals, scaled. The intercept needs no further factor.
  /// - Throws: `PlaneFitFailure` if the plant produces nothing or a sign is wrong.
  package func fit(reduction: PlaneReductionRule? = nil) throws(PlaneFitFailure) -> [ProductionPlane] {
    guard let last = flows.last, last > 0, let firstVolume = volumes.first, let lastVolume = volumes.last,
      firstVolume < lastVolume, let hull = UpperHull(xs: volumes, ys: flows, values: powers)
    else {
      throw PlaneFitFailure(
        rule: 510, message: "The plant has the same output at every point of the grid, so no plane can be fitted.",
        suggestion: "Check the level curve, the tailrace, the losses and the limits of the plant.")
    }
    var planes = hull.planes.map { plane in
      let slope = isSingleVolume && abs(plane.x) <= 1e-6 ? 0 : plane.x
      return ProductionPlane(constant: plane.constant, volume: slope, turbined: plane.y, spilled: 0)
    }
    planes.sort { Self.normal($0).lexicographicallyPrecedes(Self.normal($1)) }
    let factor = scale(planes)
    for index in planes.indices {
      planes[index].constant *= factor
      planes[index].volume *= factor
      planes[index].turbined *= factor
    }
    addSpill(to: &planes)
    for plane in planes { try plane.checkSigns() }
    if let reduction { planes = reduction.reduce(planes, largestPower: powers.max() ?? 0, box: box) }
    return planes
  }

  /// The ends of the grid: volumes, turbined flows and spill.
  private var box: (volumes: ClosedRange<Double>, flows: ClosedRange<Double>, spill: Double) {
    let (low, high) = (volumes.first ?? 0, volumes.last ?? 0)
    return (min(low, high)...max(low, high), 0...max(0, flows.last ?? 0), spillageMax)
  }

  private var spillageMax: Double {
    settings.spillageFitMax ?? 2 * (settings.meanInflow ?? settings.maxTurbined)
  }

  /// Outward unit normal of a plane as a facet.
  private static func normal(_ plane: ProductionPlane) -> [Double] {
    let length = (plane.volume * plane.volume + plane.turbined * plane.turbined + 1).squareRoot()
    return [-plane.volume / length, -plane.turbined / length, 1 / length]
  }

  /// Least-squares factor from the minimum of the planes to the output.
  private func scale(_ planes: [ProductionPlane]) -> Double {
    var (product, square) = (0.0, 0.0)
    for (index, power) in powers.enumerated() {
      let least = least(planes, index)
      product += least * power
      square += least * least
    }
    return square > 0 ? product / square : 1
  }

  private func least(_ planes: [ProductionPlane], _ index: Int) -> Double {
    let point = point(index)
    return planes.reduce(.infinity) { min($0, $1.value(at: point)) }
  }

  private func point(_ index: Int) -> ProductionPoint {
    ProductionPoint(volume: volumes[index / flows.count], turbined: flows[index % flows.count], spilled: 0)
  }

  /// Gives each plane the mean slope of the secants over spill at the points where it is the lowest.
  private func addSpill(to planes: inout [ProductionPlane]) {
    var sums = [Double](repeating: 0, count: planes.count)
    var counts = [Int](repeating: 0, count: planes.count)
    for index in powers.indices {
      let point = point(index)
      let secant = secant(point)
      let least = least(planes, index)
      for plane in planes.indices where planes[plane].value(at: point) <= least + Self.tieTolerance {
        sums[plane] += secant
        counts[plane] += 1
      }
    }
    for plane in planes.indices where counts[plane] > 0 {
      let slope = sums[plane] / Double(counts[plane])
      planes[plane].spilled = slope > -ProductionPlane.signTolerance ? 0 : slope
    }
  }

  /// Least-squares slope, through the output without spill, of the output over spill.
  private func secant(_ point: ProductionPoint) -> Double {
    let start = function.power(point)
    var (product, square) = (0.0, 0.0)
    for step in 0...100 {
      let spill = Double(step) * spillageMax / 100
      let power = function.power(ProductionPoint(volume: point.volume, turbined: point.turbined, spilled: spill))
      product += spill * (power - start)
      square += spill * spill
    }
    return square > 0 ? product / square : 0
  }
}
