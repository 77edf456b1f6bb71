/// The exact output of a hydro plant: 9.81·10⁻³ · efficiency · turbined flow · net head.
package struct ProductionFunction: Sendable {
  /// Water level below the plant, in m by outflow in m³/s.
  private enum Tail: Sendable {
    case polynomial([Double])
    case curve(LinearCurve)
  }

  /// MW per m³/s and m of head, without losses: density · gravity / 10⁶.
  package static let gravity = 9.81e-3

  private let level: LinearCurve
  private let tail: Tail
  /// Share of the gross head that is lost.
  private let lossShare: Double
  /// Metres that are lost.
  private let lossHeight: Double
  private let scale: Double

  /// A function needs a level curve, a tailrace, losses and an efficiency; nil where one is missing or not a curve.
  package init?(_ hydro: Hydro) {
    guard hydro.geometry.count > 1, let tailrace = hydro.tailrace, let losses = hydro.hydraulicLosses,
      let efficiency = hydro.efficiency,
      zip(hydro.geometry, hydro.geometry.dropFirst()).allSatisfy({ $0.volume < $1.volume })
    else { return nil }
    level = hydro.levelCurve
    switch tailrace {
    case .polynomial(let coefficients): tail = .polynomial(coefficients)
    case .piecewise(let points):
      guard !points.isEmpty, zip(points, points.dropFirst()).allSatisfy({ $0.outflow < $1.outflow }) else {
        return nil
      }
      tail = .curve(LinearCurve(points.map { ($0.outflow, $0.height) }))
    }
    switch losses {
    case .factor(let share): (lossShare, lossHeight) = (share, 0)
    case .constant(let height): (lossShare, lossHeight) = (0, height)
    }
    scale = Self.gravity * efficiency
  }

  /// Volumes of the geometry table, in hm³.
  package var volumes: ClosedRange<Double> { level.first...max(level.first, level.last) }

  /// Output in MW.
  package func power(_ point: ProductionPoint) -> Double { scale * point.turbined * netHead(point) }

  /// The tangent plane at a point; nil where the plant gives nothing.
  package func tangent(at point: ProductionPoint) -> ProductionPlane? {
    let head = netHead(point)
    let power = scale * point.turbined * head
    guard point.turbined > 0, power > 0 else { return nil }
    let kept = (1 - lossShare) * point.turbined
    let rise = tailSlope(at: point.turbined + point.spilled)
    let volume = scale * kept * level.slope(at: point.volume)
    let turbined = scale * (head - kept * rise)
    let spilled = -scale * kept * rise
    return ProductionPlane(
      constant: power - volume * point.volume - turbined * point.turbined - spilled * point.spilled, volume: volume,
      turbined: turbined, spilled: spilled)
  }

  /// Head in m after losses, at least 0.
  private func netHead(_ point: ProductionPoint) -> Double {
    let gross = level.value(at: point.volume) - tailLevel(at: point.turbined + point.spilled)
    return max(0, gross - lossShare * gross - lossHeight)
  }

  private func tailLevel(at outflow: Double) -> Double {
    switch tail {
    case .curve(let curve): curve.value(at: outflow)
    case .polynomial(let coefficients): coefficients.reversed().reduce(0) { $0 * outflow + $1 }
    }
  }

  private func tailSlope(at outflow: Double) -> Double {
    switch tail {
    case .curve(let curve): curve.slope(at: outflow)
    case .polynomial(let coefficients):
      coefficients.indices.dropFirst().reversed().reduce(0) { $0 * outflow + Double($1) * coefficients[$1] }
    }
  }
}

/// A state of a plant: volume in hm³, turbined and spilled flow in m³/s.
package struct ProductionPoint: Sendable, Equatable {
  package var volume: Double
  package var turbined: Double
  package var spilled: Double

  package init(volume: Double, turbined: Double, spilled: Double) {
    self.volume = volume
    self.turbined = turbined
    self.spilled = spilled
  }
}

/// A plane over volume, turbined and spilled flow, in MW.
package struct ProductionPlane: Sendable, Equatable {
  package var constant: Double
  package var volume: Double
  package var turbined: Double
  package var spilled: Double

  package init(constant: Double, volume: Double, turbined: Double, spilled: Double) {
    self.constant = constant
    self.volume = volume
    self.turbined = turbined
    self.spilled = spilled
  }

  package func value(at point: ProductionPoint) -> Double {
    constant + volume * point.volume + turbined * point.turbined + spilled * point.spilled
  }

  var isFinite: Bool { constant.isFinite && volume.isFinite && turbined.isFinite && spilled.isFinite }

  /// Whether all four coefficients are within a distance of those of another plane.
  func isClose(to other: ProductionPlane, within distance: Double) -> Bool {
    abs(constant - other.constant) <= distance && abs(volume - other.volume) <= distance
      && abs(turbined - other.turbined) <= distance && abs(spilled - other.spilled) <= distance
  }
}
