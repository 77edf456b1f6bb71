/// A case as the engine computes with it: entities sorted by id and referenced by index, cascades resolved.
///
/// Sizes: T stages, B buses, L lines, H hydros, N thermals, S sources, P pumping stations, C contracts. Tables per
/// stage and entity are flat arrays indexed `[stage * count + entity]`. The accessors in the extensions do that. Flows
/// in m³/s, volumes in hm³, powers in MW, prices in $/MWh, $/(m³/s·h) or $/hm³ as each field says.
package struct StudyCase: Sendable {
  package var configuration: Configuration
  package var conventions = ModelConventions.cobre
  package var graph: PolicyGraph
  /// Sorted by id, which is the index.
  ///
  /// If periods have several policy nodes, there is one for each node, in order of time.
  package var stages: [Stage]
  /// Time position of each stage if stages are nodes (empty = its own index).
  package var nodePositions: [Int] = []
  /// Declared id of each node, empty if stages are no nodes.
  package var nodeIDs: [Int] = []
  /// Sorted by id: …, −2, −1.
  package var preStudyStages: [PreStudyStage]
  package var seasons: SeasonDefinitions?
  /// What follows the last stage without a gap, for decisions that are delivered there.
  package var postStudyStages: [PostStudyStage] = []
  package var postStudyLimits: [PostStudyLimits] = []

  // Registries, sorted by id.
  package var buses: [Bus]
  package var lines: [Line]
  package var hydros: [Hydro]
  package var thermals: [Thermal]
  package var sources: [NonControllableSource]
  package var pumpingStations: [PumpingStation]
  package var contracts: [EnergyContract]
  package var batteries: [Battery] = []
  package var priceProcesses: [PriceProcess] = []
  /// `[stage * processes + process]`.
  package var priceSteps: [PriceStep] = []
  /// Given innovations of prices, by stage, opening and process.
  package var priceOpenings: ScenarioTable?
  /// `[stage * batteries + battery]`.
  package var batteryLimits: [BatteryLimits] = []

  package var initialConditions: InitialConditions

  // Resolved tables per stage and entity.
  /// T × H.
  package var hydroLimits: [HydroLimits]
  /// T × H.
  package var hydroCosts: [HydroCosts]
  /// T × H.
  package var productionModels: [ProductionModel]
  /// T × N.
  package var thermalLimits: [ThermalLimits]
  /// T × L.
  package var lineLimits: [LineLimits]
  /// T × L, $/MWh in both directions.
  package var lineExchangeCosts: [Double]
  /// T × B, $/MWh.
  package var busExcessCosts: [Double]
  /// B lists, costs strictly rising.
  package var busDeficitSegments: [[DeficitSegment]]
  /// T × S, MW before the block factor: capacity × mean where statistics exist, else the stage's or the entity's limit.
  package var sourceAvailabilities: [Double]
  /// T × S, $/MWh.
  ///
  /// The objective holds −cost × generation.
  package var sourceCurtailmentCosts: [Double]
  /// T × P.
  package var pumpLimits: [PumpLimits]
  /// T × C.
  package var contractLimits: [ContractLimits]

  // Limits of single blocks, by index of the entity: complete values that replace the stage's.
  /// Storage, withdrawal and filling are always the stage's.
  package var hydroBlockLimits = BlockValues<HydroLimits>()
  /// By `groupIndex`.
  ///
  /// A group without an entry has its declared limits.
  package var groupLimits = BlockValues<UnitGroupLimits>()
  /// The cost is always the stage's.
  package var thermalBlockLimits = BlockValues<ThermalLimits>()
  package var lineBlockLimits = BlockValues<LineLimits>()
  package var pumpBlockLimits = BlockValues<PumpLimits>()
  package var contractBlockLimits = BlockValues<ContractLimits>()

  // Multipliers per block. Stage t starts at (blocks before t) × count, then [entity * blocks(t) + block].
  package var loadFactors: BlockFactors
  package var directExchangeFactors: BlockFactors
  package var reverseExchangeFactors: BlockFactors
  package var sourceFactors: BlockFactors

  // Stochastic input.
  /// Where random numbers come from.
  package var noiseGenerator = NoiseGenerator.counters
  package var inflowModelSource: InflowModelSource
  /// T × H from `inflow_seasonal_stats`, or zero if it has no row.
  package var inflowStatistics: [SeriesStatistics]
  /// Sorted by plant, then stage.
  package var preStudyStatistics: [PreStudyStatistics]
  /// Sorted by plant, stage, lag, empty if the file is absent or ignored.
  package var autoregressiveCoefficients: [AutoregressiveCoefficient]
  /// Sorted by plant, stage, empty if the file is absent or ignored.
  package var annualComponents: [AnnualComponent]
  /// Sorted by plant, date.
  package var inflowHistory: [InflowObservation]
  /// Whether there is an inflow model in all stages, as in every case that the reader hands out (`GivenCase`).
  package internal(set) var hasInflowModel = false
  /// What the tables of the inflow model were estimated from, nil where the case gives them.
  package internal(set) var inflowEstimate: InflowEstimate?
  /// Whether `correlation` is that of the residuals, because the case gives none.
  package internal(set) var correlatesResiduals = false
  /// Messages on plants whose coefficients give no stationary model.
  package var residualFaults: [String] = []
  /// Plants whose initial lags come from their history.
  package var inflowStarts: [InflowStart] = []
  /// Moments from the history, by hydro and then season, where they are estimated, empty otherwise.
  package var fittedInflowMoments: [SeriesStatistics] = []
  /// T × B from `load_seasonal_stats`, or zero if it has no row.
  package var loadStatistics: [SeriesStatistics]
  /// T × S from `non_controllable_stats`, or nil if it has no row.
  package var sourceStatistics: [SeriesStatistics?]
  /// Realised inflows in m³/s per stage, opening and hydro.
  package var inflowOpenings: ScenarioTable?
  /// Realised loads in MW per stage, opening and bus, before the block factor.
  package var loadOpenings: ScenarioTable?
  /// Standard noise per stage, opening and component of the noise vector.
  package var noiseOpenings: ScenarioTable?
  /// m³/s per stage, scenario and hydro.
  package var externalInflows: ScenarioTable?
  /// MW per stage, scenario and bus.
  package var externalLoads: ScenarioTable?
  /// Availability factor per stage, scenario and source.
  package var externalAvailabilities: ScenarioTable?
  package var correlation: Correlation?

  // Given planes and user constraints.
  /// Sorted by plant, stage (those for every stage first), plane id.
  package var fphaPlanes: [FPHAPlane]
  /// Planes fitted from geometry by stage, or nil if the planes of a plant are the same in every stage.
  package var stagePlanes: StagePlanes?
  /// How fitted planes that are nearly the same are merged (nil = not at all).
  package var planeReduction: PlaneReductionRule?
  /// Mean of each plant's inflow history in m³/s (per hydro), nil without a history.
  ///
  /// Empty if no fit needs it.
  package var meanHistoricalInflows: [Double?] = []
  /// Given productivities.
  package var energyProductivities: [EnergyProductivity] = []
  /// Planes fitted from geometry, by plant.
  package var fittedPlanes: [Int: FittedPlanes] = [:]
  /// Plants whose fit failed.
  package var planeFitFailures: [Int: PlaneFitFailure] = [:]
  /// Sorted by id.
  package var genericConstraints: [GenericConstraint]
  /// Sorted by stage, constraint, block (rows for every block first).
  package var genericBounds: [GenericBound]
}

/// A multiplier per stage, entity and block, 1 if the case gives none.
package struct BlockFactors: Sendable, Equatable {
  /// Number of entities.
  package var entities: Int
  /// First value of each stage, T + 1 entries.
  package var offsets: [Int]
  /// `[offsets[stage] + entity * blocks + block]`.
  package var values: [Double]

  /// All ones.
  package init(entities: Int, stages: [Stage]) {
    self.entities = entities
    self.offsets = [0]
    for stage in stages { offsets.append((offsets.last ?? 0) + stage.blocks.count * entities) }
    self.values = Array(repeating: 1, count: offsets.last ?? 0)
  }

  /// Index of a value.
  package func index(_ stage: Int, _ entity: Int, _ block: Int) -> Int {
    let blocks = (offsets[stage + 1] - offsets[stage]) / max(1, entities)
    return offsets[stage] + entity * blocks + block
  }

  package subscript(stage: Int, entity: Int, block: Int) -> Double {
    get { values[index(stage, entity, block)] }
    set { values[index(stage, entity, block)] = newValue }
  }
}
