/// The exact output of a hydro plant: 9.81·10⁻³ · efficiency · turbined flow · net head.
package struct ProductionFunction: Sendable {
  /// MW per m³/s and m of head, without losses: density · gravity / 10⁶.
  package static let gravity = 9.81e-3

  private let level: LinearCurve
  private let tail: Tailwater
  /// Share of the gross head that is lost.
  private let lossShare: Double
  /// Metres that are lost.
  private let lossHeight: Double
  private let scale: Double

  /// A function needs a level curve, a tailrace, losses and an efficiency, or nil if one is missing or not a curve.
  package init?(_ hydro: Hydro) {
    guard hydro.geometry.count > 1, let tailrace = hydro.tailrace, let losses = hydro.hydraulicLosses,
      let efficiency = hydro.efficiency,
      zip(hydro.geometry, hydro.geometry.dropFirst()).allSatisfy({ $0.volume < $1.volume })
    else { return nil }
    level = hydro.levelCurve
    guard let tail = Tailwater(tailrace) else { return nil }
    self.tail = tail
    switch losses {
    case .factor(let share): (lossShare, lossHeight) = (share, 0)
    case .constant(let height): (lossShare, lossHeight) = (0, height)
    }
    scale = Self.gravity * efficiency
  }

  /// A function of given curves.
  ///
  /// - Parameters:
  ///   - level: level in m by volume in hm³, of one point or more. Volumes strictly increasing.
  ///   - tail: level below the plant.
  ///   - losses: nil = none.
  ///   - efficiency: nil = 1.
  package init(level: LinearCurve, tail: Tailwater, losses: HydraulicLosses?, efficiency: Double?) {
    self.level = level
    self.tail = tail
    switch losses {
    case .factor(let share): (lossShare, lossHeight) = (share, 0)
    case .constant(let height): (lossShare, lossHeight) = (0, height)
    case nil: (lossShare, lossHeight) = (0, 0)
    }
    scale = Self.gravity * (efficiency ?? 1)
  }

  /// Volumes of the geometry table, in hm³.
  package var volumes: ClosedRange<Double> { level.first...max(level.first, level.last) }

  /// Output in MW.
  package func power(_ point: ProductionPoint) -> Double { scale * point.turbined * netHead(point) }

  /// The tangent plane at a point, or nil if the plant produces nothing.
  package func tangent(at point: ProductionPoint) -> ProductionPlane? {
    let head = netHead(point)
    let power = scale * point.turbined * head
    guard point.turbined > 0, power > 0 else { return nil }
    let kept = (1 - lossShare) * point.turbined
    let rise = tail.slope(at: point.turbined + point.spilled)
    let volume = scale * kept * level.slope(at: point.volume)
    let turbined = scale * (head - kept * rise)
    let spilled = -scale * kept * rise
    return ProductionPlane(
      constant: power - volume * point.volume - turbined * point.turbined - spilled * point.spilled, volume: volume,
      turbined: turbined, spilled: spilled)
  }

  /// Head in m after losses, at least 0.
  private func netHead(_ point: ProductionPoint) -> Double {
    netHead(level: level.value(at: point.volume), outflow: point.turbined + point.spilled)
  }

  /// Head in m after losses, at least 0, below a level in m.
  package func netHead(level: Double, outflow: Double) -> Double {
    let gross = level - tail.level(at: outflow)
    return max(0, gross - lossShare * gross - lossHeight)
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

  /// How far a sign may be wrong by rounding.
  static let signTolerance = 1e-10

  /// Refuses a fitted plane that falls with volume or flow, or rises with spill.
  func checkSigns() throws(PlaneFitFailure) {
    let faults = [
      (volume < -Self.signTolerance, "gamma_v \(volume) < 0"),
      (turbined < -Self.signTolerance, "gamma_q \(turbined) < 0"),
      (spilled > Self.signTolerance, "gamma_s \(spilled) > 0"),
    ]
    guard let fault = faults.first(where: \.0) else { return }
    throw PlaneFitFailure(
      rule: 510, message: "A fitted plane has \(fault.1).",
      suggestion: "Levels must rise with volume and outflow; check the geometry and the tailrace.")
  }

  var isFinite: Bool { constant.isFinite && volume.isFinite && turbined.isFinite && spilled.isFinite }

  /// Whether all four coefficients are within a distance of another plane's.
  func isClose(to other: ProductionPlane, within distance: Double) -> Bool {
    abs(constant - other.constant) <= distance && abs(volume - other.volume) <= distance
      && abs(turbined - other.turbined) <= distance && abs(spilled - other.spilled) <= distance
  }
}
