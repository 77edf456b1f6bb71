/// A hydro plant with its reservoir.
///
/// Limits and costs that may change by stage are in `StudyCase.hydroLimits` and `hydroCosts`. `limits` holds the values
/// of the entity file, which some formulas ask for (filling, evaporation, head).
package struct Hydro: Sendable, Equatable {
  package var id: Int
  package var name: String
  /// Operating stages.
  ///
  /// A plant with `filling` also exists, in its filling form, before `service.entry`.
  package var service: ServicePeriod
  /// Index of its bus, or of the bus of the first of its `groups`.
  package var bus: Int
  /// Index of the plant that receives turbined and spilled water (nil = the water leaves the system).
  package var downstream: Int?
  /// Indices of the plants whose `downstream` is this plant, ascending.
  package var upstream: [Int]
  /// Indices of the plants that divert water to this plant, ascending.
  package var divertedFrom: [Int]
  /// Limits of the entity file, before the stage tables.
  package var limits: HydroLimits
  /// `generation.model` of the entity file.
  package var ownModel: ProductionModel.Kind
  /// Productivity of the entity file in MW/(m³/s); 0 with FPHA.
  package var ownProductivity: Double
  package var tailrace: Tailrace?
  /// Tailrace curves by the level of the reservoir below, which replace `tailrace` in fits (empty = none).
  package var tailraceFamilies: [TailraceFamily] = []
  /// MW/(m³/s) per m of head, or nil if none is given.
  package var specificProductivity: Double? = nil
  package var hydraulicLosses: HydraulicLosses?
  /// Efficiency of turbine and generator, 0 < e ≤ 1 (nil = 1).
  package var efficiency: Double?
  package var evaporation: Evaporation?
  package var diversion: Diversion?
  package var filling: Filling?
  /// Points of the volume–level–area curve, by volume (empty = none given).
  package var geometry: [GeometryPoint]
  /// Volume in hm³ at the start of the study, or at the entry of a late-entering plant.
  package var initialStorage: Double
  /// Machines by bus (empty = one group with the limits of the plant at its bus).
  package var groups: [UnitGroup] = []
  /// Hours that turbined and spilled water needs to reach `downstream` (nil = it arrives at once).
  package var travelTime: Double?
  /// What the plant owes besides its limits (nil = nothing).
  package var rules: OperatingRules?

  /// Whether released water is on its way for some time.
  package var travels: Bool { downstream != nil && (travelTime ?? 0) > 0 }
}

/// A side channel to another plant.
package struct Diversion: Sendable, Equatable {
  /// Index of the plant that receives the water.
  package var downstream: Int
  /// Capacity in m³/s, ≥ 0.
  ///
  /// Infinite if there is no limit.
  package var maxFlow: Double
}

/// The filling of a new reservoir up to its minimum storage.
package struct Filling: Sendable, Equatable {
  /// What is required while the reservoir fills.
  package enum Rule: Sendable, Equatable {
    /// Every stage keeps the filling inflow, and the last one reaches the minimum storage.
    case retention
    /// Every stage ends at the volume from which the filling inflow still reaches the minimum storage.
    case schedule
  }

  /// First stage of filling.
  ///
  /// It ends at the plant's entry stage.
  package var startStage: Int
  /// Inflow kept for filling, in m³/s.
  package var inflow: Double
  package var rule = Rule.retention
}

/// Evaporation of a reservoir.
package struct Evaporation: Sendable, Equatable {
  /// 12 depths in mm per month, January first.
  ///
  /// May be negative.
  package var coefficients: [Double]
  /// 12 linearisation volumes in hm³ (nil = middle of the storage range).
  package var referenceVolumes: [Double]?
}

/// Tailwater level as a function of outflow.
package enum Tailrace: Sendable, Equatable {
  /// Level in m as a polynomial of the outflow in m³/s, ascending powers.
  case polynomial([Double])
  /// Level linear between the points, outflow strictly increasing.
  case piecewise([TailracePoint])
}

/// A point of a piecewise tailrace curve.
package struct TailracePoint: Sendable, Equatable {
  /// Outflow in m³/s.
  package var outflow: Double
  /// Level in m.
  package var height: Double
}

/// Head lost on the way to the turbine.
package enum HydraulicLosses: Sendable, Equatable {
  /// Share of the gross head.
  case factor(Double)
  /// Metres.
  case constant(Double)
}

/// A point of the volume–level–area curve.
package struct GeometryPoint: Sendable, Equatable {
  /// Volume in hm³.
  package var volume: Double
  /// Level in m.
  package var height: Double
  /// Area in km².
  package var area: Double
}
