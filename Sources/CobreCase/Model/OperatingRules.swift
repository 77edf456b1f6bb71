/// What a plant owes besides its limits, each with a price.
///
/// Levels and ramps that change by stage are in `HydroLimits`.
package struct OperatingRules: Sendable, Equatable {
  /// $/hm³ missing to the alert storage.
  package var alertCost = 0.0
  /// $/hm³ beyond the flood control storage.
  package var floodCost = 0.0
  /// $/(m³/s·h) spilled beyond the spillway.
  package var spillageCost = 0.0
  /// $/(m³/s·h) of change from a block to the next beyond the largest one.
  package var rampCost = 0.0
  /// Least outflow in m³/s by the storage at the start of a stage: the largest of the pieces (empty = none).
  package var leastOutflow: [LinearPiece] = []
  /// Largest spilled flow in m³/s by the mean storage: the smallest of the pieces (empty = none).
  package var mostSpillage: [LinearPiece] = []
  /// In order of priority.
  package var uses: [WaterUse] = []
}

/// A straight line: constant + slope · storage in hm³.
package struct LinearPiece: Sendable, Equatable {
  package var constant: Double
  package var slope: Double

  package init(constant: Double, slope: Double) {
    self.constant = constant
    self.slope = slope
  }

  /// The lines through neighbouring points, whose positions rise strictly.
  package static func through(_ points: [(position: Double, value: Double)]) -> [LinearPiece] {
    zip(points, points.dropFirst()).map { left, right in
      let slope = (right.value - left.value) / (right.position - left.position)
      return LinearPiece(constant: left.value - slope * left.position, slope: slope)
    }
  }
}

/// Irrigation or supply from a reservoir.
package struct WaterUse: Sendable, Equatable {
  package var name: String
  /// $/(m³/s·h) not delivered.
  package var cost: Double
  /// m³/s by stage.
  package var demands: [Double]
}

extension StudyCase {
  /// Rules that hold in a stage: those of plants in service.
  package func rules(stage: Int, hydro: Int) -> OperatingRules? {
    guard let rules = hydros[hydro].rules, exists(stage: stage, hydro: hydro) else { return nil }
    return rules
  }

  /// Whether any plant has operating rules.
  package var hasOperatingRules: Bool { hydros.contains { $0.rules != nil } }
}
