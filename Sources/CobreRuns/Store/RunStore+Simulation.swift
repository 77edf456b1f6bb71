package import CobreEngine
internal import GRDB

/// What a simulation leaves in the run's database.
package struct StoredSimulation: Sendable, Equatable {
  package var summary: SimulationSummary
  /// Total cost by scenario, in $.
  package var costs: [Double]
  /// Extremes of the total cost and the mean of its worst twentieth.
  package var spread: SampleStatistics?
  /// Probability of each scenario where they are all that can come; nil for a sample.
  package var probabilities: [Double]?
  /// Means over the scenarios by stage: name of the quantity with its unit, and one value per stage.
  package var stageMeans: [(quantity: String, values: [Double])]

  package init(
    summary: SimulationSummary, costs: [Double], spread: SampleStatistics? = nil,
    probabilities: [Double]? = nil, stageMeans: [(quantity: String, values: [Double])]
  ) {
    self.summary = summary
    self.costs = costs
    self.spread = spread
    self.probabilities = probabilities
    self.stageMeans = stageMeans
  }

  package static func == (left: StoredSimulation, right: StoredSimulation) -> Bool {
    left.summary == right.summary && left.costs == right.costs
      && left.stageMeans.elementsEqual(right.stageMeans) { $0.quantity == $1.quantity && $0.values == $1.values }
  }
}

extension RunStore {
  /// Writes the results of a simulation in one transaction, and replaces an earlier simulation's.
  package func recordSimulation(_ record: StoredSimulation, at now: Double) throws {
    try write { database in
      try database.execute(
        sql: "DELETE FROM simulation; DELETE FROM simulation_scenario; DELETE FROM simulation_stage;")
      let summary = record.summary
      try database.execute(
        sql: """
          INSERT INTO simulation (id, scenarios, mean_cost, standard_deviation, half_width, minimum, maximum,
            mean_of_worst, recorded_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          summary.scenarios, summary.meanCost, summary.standardDeviation, summary.halfWidth,
          record.spread.flatMap { storable($0.minimum) }, record.spread.flatMap { storable($0.maximum) },
          record.spread.flatMap { storable($0.meanOfWorst) }, now,
        ])
      for (scenario, cost) in record.costs.enumerated() {
        try database.execute(
          sql: "INSERT INTO simulation_scenario (scenario, cost, probability) VALUES (?, ?, ?)",
          arguments: [
            scenario, storable(cost),
            record.probabilities.flatMap { $0.indices.contains(scenario) ? storable($0[scenario]) : nil },
          ])
      }
      for (quantity, values) in record.stageMeans {
        for (stage, value) in values.enumerated() {
          try database.execute(
            sql: "INSERT INTO simulation_stage (stage, quantity, mean) VALUES (?, ?, ?)",
            arguments: [stage, quantity, storable(value)])
        }
      }
    }
  }

  /// Probabilities of the scenarios where they are all that can come; empty for a sample.
  package func scenarioProbabilities() throws -> [Int: Double] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT scenario, probability FROM simulation_scenario WHERE probability IS NOT NULL"
      ).reduce(into: [:]) { found, row in try found[row.value(0)] = row.value(1) }
    }
  }

  /// Total costs by scenario, in $.
  package func simulatedCosts() throws -> [Double?] {
    try read { try Optional<Double>.fetchAll($0, sql: "SELECT cost FROM simulation_scenario ORDER BY scenario") }
  }
}
