internal import CobreParquet

/// Writes the results of a run in the layout of Novomodelo's output directory, as Parquet.
///
/// One file for each table, in the folder that the table has there: readers that are given the folder see one table. The
/// scenario is a column alone, not part of a folder's name too, where pandas and pyarrow fail on it. Only columns are
/// written whose figures the run has; Documentation/Runs.md says which are not.
struct NovomodeloExport {
  private let study: StudyCase
  private let forwardPasses: Int
  private let connection: ReadingConnection
  /// Index of each entity by its id.
  private var indices: [SimulationQuantity.Entity: [Int: Int]] = [:]
  /// Number and kind of the figures that the run keeps by scenario.
  private var quantities: [String: (number: Int, isPerBlock: Bool)] = [:]
  /// Takes a finished piece of the file that is being written.
  private let spend: (Int) throws -> Void

  /// Rows that are put together before they are encoded.
  private static let rowsPerPiece = 50_000

  init(
    study: StudyCase, forwardPasses: Int, connection: ReadingConnection, spend: @escaping (Int) throws -> Void
  ) throws {
    self.study = study
    self.forwardPasses = forwardPasses
    self.connection = connection
    self.spend = spend
    guard study.graph.kind == .finiteHorizon else {
      throw RunError(
        .invalidRequest,
        "The layout of Novomodelo has no infinite horizons. Export this run with format csv or sqlite.")
    }
    for entity in SimulationQuantity.Entity.allCases {
      let count = SimulationQuantity.count(entity, in: study)
      // The layout has ids of 32 bits.
      for index in 0..<count where Int32(exactly: SimulationQuantity.id(entity, index, in: study)) == nil {
        throw RunError(
          .invalidRequest,
          "The layout of Novomodelo has ids of 32 bits, and a \(entity.rawValue) of the case has the id "
            + "\(SimulationQuantity.id(entity, index, in: study)). Export this run with format csv or sqlite.")
      }
      indices[entity] = Dictionary(
        (0..<count).map { (SimulationQuantity.id(entity, $0, in: study), $0) }, uniquingKeysWith: { first, _ in first })
    }
    let known = try connection.prepare("SELECT id, entity_kind || '.' || name FROM simulation_quantity")
    while try known.step() {
      let number = known.integer(0)
      let first = try connection.prepare("SELECT block FROM simulation_value WHERE quantity = \(number) LIMIT 1")
      guard try first.step() else { continue }
      quantities[known.string(1)] = (number, first.integer(0) >= 0)
    }
  }

  /// Whether figures by scenario are there, without which the tables of the simulation are not written.
  var hasScenarios: Bool { !quantities.isEmpty }

  /// Writes all tables that have rows; returns name and rows of each.
  func write(to directory: borrowing StagedDirectory) throws -> [RunExport.File] {
    var files = [
      try file("training/convergence.parquet", to: directory, fields: Self.convergenceFields) { try convergence($0) },
      try text("training/dictionaries/entities.csv", entities, to: directory),
      try text("training/dictionaries/codes.json", Self.codes, to: directory),
    ]
    if let number = quantities["system.cost"]?.number {
      files += try writeCosts(number, to: directory)
    }
    for table in NovomodeloTable.all {
      guard let leading = quantities["\(table.entity.rawValue).\(table.leading)"] else { continue }
      let (columns, fields) = shape(of: table)
      files.append(
        try file("simulation/\(table.folder)/data.parquet", to: directory, fields: fields) { put in
          try rows(of: table, columns, leading: leading, fields: fields, put)
        })
    }
    return files
  }

  /// The columns of a table that the run has figures for, and all its fields.
  private func shape(of table: NovomodeloTable) -> (columns: [NovomodeloTable.Column], fields: [ParquetField]) {
    let columns = table.columns.filter { column in
      column.formula.names.allSatisfy { quantities["\(table.entity.rawValue).\($0)"] != nil }
    }
    let fields =
      Self.keys(table.idColumn)
      + columns.map { column in
        if case .flag = column.formula { return ParquetColumn.bool(column.name, []).field }
        return ParquetColumn.double(column.name, [Double]()).field
      }
    return (columns, fields)
  }

  /// The rows of a table in pieces; nil where the run has no figures for them.
  func pieces(of name: String) throws -> [[ParquetColumn]]? {
    guard let table = NovomodeloTable.all.first(where: { $0.name == name }),
      let leading = quantities["\(table.entity.rawValue).\(table.leading)"]
    else { return nil }
    let (columns, fields) = shape(of: table)
    var pieces: [[ParquetColumn]] = []
    try rows(of: table, columns, leading: leading, fields: fields) { pieces.append($0) }
    return pieces
  }

  /// Columns that every table of the simulation begins with.
  private static func keys(_ idColumn: String?) -> [ParquetField] {
    [
      ParquetColumn.int32("scenario_id", [Int32]()).field, ParquetColumn.int32("stage_id", [Int32]()).field,
      ParquetColumn.int32("node_id", [Int32]()).field, ParquetColumn.int32("block_id", [Int32?]()).field,
    ] + (idColumn.map { [ParquetColumn.int32($0, [Int32]()).field] } ?? [])
  }

  /// Id of the period of a stage; nodes of a graph may share it.
  private func period(_ stage: Int) -> Int {
    study.nodePositions.isEmpty ? study.stages[stage].id : study.position(of: stage)
  }
}

// MARK: Files

extension NovomodeloExport {
  /// A piece of a table: columns in the order of its fields.
  typealias Put = ([ParquetColumn]) throws -> Void

  /// Writes one table in pieces.
  private func file(
    _ name: String, to directory: borrowing StagedDirectory, fields: [ParquetField], _ produce: (Put) throws -> Void
  ) throws -> RunExport.File {
    var writer = try Self.translating { () throws(ParquetError) in try ParquetWriter(fields: fields) }
    var rows = 0
    let bytes = try directory.write(name) { put in
      try withoutActuallyEscaping(put) { put in
        try produce { columns in
          rows += columns.first?.rowCount ?? 0
          let piece = try Self.translating { () throws(ParquetError) in try writer.append(columns) }
          try spend(piece.count)
          try put(piece)
        }
      }
      let end = try Self.translating { () throws(ParquetError) in try writer.finish() }
      try spend(end.count)
      try put(end)
    }
    return RunExport.File(name: name, bytes: bytes, rows: rows)
  }

  private static func translating<Result>(_ body: () throws(ParquetError) -> Result) throws -> Result {
    do { return try body() } catch { throw RunError(.storage, "The table cannot be written: \(error)") }
  }

  private func text(
    _ name: String, _ text: String, to directory: borrowing StagedDirectory
  ) throws -> RunExport.File {
    let bytes = try directory.write(name) { put in
      try spend(text.utf8.count)
      try put(Array(text.utf8))
    }
    return RunExport.File(name: name, bytes: bytes, rows: nil)
  }
}

// MARK: Training

extension NovomodeloExport {
  private static let convergenceFields = [
    ParquetColumn.int32("iteration", [Int32]()).field, ParquetColumn.double("lower_bound", [Double]()).field,
    ParquetColumn.double("upper_bound", [Double?]()).field, ParquetColumn.double("gap_percent", [Double?]()).field,
    ParquetColumn.int32("cuts_added", [Int32]()).field, ParquetColumn.int64("time_forward_ms", []).field,
    ParquetColumn.int64("time_backward_ms", []).field, ParquetColumn.int64("time_total_ms", []).field,
    ParquetColumn.int32("forward_passes", [Int32]()).field, ParquetColumn.int64("lp_solves", []).field,
  ]

  private func convergence(_ put: Put) throws {
    let statement = try connection.prepare(
      """
      SELECT c.iteration, c.lower_bound, c.upper_bound, c.elapsed_seconds, c.forward_seconds, c.backward_seconds, c.solves,
        (SELECT COUNT(*) FROM cut WHERE cut.iteration = c.iteration)
      FROM convergence AS c ORDER BY c.iteration
      """)
    var columns = Self.convergenceFields.map { field in ColumnBuilder(field) }
    var before = 0.0
    while try statement.step() {
      let lower = statement.double(1)
      let upper = statement.double(2)
      let elapsed = statement.double(3) ?? 0
      // Of the lower bound, as there; our own gap is relative to the upper bound.
      let gap = lower.flatMap { lower in upper.map { 100 * ($0 - lower) / max(1, abs(lower)) } }
      let milliseconds = [statement.double(4) ?? 0, statement.double(5) ?? 0, max(0, elapsed - before)].map {
        ($0 * 1000).rounded()
      }
      before = elapsed
      let cells: [Double?] =
        [Double(statement.integer(0)), lower ?? .nan, upper, gap, Double(statement.integer(7))] + milliseconds
        + [Double(forwardPasses), Double(statement.integer(6))]
      for (index, cell) in cells.enumerated() { columns[index].append(cell) }
    }
    try put(columns.map { $0.column })
  }

  /// Codes of the kinds of entities, as there.
  private static let codes = """
    {
      "version": "1.0",
      "entity_type": {
        "0": "hydro",
        "1": "thermal",
        "2": "bus",
        "3": "line",
        "4": "pumping_station",
        "5": "contract",
        "7": "non_controllable"
      }
    }

    """

  /// Names of the entities; a line has no bus of its own.
  private var entities: String {
    func rows<Element>(
      _ code: Int, _ list: [Element], _ row: (Element) -> (id: Int, name: String, bus: Int?)
    ) -> String {
      list.map { element in
        let (id, name, bus) = row(element)
        return CSVText.row(["\(code)", "\(id)", name, bus.map { "\(study.buses[$0].id)" } ?? "-1"])
      }.joined()
    }
    return CSVText.row(["entity_type_code", "entity_id", "name", "bus_id"])
      + rows(0, study.hydros) { ($0.id, $0.name, $0.bus) } + rows(1, study.thermals) { ($0.id, $0.name, $0.bus) }
      + rows(2, study.buses) { ($0.id, $0.name, nil) } + rows(3, study.lines) { ($0.id, $0.name, nil) }
      + rows(4, study.pumpingStations) { ($0.id, $0.name, $0.bus) }
      + rows(5, study.contracts) { ($0.id, $0.name, $0.bus) } + rows(7, study.sources) { ($0.id, $0.name, $0.bus) }
  }
}

// MARK: Simulation

extension NovomodeloExport {
  /// Rows of one table, in the order of the database: entity, stage, scenario, block.
  private func rows(
    of table: NovomodeloTable, _ columns: [NovomodeloTable.Column], leading: (number: Int, isPerBlock: Bool),
    fields: [ParquetField], _ put: Put
  ) throws {
    let names = Set(columns.flatMap(\.formula.names)).sorted()
    let positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0 + 4)) })
    var selected = ""
    var joined = ""
    for (index, name) in names.enumerated() {
      guard let quantity = quantities["\(table.entity.rawValue).\(name)"] else { continue }
      selected += ", v\(index).value"
      joined += """
         LEFT JOIN simulation_value AS v\(index) ON v\(index).quantity = \(quantity.number) AND v\(index).entity = b.entity
          AND v\(index).stage = b.stage AND v\(index).scenario = b.scenario
          AND v\(index).block = \(quantity.isPerBlock ? "b.block" : "-1")
        """
    }
    let statement = try connection.prepare(
      """
      SELECT b.entity, b.stage, b.scenario, b.block\(selected) FROM simulation_value AS b\(joined)
      WHERE b.quantity = \(leading.number) ORDER BY b.entity, b.stage, b.scenario, b.block
      """)
    func figure(_ name: String) -> Double { positions[name].flatMap { statement.double($0) } ?? .nan }
    func sum(_ terms: [(name: String, factor: Double)]) -> Double {
      terms.reduce(0) { $0 + $1.factor * figure($1.name) }
    }
    var builders = fields.map { ColumnBuilder($0) }
    var rows = 0
    var owner = -1
    /// Volumes at the end of the stage before and of the present one, by scenario.
    var ends: [Int: (stage: Int, value: Double, before: Double?)] = [:]
    while try statement.step() {
      let (id, stage) = (statement.integer(0), statement.integer(1))
      let (scenario, block) = (statement.integer(2), statement.integer(3))
      guard let entity = indices[table.entity]?[id], study.stages.indices.contains(stage),
        block < study.stages[stage].blocks.count
      else {
        throw RunError(
          .invalidCase, "The case has other stages or elements than when the run was computed. Put its files back.")
      }
      if owner != id {
        owner = id
        ends = [:]
      }
      let place = NovomodeloTable.HeldPath(
        study: study, stage: stage, entity: entity, block: block < 0 ? nil : block,
        hours: block < 0 ? study.stages[stage].hours : study.stages[stage].blocks[block].hours)
      var cells: [Double?] = [
        Double(scenario), Double(period(stage)), Double(study.stages[stage].id), block < 0 ? nil : Double(block),
        Double(id),
      ]
      for column in columns {
        switch column.formula {
        case .sum(let terms): cells.append(sum(terms))
        case .overTime(let terms): cells.append(sum(terms) * place.hours)
        case .scaled(let terms, let isAmount, let factor):
          cells.append(sum(terms) * factor(place) * (isAmount ? place.hours : 1))
        case .before(let name):
          if ends[scenario]?.stage != stage {
            ends[scenario] = (stage, figure(name), ends[scenario]?.value)
          }
          cells.append(ends[scenario]?.before ?? study.hydros[entity].initialStorage)
        case .flag(let holds): cells.append(holds(place) ? 1 : 0)
        }
      }
      for (index, cell) in cells.enumerated() { builders[index].append(cell) }
      rows += 1
      if rows == Self.rowsPerPiece {
        try put(builders.map { $0.column })
        builders = fields.map { ColumnBuilder($0) }
        rows = 0
      }
    }
    try put(builders.map { $0.column })
  }

  /// Columns of costs; those that there are not are the run's own, so that the parts add up to the immediate cost.
  private static let costParts: [(column: String, quantity: String)] = [
    ("thermal_cost", "cost.thermal"), ("contract_cost", "cost.contracts"), ("deficit_cost", "cost.deficit"),
    ("excess_cost", "cost.excess"), ("violation_cost", "cost.violations"), ("spillage_cost", "cost.spillage"),
    ("diversion_cost", "cost.diversion"), ("exchange_cost", "cost.exchange"), ("curtailment_cost", "cost.curtailment"),
    ("turbined_cost", "cost.turbined"),
  ]

  /// Costs, the stages that each scenario visits, and its discounted cost.
  private func writeCosts(_ number: Int, to directory: borrowing StagedDirectory) throws -> [RunExport.File] {
    let parts = ["system.future_cost"] + Self.costParts.map { "system.\($0.quantity)" }
    var selected = ""
    var joined = ""
    for (index, part) in parts.enumerated() {
      guard let quantity = quantities[part] else {
        throw RunError(.storage, "The run keeps no figure \(part), so costs cannot be exported.")
      }
      selected += ", v\(index).value"
      joined += """
         LEFT JOIN simulation_value AS v\(index) ON v\(index).quantity = \(quantity.number) AND v\(index).entity = 0
          AND v\(index).stage = b.stage AND v\(index).scenario = b.scenario AND v\(index).block = -1
        """
    }
    let statement = try connection.prepare(
      """
      SELECT b.scenario, b.stage, b.value\(selected) FROM simulation_value AS b\(joined)
      WHERE b.quantity = \(number) ORDER BY b.entity, b.stage, b.scenario
      """)
    let names = ["total_cost", "immediate_cost", "future_cost", "discount_factor"] + Self.costParts.map(\.column)
    let fields = Self.keys(nil) + names.map { ParquetColumn.double($0, [Double]()).field }
    var costs = fields.map { ColumnBuilder($0) }
    var paths = fields.prefix(3).map { ColumnBuilder($0) }
    var factors: [Int: Double] = [:]
    var totals: [Int: Double] = [:]
    while try statement.step() {
      let (scenario, stage) = (statement.integer(0), statement.integer(1))
      guard study.stages.indices.contains(stage) else {
        throw RunError(.invalidCase, "The case has fewer stages than when the run was computed. Put its files back.")
      }
      let factor = factors[scenario] ?? 1
      let own = study.discountFactor(stage: stage)
      let immediate = statement.double(2) ?? .nan
      let future = own * (statement.double(3) ?? .nan)
      factors[scenario] = factor * own
      totals[scenario, default: 0] += factor * immediate
      let keys: [Double?] = [Double(scenario), Double(period(stage)), Double(study.stages[stage].id)]
      let amounts = (0..<Self.costParts.count).map { statement.double(Int32($0 + 4)) ?? .nan }
      let cells = keys + [nil, immediate + future, immediate, future, factor] + amounts
      for (index, cell) in cells.enumerated() { costs[index].append(cell) }
      for (index, key) in keys.enumerated() { paths[index].append(key) }
    }
    let summaryFields = [
      fields[0], ParquetColumn.double("discounted_immediate_cost", [Double]()).field,
    ]
    var summary = summaryFields.map { ColumnBuilder($0) }
    for (scenario, total) in totals.sorted(by: { $0.key < $1.key }) {
      summary[0].append(Double(scenario))
      summary[1].append(total)
    }
    return [
      try file("simulation/costs/data.parquet", to: directory, fields: fields) { try $0(costs.map(\.column)) },
      try file("simulation/paths.parquet", to: directory, fields: Array(fields.prefix(3))) {
        try $0(paths.map(\.column))
      },
      try file("simulation/scenario_summary.parquet", to: directory, fields: summaryFields) {
        try $0(summary.map(\.column))
      },
    ]
  }
}

/// A column that grows by numbers; whole numbers up to 2⁵³ are exact in them.
private struct ColumnBuilder {
  private let field: ParquetField
  private var values: [Double] = []
  private var validity: [Bool] = []
  private var hasNulls = false

  init(_ field: ParquetField) { self.field = field }

  mutating func append(_ value: Double?) {
    values.append(value ?? 0)
    validity.append(value != nil)
    if value == nil { hasNulls = true }
  }

  var column: ParquetColumn {
    let typed: ParquetValues =
      switch field.physicalType {
      case .boolean: .bool(values.map { $0 != 0 })
      case .int32: .int32(values.map { Int32(exactly: $0) ?? 0 })
      case .int64: .int64(values.map { Int64(exactly: $0) ?? 0 })
      default: .double(values)
      }
    return ParquetColumn(field: field, values: typed, validity: hasNulls ? validity : nil)
  }
}
