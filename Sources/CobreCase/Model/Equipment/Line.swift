/// A connection between two buses with a capacity in each direction.
package struct Line: Sendable, Equatable {
  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of the bus where direct flow starts.
  package var sourceBus: Int
  /// Index of the bus where direct flow arrives.
  package var targetBus: Int
  /// Losses in % (see `efficiency`).
  package var lossesPercent: Double
  /// Whether the receiving bus misses the losses.
  ///
  /// Otherwise they are reported only.
  package var losesPower = true

  /// Reactance x per unit of `baseMVA`, > 0, or nil if the flow is free within the capacity.
  package var reactance: Double?
  /// Largest difference of the voltage angles at the ends in rad, or nil without one.
  ///
  /// Goes with a reactance.
  package var maxAngle: Double?

  /// Resistance r per unit of `baseMVA`, > 0, or nil if losses are a share of the flow.
  package var resistance: Double?
  /// Tangents by which losses of a resistance are described, ≥ 1.
  package var lossPieces = 8

  /// Power base of reactances and resistances in MVA.
  package static let baseMVA = 100.0

  /// Whether the flow follows the angles at the ends.
  package var followsAngles: Bool { reactance != nil && sourceBus != targetBus }

  /// Largest flow in MW that the difference of the angles allows.
  package var angleCapacity: Double {
    guard followsAngles, let reactance, let maxAngle else { return .infinity }
    return Self.baseMVA / reactance * maxAngle
  }

  /// Losses per square of the flow in 1/MW, at a voltage of 1 per unit; 0 without a resistance.
  package var lossFactor: Double { (resistance ?? 0) / Self.baseMVA }

  /// Share η of the flow that reaches the receiving bus.
  package var efficiency: Double { losesPower ? 1 - lossesPercent / 100 : 1 }
}

/// Capacities of a line in one stage, after the cascade and before the block factors, in MW at the sending end.
package struct LineLimits: Sendable, Equatable {
  package var direct: Double
  package var reverse: Double
}

extension StudyCase {
  package func exists(stage: Int, line: Int) -> Bool { lines[line].service.contains(position(of: stage)) }

  package func limits(stage: Int, line: Int) -> LineLimits { lineLimits[stage * lines.count + line] }

  package func limits(stage: Int, line: Int, block: Int) -> LineLimits {
    lineBlockLimits[stage, line, block] ?? limits(stage: stage, line: line)
  }

  /// $/MWh in both directions.
  package func exchangeCost(stage: Int, line: Int) -> Double { lineExchangeCosts[stage * lines.count + line] }

  /// Capacity of a line in MW, direct and reverse, after the block factor and within the limit of its angle.
  package func capacity(stage: Int, line: Int, block: Int) -> LineLimits {
    let limits = limits(stage: stage, line: line, block: block)
    let most = lines[line].angleCapacity
    return LineLimits(
      direct: min(most, limits.direct * directExchangeFactors[stage, line, block]),
      reverse: min(most, limits.reverse * reverseExchangeFactors[stage, line, block]))
  }
}
