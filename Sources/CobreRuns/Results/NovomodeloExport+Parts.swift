internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// Tables of what plants give to single buses, of water on its way, and of past inflows.
extension NovomodeloExport {
  /// The figures of one scenario and stage, by plant and block.
  struct StageFigures {
    var scenario: Int
    var stage: Int
    /// Index of the plant, block (nil for the whole stage) and the figures in the order in which they were asked for.
    var rows: [(entity: Int, block: Int?, figures: [Double])]
  }

  /// Rows of one table; there is a file for each scenario.
  struct Folder {
    let name: String
    let fields: [ParquetField]
    var builders: [ColumnBuilder]

    init(_ name: String, keys: [ParquetField], ids: [String], dates: [String] = [], amounts: [String]) {
      self.name = name
      fields =
        keys + ids.map { ParquetColumn.int32($0, [Int32]()).field }
        + dates.map { ParquetColumn.date($0, [Int32]()).field }
        + amounts.map { ParquetColumn.double($0, [Double]()).field }
      builders = fields.map { ColumnBuilder($0) }
    }

    mutating func append(_ cells: [Double?]) {
      for (index, cell) in cells.enumerated() { builders[index].append(cell) }
    }
  }

  /// Writes the tables that the run has figures for.
  func writeParts(to directory: borrowing StagedDirectory) throws -> [RunExport.File] {
    var files: [RunExport.File] = []
    if let file = try writeBuses(to: directory) { files.append(file) }
    if let file = try writeTransit(to: directory) { files.append(file) }
    if let file = try writeLags(to: directory) { files.append(file) }
    if let file = try writeReleases(to: directory) { files.append(file) }
    if let file = try writeDeliveries(to: directory) { files.append(file) }
    return files
  }

  /// Goes through the figures of plants stage by stage and gives the rows to be written to a table.
  ///
  /// - Parameters:
  ///   - names: figures of plants.
  ///   - entity: their kind.
  ///   - folder: the table.
  ///   - directory: where it is written.
  ///   - append: adds the rows of a stage. Its argument is whether it is the first of its scenario.
  /// - Returns: what was written; nil where the run lacks a figure.
  /// - Throws: `RunError` where the case is another one than when the run was computed.
  func write(
    _ names: [String], of entity: ElementKind = .hydro, into folder: Folder,
    to directory: borrowing StagedDirectory, _ append: (inout Folder, StageFigures, _ isFirst: Bool) throws -> Void
  ) throws -> RunExport.File? {
    let known = names.compactMap { quantities["\(entity.rawValue).\($0)"] }
    guard known.count == names.count, let leading = known.first else { return nil }
    var selected = "b.value"
    for quantity in known.dropFirst() {
      selected += ", " + Self.value(quantity.number, block: quantity.isPerBlock ? "b.block" : "-1")
    }
    let statement = try connection.prepare(
      """
      SELECT b.scenario, b.stage, b.entity, b.block, \(selected) FROM simulation_value AS b
      WHERE b.quantity = \(leading.number) ORDER BY b.scenario, b.stage, b.entity, b.block
      """)
    var folder = folder
    var whole = RunExport.File(name: "simulation/\(folder.name)", bytes: 0, rows: 0)
    var hasRow = try statement.step()
    while hasRow {
      let scenario = statement.integer(0)
      var isFirst = true
      while hasRow, statement.integer(0) == scenario {
        let stage = statement.integer(1)
        var figures = StageFigures(scenario: scenario, stage: stage, rows: [])
        while hasRow, statement.integer(0) == scenario, statement.integer(1) == stage {
          let block = statement.integer(3)
          guard let plant = index(of: statement.integer(2), entity), study.stages.indices.contains(stage),
            block < study.stages[stage].blocks.count
          else { throw Self.otherCase }
          let values = names.indices.map { statement.double(Int32($0 + 4)) ?? .nan }
          figures.rows.append((plant, block < 0 ? nil : block, values))
          hasRow = try statement.step()
        }
        try append(&folder, figures, isFirst)
        isFirst = false
      }
      let builders = folder.builders
      folder.builders = folder.fields.map { ColumnBuilder($0) }
      let part = try file(Self.place(folder.name, scenario), to: directory, fields: folder.fields) { put in
        try put(builders.map(\.column))
      }
      whole.bytes += part.bytes
      whole.rows = (whole.rows ?? 0) + (part.rows ?? 0)
    }
    return whole
  }

  private static let otherCase = RunError(
    .invalidCase, "The case has other stages or elements than when the run was computed. Put its files back.")

  /// What each plant turbines for each of its buses.
  private func writeBuses(to directory: borrowing StagedDirectory) throws -> RunExport.File? {
    let cells = study.hydroCells
    let shared = SimulationQuantity.sharedBuses(of: study)
    let names =
      ["turbined", "generation"]
      + shared.flatMap { [SimulationQuantity.turbined(at: $0), SimulationQuantity.generation(at: $0)] }
    let folder = Folder(
      "hydro_bus_generation", keys: Self.keys("hydro_id"), ids: ["bus_id"],
      amounts: ["turbined_m3s", "generation_mw", "generation_mwh"])
    return try write(names, into: folder, to: directory) { folder, stage, _ in
      for row in stage.rows {
        let own = cells.filter { $0.hydro == row.entity }
        let hours =
          row.block.map { study.stages[stage.stage].blocks[$0].hours } ?? study.stages[stage.stage].hours
        for cell in own {
          let bus = study.buses[cell.bus].id
          // A plant of one bus has its own figures there.
          let first = own.count == 1 ? 0 : 2 + 2 * (shared.firstIndex(of: bus) ?? 0)
          folder.append(
            keys(of: stage.stage, block: row.block)
              + [
                Double(study.hydros[row.entity].id), Double(bus), row.figures[first], row.figures[first + 1],
                row.figures[first + 1] * hours,
              ])
        }
      }
    }
  }

  func keys(of stage: Int, block: Int?) -> [Double?] {
    [Double(period(stage)), Double(node(stage)), block.map(Double.init)]
  }

  /// Water on its way to each plant when a stage ends, by the number of stages after which it arrives, and what
  /// arrived.
  ///
  /// It follows from the flows. If blocks follow each other, the flows of the blocks are needed.
  private func writeTransit(to directory: borrowing StagedDirectory) throws -> RunExport.File? {
    let plan = TransitPlan(study: study)
    guard plan.counts.contains(where: { $0 > 0 }) else { return nil }
    let hasBlocks = quantities["hydro.turbined"]?.isPerBlock == true
    guard hasBlocks || study.stages.allSatisfy({ $0.blockMode == .parallel }) else { return nil }
    let folder = Folder(
      "in_transit", keys: Array(Self.keys(nil).dropLast()), ids: ["hydro_id", "lag"],
      amounts: ["in_transit_volume_hm3", "delayed_arrival_hm3"])
    /// By target, what arrives in the next stages.
    var underWay: [[Double]] = []
    return try write(["turbined", "spilled"], into: folder, to: directory) { folder, stage, isFirst in
      if isFirst {
        underWay = study.hydros.indices.map { target in
          (0..<plan.counts[target]).map { plan.past[target].indices.contains($0) ? plan.past[target][$0] : 0 }
        }
      }
      let place = study.position(of: stage.stage)
      for target in study.hydros.indices where plan.counts[target] > 0 {
        let before = underWay[target]
        for ahead in before.indices {
          var volume = ahead + 1 < before.count ? before[ahead + 1] : 0
          for row in stage.rows where plan.sources[target].contains(row.entity) {
            for (k, block) in study.stages[stage.stage].blocks.enumerated() where row.block == nil || row.block == k {
              let share = plan.share(from: row.entity, stage: place, block: k, later: ahead + 1)
              volume += share * StageLPBuilder.volumePerFlowHour * block.hours * (row.figures[0] + row.figures[1])
            }
          }
          underWay[target][ahead] = volume
          folder.append(
            keys(of: stage.stage, block: nil).dropLast()
              + [Double(study.hydros[target].id), Double(ahead + 1), volume, ahead == 0 ? before[0] : 0])
        }
      }
    }
  }

  /// The past inflows that each stage begins with, the latest first, where each stage is a period of the inflow model.
  private func writeLags(to directory: borrowing StagedDirectory) throws -> RunExport.File? {
    let process = InflowProcess(study: study)
    let layout = process.layout
    guard layout.hasLags, !layout.hasSums else { return nil }
    let folder = Folder(
      "inflow_lags", keys: Array(Self.keys(nil).dropLast()), ids: ["hydro_id", "lag_index"], amounts: ["inflow_m3s"])
    var past: [[Double]] = []
    return try write(["inflow"], into: folder, to: directory) { folder, stage, isFirst in
      if isFirst {
        past = study.hydros.indices.map { hydro in
          (0..<layout.lagCounts[hydro]).map { process.initialState[layout.lag($0 + 1, hydro: hydro)] }
        }
      }
      for row in stage.rows where !past[row.entity].isEmpty {
        for (lag, value) in past[row.entity].enumerated() {
          folder.append(
            keys(of: stage.stage, block: nil).dropLast() + [Double(study.hydros[row.entity].id), Double(lag), value])
        }
        past[row.entity] = [row.figures[0]] + past[row.entity].dropLast()
      }
    }
  }
}
