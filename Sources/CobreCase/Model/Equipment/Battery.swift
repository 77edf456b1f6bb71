internal import Foundation

/// A store of electric energy at a bus, whose contents are part of the state.
package struct Battery: Sendable, Equatable {
  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of its bus.
  package var bus: Int
  /// Share of the power taken that is stored, in (0, 1].
  package var chargeEfficiency: Double
  /// Share of the energy taken out that reaches the bus, in (0, 1].
  package var dischargeEfficiency: Double
  /// Share of the contents that is lost in an hour, in [0, 1).
  package var selfDischarge: Double
  /// $ per MWh given to the bus, for wear.
  package var degradationCost: Double
  /// MWh at the start of the study.
  package var initialEnergy: Double
  /// MWh due at the end of the study.
  package var target: Target?

  /// What should be in store at the end, and what each MWh costs that is missing.
  package struct Target: Sendable, Equatable {
    package var energy: Double
    package var cost: Double

    package init(energy: Double, cost: Double) {
      self.energy = energy
      self.cost = cost
    }
  }

  /// Share of the contents that is left after some hours.
  package func retained(hours: Double) -> Double { selfDischarge > 0 ? pow(1 - selfDischarge, hours) : 1 }
}

/// Hard limits of a battery in one stage, after the cascade.
package struct BatteryLimits: Sendable, Equatable {
  /// MWh, at the end of every block.
  package var minEnergy: Double
  /// MWh, at the end of every block.
  package var maxEnergy: Double
  /// Power taken from the bus, in MW.
  package var maxCharge: Double
  /// Power given to the bus, in MW.
  package var maxDischarge: Double
}

extension StudyCase {
  package func limits(stage: Int, battery: Int) -> BatteryLimits { batteryLimits[stage * batteries.count + battery] }

  package func exists(stage: Int, battery: Int) -> Bool { batteries[battery].service.contains(position(of: stage)) }

  /// Whether contents at the end of a stage are those at the end of the study.
  package func endsStudy(stage: Int) -> Bool { graph.kind == .finiteHorizon && graph.successors(of: stage).isEmpty }
}
