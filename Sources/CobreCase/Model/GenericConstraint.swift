/// A user-written linear constraint.
package struct GenericConstraint: Sendable, Equatable {
  package enum Sense: String, Sendable, CaseIterable {
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case equal = "=="
  }

  package var id: Int
  package var name: String
  package var text: String
  /// Left-hand side.
  ///
  /// Terms with equal variable, entity and block are merged.
  package var terms: [GenericTerm]
  package var sense: Sense
  /// $ per unit of violation, by `slackBasis` (nil = no violation allowed).
  package var slackPenalty: Double?
  package var slackBasis = SlackBasis.perHour

  package enum SlackBasis: Sendable, Equatable {
    /// The penalty counts for every hour of the row's block or stage.
    case perHour
    /// It counts once for each row.
    case perUnit
  }
}

/// coefficient × variable.
package struct GenericTerm: Sendable, Equatable {
  package var coefficient: Double
  package var variable: GenericVariable
  /// Index of the entity in the registry of `variable.registry`.
  package var entity: Int
  /// Block given in the expression (nil = the block of the current row, or the stage).
  package var block: Int?
  /// Index of the bus whose unit groups count, for turbined flow and hydro generation (nil = all groups).
  package var bus: Int?

  package init(coefficient: Double, variable: GenericVariable, entity: Int, block: Int? = nil, bus: Int? = nil) {
    self.coefficient = coefficient
    self.variable = variable
    self.entity = entity
    self.block = block
    self.bus = bus
  }
}

/// The quantities an expression may name.
package enum GenericVariable: String, Sendable, CaseIterable {
  case hydroStorage = "hydro_storage"
  case hydroEvaporation = "hydro_evaporation"
  case hydroWithdrawal = "hydro_withdrawal"
  case hydroTurbined = "hydro_turbined"
  case hydroSpillage = "hydro_spillage"
  case hydroDiversion = "hydro_diversion"
  case hydroOutflow = "hydro_outflow"
  case hydroGeneration = "hydro_generation"
  case thermalGeneration = "thermal_generation"
  case lineDirect = "line_direct"
  case lineReverse = "line_reverse"
  case lineExchange = "line_exchange"
  case busDeficit = "bus_deficit"
  case busExcess = "bus_excess"
  case pumpingFlow = "pumping_flow"
  case pumpingPower = "pumping_power"
  case contractImport = "contract_import"
  case contractExport = "contract_export"
  case nonControllableGeneration = "non_controllable_generation"
  case nonControllableCurtailment = "non_controllable_curtailment"
  case batteryCharge = "battery_charge"
  case batteryDischarge = "battery_discharge"
  case batteryEnergy = "battery_energy"
  // Quantities of Novomodelo only, which our own expressions do not have.
  case hydroStorageInitial = "hydro_storage_initial"
  case hydroUsefulVolumeInitial = "hydro_useful_volume_initial"
  case hydroUsefulVolumeFinal = "hydro_useful_volume_final"
  case hydroInflow = "hydro_inflow"
  case anticipatedDecision = "anticipated_decision"

  /// The quantities that expressions of our own format may name.
  package static let ownFormat = Array(allCases.prefix { $0 != .hydroStorageInitial })

  /// Whether the quantity has one value per stage, so that no block argument is allowed.
  package var isStageLevel: Bool {
    switch self {
    case .hydroStorage, .hydroEvaporation, .hydroWithdrawal, .hydroStorageInitial, .hydroUsefulVolumeInitial,
      .hydroUsefulVolumeFinal, .anticipatedDecision, .batteryEnergy:
      true
    default: false
    }
  }

  /// The registry of its entity.
  package var registry: EntityKind {
    switch self {
    case .hydroStorage, .hydroEvaporation, .hydroWithdrawal, .hydroTurbined, .hydroSpillage, .hydroDiversion,
      .hydroOutflow, .hydroGeneration, .hydroStorageInitial, .hydroUsefulVolumeInitial, .hydroUsefulVolumeFinal,
      .hydroInflow:
      .hydro
    case .thermalGeneration, .anticipatedDecision: .thermal
    case .lineDirect, .lineReverse, .lineExchange: .line
    case .busDeficit, .busExcess: .bus
    case .pumpingFlow, .pumpingPower: .pumpingStation
    case .contractImport, .contractExport: .contract
    case .nonControllableGeneration, .nonControllableCurtailment: .nonControllableSource
    case .batteryCharge, .batteryDischarge, .batteryEnergy: .battery
    }
  }
}

/// The limits of a generic constraint in one stage.
package struct GenericBound: Sendable, Equatable {
  /// Index in `StudyCase.genericConstraints`.
  package var constraint: Int
  package var stage: Int
  /// nil = every block of the stage.
  package var block: Int?
  /// −∞ if there is none.
  package var lower: Double
  /// +∞ if there is none.
  package var upper: Double
  /// Whether the limits give one row for the whole stage, because no term depends on the block.
  package var isStageRow: Bool
  /// Terms of this row, if they depend on stage or block (nil = the terms of the constraint).
  package var terms: [GenericTerm]?

  package init(
    constraint: Int, stage: Int, block: Int? = nil, lower: Double, upper: Double, isStageRow: Bool = false,
    terms: [GenericTerm]? = nil
  ) {
    self.constraint = constraint
    self.stage = stage
    self.block = block
    self.lower = lower
    self.upper = upper
    self.isStageRow = isStageRow
    self.terms = terms
  }
}

/// The registries of a case.
package enum EntityKind: String, Sendable, Codable, CaseIterable {
  case bus
  case line
  case hydro
  case thermal
  case nonControllableSource = "non_controllable_source"
  case pumpingStation = "pumping_station"
  case battery
  case contract
  case priceProcess = "price_process"
  case genericConstraint = "generic_constraint"
  case stage
}
