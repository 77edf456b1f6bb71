internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// Tables of what the case comes to before it is solved: limits, evaporation, planes, and the noise and model of
/// inflows.
extension NovomodeloExport {
  /// Writes those that have rows.
  func writeInputs(to directory: borrowing StagedDirectory) throws -> [RunExport.File] {
    var files: [RunExport.File] = []
    func add(_ name: String, _ columns: [ParquetColumn], isNeeded: Bool = false) throws {
      guard isNeeded || columns.first.map({ $0.rowCount > 0 }) == true else { return }
      files.append(try file(name, to: directory, fields: columns.map(\.field)) { try $0(columns) })
    }
    try add("training/dictionaries/bounds.parquet", bounds, isNeeded: true)
    try add("hydro_models/evaporation_models.parquet", evaporation)
    try add("hydro_models/fpha_hyperplanes.parquet", planes)
    guard study.inflowModelSource != .none, study.inflowModelSource != .openings else { return files }
    try add("stochastic/inflow_seasonal_stats.parquet", statistics, isNeeded: true)
    let ids = study.hydros.map { Int32(clamping: $0.id) }
    let rows = study.autoregressiveCoefficients
    try add(
      "stochastic/inflow_ar_coefficients.parquet",
      [
        .int32("hydro_id", rows.map { ids[$0.hydro] }), .int32("stage_id", rows.map { declared($0.stageID) }),
        .int32("lag", rows.map { Int32(clamping: $0.lag) }), .double("coefficient", rows.map(\.coefficient)),
      ], isNeeded: true)
    let annual = study.annualComponents
    try add(
      "stochastic/inflow_annual_component.parquet",
      [
        .int32("hydro_id", annual.map { ids[$0.hydro] }), .int32("stage_id", annual.map { declared($0.stageID) }),
        .double("annual_coefficient", annual.map(\.coefficient)), .double("annual_mean_m3s", annual.map(\.mean)),
        .double("annual_std_m3s", annual.map(\.deviation)),
      ], isNeeded: true)
    // Nodes share the rows of their stage, so that their openings have no rows of their own.
    if study.nodePositions.isEmpty { try add("stochastic/noise_openings.parquet", noise) }
    return files
  }

  /// The declared id of a stage of the inflow model; periods before the study count by theirs.
  private func declared(_ stage: Int) -> Int32 {
    Int32(clamping: study.stages.indices.contains(stage) ? period(stage) : stage)
  }

  /// One stage of each period: nodes of a period share its limits.
  private var periods: [Int] {
    var known: Set<Int> = []
    return study.stages.indices.filter { known.insert(period($0)).inserted }
  }

  // MARK: Limits

  /// One column of `bounds` after the other.
  private struct Bounds {
    var kinds: [Int32] = []
    var entities: [Int32] = []
    var hydros: [Int32?] = []
    var stages: [Int32] = []
    var blocks: [Int32?] = []
    var bounds: [Int32] = []
    var values: [Double] = []
  }

  /// Kinds of limits by their codes, as `codes.json` names them.
  private static let storage = 0, turbined = 2, outflow = 4, generation = 6, flow = 8

  /// Limits of each stage, and of single blocks where these differ; a limit that does not exist has no row.
  private var bounds: [ParquetColumn] {
    var table = Bounds()
    func add(
      _ kind: Int32, _ id: Int, of hydro: Int? = nil, _ stage: Int, _ limits: (Int?) -> [(code: Int, value: Double?)]
    ) {
      let whole = limits(nil)
      func append(_ block: Int?, _ limit: (code: Int, value: Double?)) {
        guard let value = limit.value, value.isFinite else { return }
        table.kinds.append(kind)
        table.entities.append(Int32(clamping: id))
        table.hydros.append(hydro.map { Int32(clamping: $0) })
        table.stages.append(Int32(clamping: period(stage)))
        table.blocks.append(block.map { Int32(clamping: $0) })
        table.bounds.append(Int32(limit.code))
        table.values.append(value)
      }
      for limit in whole { append(nil, limit) }
      for block in study.stages[stage].blocks.indices {
        for (own, limit) in zip(limits(block), whole) where own.value != limit.value { append(block, own) }
      }
    }
    for stage in periods {
      let blocks = study.stages[stage].blocks.count
      for (hydro, plant) in study.hydros.enumerated() {
        add(0, plant.id, stage) { block in
          let own = block.map { study.limits(stage: stage, hydro: hydro, block: $0) }
          return Self.limits(of: own ?? study.limits(stage: stage, hydro: hydro))
        }
        for (group, declared) in plant.groups.enumerated() {
          let own = (0..<blocks).map { study.limits(stage: stage, hydro: hydro, group: group, block: $0) }
          // What all blocks have is the limit of the stage.
          func shared(_ limit: KeyPath<UnitGroupLimits, Double>) -> Double {
            let first = own.first?[keyPath: limit] ?? declared.limits[keyPath: limit]
            return own.allSatisfy { $0[keyPath: limit] == first } ? first : declared.limits[keyPath: limit]
          }
          let whole = UnitGroupLimits(
            minTurbined: shared(\.minTurbined), maxTurbined: shared(\.maxTurbined),
            minGeneration: shared(\.minGeneration), maxGeneration: shared(\.maxGeneration))
          add(8, declared.id, of: plant.id, stage) { block in
            let limits = block.map { own[$0] } ?? whole
            return Self.pair(Self.turbined, limits.minTurbined, limits.maxTurbined)
              + Self.pair(Self.generation, limits.minGeneration, limits.maxGeneration)
          }
        }
      }
      for (thermal, plant) in study.thermals.enumerated() {
        add(1, plant.id, stage) { block in
          let own = block.map { study.limits(stage: stage, thermal: thermal, block: $0) }
          let limits = own ?? study.limits(stage: stage, thermal: thermal)
          return Self.pair(Self.generation, limits.minGeneration, limits.maxGeneration)
        }
      }
      for (line, element) in study.lines.enumerated() {
        add(3, element.id, stage) { block in
          let own = block.map { study.limits(stage: stage, line: line, block: $0) }
          let limits = own ?? study.limits(stage: stage, line: line)
          // As there: the reverse capacity has no row.
          return Self.pair(Self.flow, 0, limits.direct)
        }
      }
      for (pump, element) in study.pumpingStations.enumerated() {
        add(4, element.id, stage) { block in
          let own = block.map { study.limits(stage: stage, pump: pump, block: $0) }
          let limits = own ?? study.limits(stage: stage, pump: pump)
          return Self.pair(Self.flow, limits.minFlow, limits.maxFlow)
        }
      }
      for (contract, element) in study.contracts.enumerated() {
        add(5, element.id, stage) { block in
          let own = block.map { study.limits(stage: stage, contract: contract, block: $0) }
          let limits = own ?? study.limits(stage: stage, contract: contract)
          return Self.pair(Self.flow, limits.minPower, limits.maxPower)
        }
      }
    }
    return [
      .int8("entity_type_code", table.kinds), .int32("entity_id", table.entities), .int32("hydro_id", table.hydros),
      .int32("stage_id", table.stages), .int32("block_id", table.blocks), .int8("bound_type_code", table.bounds),
      .double("bound_value", table.values),
    ]
  }

  private static func pair(_ code: Int, _ least: Double?, _ most: Double?) -> [(code: Int, value: Double?)] {
    [(code, least), (code + 1, most)]
  }

  /// Limits of a plant, those on the sums over its machines where there are some.
  private static func limits(of plant: HydroLimits) -> [(code: Int, value: Double?)] {
    pair(storage, plant.minStorage, plant.maxStorage)
      + pair(turbined, plant.totals.minTurbined ?? plant.minTurbined, plant.totals.maxTurbined ?? plant.maxTurbined)
      + pair(outflow, plant.minOutflow, plant.maxOutflow)
      + pair(
        generation, plant.totals.minGeneration ?? plant.minGeneration, plant.totals.maxGeneration ?? plant.maxGeneration
      )
  }

  // MARK: Plants

  /// The line by which each plant loses water to the air.
  private var evaporation: [ParquetColumn] {
    var (ids, stages, sources): ([Int32], [Int32], [String]) = ([], [], [])
    var (constants, slopes, volumes): ([Double], [Double], [Double]) = ([], [], [])
    for (hydro, plant) in study.hydros.enumerated() {
      for stage in periods {
        guard let line = study.evaporation(stage: stage, hydro: hydro),
          let reference = study.evaporationReference(stage: stage, hydro: hydro)
        else { continue }
        ids.append(Int32(clamping: plant.id))
        stages.append(Int32(clamping: period(stage)))
        constants.append(line.constant)
        slopes.append(line.slope)
        volumes.append(reference.volume)
        sources.append(reference.isGiven ? "user_supplied" : "default_midpoint")
      }
    }
    return [
      .int32("hydro_id", ids), .int32("stage_id", stages.map(Optional.some)), .double("intercept_m3s", constants),
      .double("volume_slope_m3s_per_hm3", slopes), .double("reference_volume_hm3", volumes), .text("source", sources),
    ]
  }

  /// The planes that bound what plants generate, as the table of the case has them.
  private var planes: [ParquetColumn] {
    var (ids, stages, numbers): ([Int32], [Int32], [Int32]) = ([], [], [])
    var values = [[Double]](repeating: [], count: 5)
    for (hydro, plant) in study.hydros.enumerated() {
      for stage in periods where study.production(stage: stage, hydro: hydro).kind == .fpha {
        for (number, plane) in study.planes(stage: stage, hydro: hydro).enumerated() {
          ids.append(Int32(clamping: plant.id))
          stages.append(Int32(clamping: period(stage)))
          numbers.append(Int32(clamping: number))
          let figures = [plane.gamma0, plane.gammaVolume, plane.gammaTurbined, plane.gammaSpilled, plane.kappa]
          for (column, figure) in figures.enumerated() { values[column].append(figure) }
        }
      }
    }
    let nothing = [Double?](repeating: nil, count: ids.count)
    return [
      .int32("hydro_id", ids), .int32("stage_id", stages.map(Optional.some)), .int32("plane_id", numbers),
      .double("gamma_0", values[0]), .double("gamma_v", values[1]), .double("gamma_q", values[2]),
      .double("gamma_s", values[3]), .double("kappa", values[4].map(Optional.some)),
      .double("valid_v_min_hm3", nothing), .double("valid_v_max_hm3", nothing), .double("valid_q_max_m3s", nothing),
    ]
  }

  // MARK: Inflows

  private var statistics: [ParquetColumn] {
    var (ids, stages): ([Int32], [Int32]) = ([], [])
    var (means, deviations): ([Double], [Double]) = ([], [])
    for (hydro, plant) in study.hydros.enumerated() {
      let before = study.preStudyStatistics.filter { $0.hydro == hydro }.map {
        (Int32(clamping: $0.stageID), $0.statistics)
      }
      let own = periods.map { (declared($0), study.inflowStatistics(stage: $0, hydro: hydro)) }
      for (stage, row) in before + own {
        ids.append(Int32(clamping: plant.id))
        stages.append(stage)
        means.append(row.mean)
        deviations.append(row.deviation)
      }
    }
    return [
      .int32("hydro_id", ids), .int32("stage_id", stages), .double("mean_m3s", means), .double("std_m3s", deviations),
    ]
  }

  /// The noise of the opening tree, from which either program makes the same openings.
  private var noise: [ParquetColumn] {
    let noise = OpeningNoise(study: study, seed: treeSeed)
    var (stages, openings, entities): ([Int32], [UInt32], [UInt32]) = ([], [], [])
    let dimension = max(1, noise.layout.dimension)
    for (stage, values) in noise.values.enumerated() {
      stages += [Int32](repeating: declared(stage), count: values.count)
      for index in values.indices {
        openings.append(UInt32(clamping: index / dimension))
        entities.append(UInt32(clamping: index % dimension))
      }
    }
    return [
      .int32("stage_id", stages), .uint32("opening_index", openings), .uint32("entity_index", entities),
      .double("value", Array(noise.values.joined())),
    ]
  }
}
