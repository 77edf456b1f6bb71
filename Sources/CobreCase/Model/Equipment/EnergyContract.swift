/// An energy contract.
package struct EnergyContract: Sendable, Equatable {
  package enum Direction: String, Sendable, CaseIterable {
    /// Adds energy to the bus.
    case imports = "import"
    /// Takes energy from the bus.
    case exports = "export"
  }

  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of its bus.
  package var bus: Int
  package var direction: Direction
  /// Index of the process whose price is added to its own when it imports, and received when it exports.
  package var priceProcess: Int?
}

/// Hard limits and price of a contract in one stage, after the cascade.
package struct ContractLimits: Sendable, Equatable {
  /// MW.
  package var minPower: Double
  /// MW.
  package var maxPower: Double
  /// $/MWh in the objective.
  ///
  /// Negative = revenue.
  package var price: Double
}

extension StudyCase {
  package func exists(stage: Int, contract: Int) -> Bool { contracts[contract].service.contains(position(of: stage)) }

  package func limits(stage: Int, contract: Int) -> ContractLimits {
    contractLimits[stage * contracts.count + contract]
  }

  package func limits(stage: Int, contract: Int, block: Int) -> ContractLimits {
    contractBlockLimits[stage, contract, block] ?? limits(stage: stage, contract: contract)
  }
}
