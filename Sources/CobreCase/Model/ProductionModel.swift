/// How a hydro plant turns water into power in one stage, after the selection of production models.
package struct ProductionModel: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    /// MW = productivity × flow.
    case constantProductivity = "constant_productivity"
    /// The same, with a correction for head in simulation.
    case linearizedHead = "linearized_head"
    /// Concave piecewise linear function of volume, flow and spill.
    case fpha
  }

  package var kind: Kind
  /// In MW/(m³/s): `productivity_override` if given, else the plant's value.
  ///
  /// 0 with FPHA.
  package var productivity: Double
  /// Settings of the FPHA, or nil with the other models.
  package var fpha: FPHASettings?
  /// Volume at which heads and the level above an upstream plant's tailrace are taken (nil = the usual one).
  package var referenceVolume: ReferenceVolume? = nil
}

/// Where the planes of an FPHA plant come from.
package struct FPHASettings: Sendable, Equatable {
  package enum Source: String, Sendable, CaseIterable {
    /// Planes of `fpha_hyperplanes.csv`.
    case precomputed
    /// Planes fitted from geometry, tailrace, losses and efficiency.
    case computed
  }

  /// One end of the volume window of the fit.
  package enum WindowEnd: Sendable, Equatable {
    /// The end of the geometry table.
    case table
    /// hm³.
    case volume(Double)
    /// Share 0…1 of the storage range.
    case share(Double)
  }

  package var source: Source
  /// Grid of the fit, each ≥ 2.
  package var volumePoints: Int
  package var turbinePoints: Int
  package var spillagePoints: Int
  /// ≥ 1.
  package var maxPlanes: Int
  package var windowStart: WindowEnd
  package var windowEnd: WindowEnd
  /// Largest turbined flow of the fit in m³/s (nil = the plant's limit).
  package var turbinedFitMax: Double? = nil
  /// Largest spill of the fit in m³/s (nil = twice the mean inflow, or twice the largest turbined flow).
  package var spillageFitMax: Double? = nil

  /// Given planes, with the grid at its defaults.
  package static let precomputed = FPHASettings(
    source: .precomputed, volumePoints: 5, turbinePoints: 5, spillagePoints: 5, maxPlanes: 10, windowStart: .table,
    windowEnd: .table)
}

/// A plane MW ≤ κ·γ0 + γv·volume + γq·turbined + γs·spilled, volume = mean of start and end of the stage.
package struct FPHAPlane: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// Stage the plane belongs to (nil = every stage in which the plant has no planes of its own).
  package var stage: Int?
  package var id: Int
  /// MW.
  package var gamma0: Double
  /// MW/hm³, ≥ 0.
  package var gammaVolume: Double
  /// MW/(m³/s), > 0.
  package var gammaTurbined: Double
  /// MW/(m³/s), ≤ 0.
  package var gammaSpilled: Double
  /// Scales γ0 only; 0 < κ ≤ 1.
  package var kappa: Double
}
