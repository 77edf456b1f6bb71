/// What a simulation found, the same bytes on every rank.
package struct SimulationResult: Sendable, Equatable {
  package var scenarios: Int
  package var stages: Int
  package var hydros: Int
  /// Discounted total cost per scenario, in $.
  package var costs: [Double]
  /// Undiscounted cost per scenario and stage, in $: `[scenario * stages + stage]`.
  package var stageCosts: [Double]
  /// Volume at the end of each stage in hm³: `[(scenario * stages + stage) * hydros + hydro]`.
  package var storages: [Double]
  /// Energy per scenario and stage, in MWh: `[scenario * stages + stage]`.
  package var hydroEnergy: [Double]
  package var thermalEnergy: [Double]
  package var deficitEnergy: [Double]

  /// Mean, deviation and 95 % half width of the total cost, in $.
  package var statistics: BoundStatistics { BoundStatistics(costs: costs) }

  /// Mean over the scenarios of a quantity per scenario and stage, by stage.
  package func meanByStage(_ values: [Double]) -> [Double] {
    (0..<stages).map { stage in
      var sum = 0.0
      for scenario in 0..<scenarios { sum += values[scenario * stages + stage] }
      return scenarios > 0 ? sum / Double(scenarios) : 0
    }
  }

  /// Mean volume at the end of each stage in hm³: `[stage * hydros + hydro]`.
  package var meanStorages: [Double] {
    (0..<(stages * hydros)).map { index in
      var sum = 0.0
      for scenario in 0..<scenarios { sum += storages[scenario * stages * hydros + index] }
      return scenarios > 0 ? sum / Double(scenarios) : 0
    }
  }
}
