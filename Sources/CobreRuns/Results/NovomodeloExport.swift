internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// Writes the results of a run in the layout of Novomodelo's output directory, as Parquet.
///
/// A table of the simulation has a file for each scenario, in a folder whose name gives the scenario: readers that are
/// given the folder of the table see one table. The files have no column of the scenario as well, on which pandas and
/// pyarrow would fail. Only columns whose figures the run has are written. Documentation/Runs.md lists the others.
struct NovomodeloExport {
  let study: StudyCase
  /// Trajectories of one iteration.
  let forwardPasses: Int
  /// Seed of the opening tree.
  let treeSeed: Int64
  private let energies: EnergyTable
  let commitments: CommitmentPlan
  let connection: ReadingConnection
  /// Index of each entity by its id.
  private var indices: [ElementKind: [Int: Int]] = [:]
  /// Number and kind of the figures that the run keeps by scenario.
  private(set) var quantities: [String: (number: Int, isPerBlock: Bool)] = [:]
  /// Takes a finished piece of the file that is being written.
  private let spend: (Int) throws -> Void

  /// Rows that are put together before they are encoded.
  private static let rowsPerPiece = 50_000

  init(
    study: StudyCase, settings: RunSettings, connection: ReadingConnection, spend: @escaping (Int) throws -> Void
  ) throws {
    self.study = study
    treeSeed = settings.options(for: study).treeSeed
    let isEnumerated = study.configuration.training.enumeratesPaths
    self.forwardPasses = isEnumerated ? StageWalk(study: study).paths.count : settings.forwardPasses
    self.connection = connection
    self.spend = spend
    energies = EnergyTable(study: study)
    commitments = CommitmentPlan(study: study)
    guard study.graph.kind == .finiteHorizon else {
      throw RunError(
        .invalidRequest,
        "The layout of Novomodelo has no infinite horizons. Export this run with format csv or sqlite.")
    }
    guard study.batteries.isEmpty else {
      throw RunError(
        .invalidRequest,
        "The layout of Novomodelo has no batteries, so that its costs would not add up. Export this run with format csv, "
          + "parquet or sqlite.")
    }
    guard study.priceProcesses.isEmpty else {
      throw RunError(
        .invalidRequest,
        "The layout of Novomodelo has no prices that follow a process, so that its costs would not add up. Export this run "
          + "with format csv, parquet or sqlite.")
    }
    for entity in ElementKind.allCases {
      let count = entity.count(in: study)
      // The layout has ids of 32 bits.
      for index in 0..<count where Int32(exactly: entity.element(index, in: study).id) == nil {
        throw RunError(
          .invalidRequest,
          "The layout of Novomodelo has ids of 32 bits, and a \(entity.rawValue) of the case has the id "
            + "\(entity.element(index, in: study).id). Export this run with format csv or sqlite.")
      }
      indices[entity] = Dictionary(
        (0..<count).map { (entity.element($0, in: study).id, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let known = try connection.prepare("SELECT id, entity_kind || '.' || name FROM simulation_quantity")
    while try known.step() {
      let number = known.integer(0)
      let first = try connection.prepare("SELECT block FROM simulation_value WHERE quantity = \(number) LIMIT 1")
      guard try first.step() else { continue }
      quantities[known.string(1)] = (number, first.integer(0) >= 0)
    }
  }

  /// Whether there are figures by scenario.
  ///
  /// Without them the tables of the simulation are not written.
  var hasScenarios: Bool { !quantities.isEmpty }

  /// Writes all tables that have rows, and returns name and rows of each.
  func write(to directory: borrowing StagedDirectory) throws -> [RunExport.File] {
    var files = [
      try file("training/convergence.parquet", to: directory, fields: convergenceFields) { try convergence($0) },
      try text("training/dictionaries/entities.csv", entities, to: directory),
      try text("training/dictionaries/codes.json", Self.codes, to: directory),
      try text("training/metadata.json", try trainingSummary(), to: directory),
      // Readers there look for it.
      try text("training/_SUCCESS", "", to: directory),
    ]
    files += try writeInputs(to: directory)
    if let number = quantities["system.cost"]?.number {
      files += try writeCosts(number, to: directory)
    }
    for table in NovomodeloTable.all {
      guard let leading = quantities["\(table.entity.rawValue).\(table.leading)"] else { continue }
      let (columns, fields) = shape(of: table)
      var whole = RunExport.File(name: "simulation/\(table.folder)", bytes: 0, rows: 0)
      try rows(of: table, columns, leading: leading, fields: fields) { scenario, produce in
        let part = try file(Self.place(table.folder, scenario), to: directory, fields: fields, produce)
        whole.bytes += part.bytes
        whole.rows = (whole.rows ?? 0) + (part.rows ?? 0)
      }
      files.append(whole)
    }
    if hasScenarios { files += try writeParts(to: directory) }
    return files
  }

  /// The columns of a table that the run has figures for, and all its fields; columns that may be null are always
  /// there.
  private func shape(of table: NovomodeloTable) -> (columns: [NovomodeloTable.Column], fields: [ParquetField]) {
    let columns = table.columns.filter { column in
      switch column.formula {
      case .computed(_, true, _), .others: return true
      default: break
      }
      return column.formula.names.allSatisfy { quantities["\(table.entity.rawValue).\($0)"] != nil }
    }
    let fields =
      Self.keys(table.idColumn)
      + columns.map { column in
        switch column.formula {
        case .flag: return ParquetColumn.bool(column.name, []).field
        case .code, .codeOf: return ParquetColumn.int8(column.name, []).field
        case .computed(_, true, _), .others: return ParquetColumn.double(column.name, [Double?]()).field
        default: return ParquetColumn.double(column.name, [Double]()).field
        }
      }
    return (columns, fields)
  }

  /// The rows of a table in pieces, with a column of the scenario in front; nil where the run has no figures for them.
  func pieces(of name: String) throws -> [[ParquetColumn]]? {
    guard let table = NovomodeloTable.all.first(where: { $0.name == name }),
      let leading = quantities["\(table.entity.rawValue).\(table.leading)"]
    else { return nil }
    let (columns, fields) = shape(of: table)
    var pieces: [[ParquetColumn]] = []
    try rows(of: table, columns, leading: leading, fields: fields) { scenario, produce in
      try produce { piece in
        let number = [Int32](repeating: Int32(clamping: scenario), count: piece.first?.rowCount ?? 0)
        pieces.append([.int32("scenario_id", number)] + piece)
      }
    }
    return pieces
  }

  /// Columns that every table of the simulation begins with.
  static func keys(_ idColumn: String?) -> [ParquetField] {
    [
      ParquetColumn.int32("stage_id", [Int32]()).field, ParquetColumn.int32("node_id", [Int32]()).field,
      ParquetColumn.int32("block_id", [Int32?]()).field,
    ] + (idColumn.map { [ParquetColumn.int32($0, [Int32]()).field] } ?? [])
  }

  /// Where a table of the simulation has the rows of a scenario.
  static func place(_ folder: String, _ scenario: Int) -> String {
    let digits = String(scenario)
    return
      "simulation/\(folder)/scenario_id=\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)/data.parquet"
  }

  /// Id of the period of a stage as the case declares it; nodes of a graph may share it.
  func period(_ stage: Int) -> Int {
    study.stages[stage].declaredID
      ?? (study.nodePositions.isEmpty ? study.stages[stage].id : study.position(of: stage))
  }

  /// Index of an element in the case; nil where the case has none of the id.
  func index(of id: Int, _ entity: ElementKind) -> Int? { indices[entity]?[id] }

  /// Whether what a thermal plant generates in a stage was decided before.
  func isCommitted(thermal: Int, stage: Int) -> Bool {
    commitments.isCommitted(thermal: thermal, delivery: study.position(of: stage))
  }

  /// Declared id of a node; the number of the stage where there are none.
  func node(_ stage: Int) -> Int {
    study.nodeIDs.indices.contains(stage) ? study.nodeIDs[stage] : study.stages[stage].id
  }
}

// MARK: Files

extension NovomodeloExport {
  /// A piece of a table: columns in the order of its fields.
  typealias Put = ([ParquetColumn]) throws -> Void

  /// Writes one table in pieces.
  func file(
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

  func text(
    _ name: String, _ text: String, to directory: borrowing StagedDirectory
  ) throws -> RunExport.File {
    let bytes = try directory.write(name) { put in
      try spend(text.utf8.count)
      try put(Array(text.utf8))
    }
    return RunExport.File(name: name, bytes: bytes, rows: nil)
  }
}

// MARK: Simulation

extension NovomodeloExport {
  /// The value of a quantity where a row `b` has another one, or NULL: found by key, which a join of views is not.
  static func value(_ quantity: Int, entity: String = "b.entity", block: String) -> String {
    """
    (SELECT v.value FROM simulation_value AS v WHERE v.quantity = \(quantity) AND v.entity = \(entity)
      AND v.stage = b.stage AND v.scenario = b.scenario AND v.block = \(block))
    """
  }

  /// Rows of one table by scenario, then by stage, entity and block.
  ///
  /// - Parameters:
  ///   - table: the table.
  ///   - columns: its columns that are written.
  ///   - leading: the figure that makes the rows.
  ///   - fields: the fields of all columns, keys included.
  ///   - ofScenario: given each scenario and what puts its rows, in pieces; it calls that once.
  /// - Throws: `RunError` where the case is another one than when the run was computed.
  private func rows(
    of table: NovomodeloTable, _ columns: [NovomodeloTable.Column], leading: (number: Int, isPerBlock: Bool),
    fields: [ParquetField], ofScenario: (Int, (Put) throws -> Void) throws -> Void
  ) throws {
    /// Volumes and their worth are those of blocks where these follow each other.
    func stored(_ name: String) -> String {
      let ofBlock = "block_\(name)"
      return quantities["\(table.entity.rawValue).\(ofBlock)"]?.isPerBlock == true ? ofBlock : name
    }
    let kept = columns.flatMap(\.formula.names).filter { quantities["\(table.entity.rawValue).\($0)"] != nil }
    let names = Set(kept.map(stored)).sorted()
    let positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0 + 4)) })
    var selected = ""
    for name in names {
      guard let quantity = quantities["\(table.entity.rawValue).\(name)"] else { continue }
      selected += ", " + Self.value(quantity.number, block: quantity.isPerBlock ? "b.block" : "-1")
    }
    let statement = try connection.prepare(
      """
      SELECT b.entity, b.stage, b.scenario, b.block\(selected) FROM simulation_value AS b
      WHERE b.quantity = \(leading.number) ORDER BY b.scenario, b.stage, b.entity, b.block
      """)
    func figure(_ name: String) -> Double { positions[stored(name)].flatMap { statement.double($0) } ?? .nan }
    func sum(_ terms: [(name: String, factor: Double)]) -> Double {
      terms.reduce(0) { $0 + $1.factor * figure($1.name) }
    }
    let lookups = try lookups(of: columns, table.entity)
    var hasRow = try statement.step()
    while hasRow {
      let scenario = statement.integer(2)
      /// Volumes at the end of the stage or block before and of the present one, by plant.
      var ends: [Int: (stage: Int, block: Int?, value: Double, before: Double?)] = [:]
      try ofScenario(scenario) { put in
        var builders = fields.map { ColumnBuilder($0) }
        var rows = 0
        while hasRow, statement.integer(2) == scenario {
          let row = try row(of: table, statement)
          let bounds = table.entity == .constraint ? row.genericBounds : nil
          guard bounds?.isEmpty != true else {
            // A constraint has no row where no limit holds.
            hasRow = try statement.step()
            continue
          }
          let isOfStage = bounds?.contains(where: \.isStageRow) == true
          func before(_ name: String) -> Double {
            let follows = study.stages[row.stage].blockMode == .chronological && stored(name) != name
            let last = ends[row.entity]
            if last?.stage != row.stage || follows && last?.block != row.block {
              ends[row.entity] = (row.stage, row.block, figure(name), last?.value)
            }
            return ends[row.entity]?.before ?? study.hydros[row.entity].initialStorage
          }
          var cells: [Double?] = [
            Double(period(row.stage)), Double(node(row.stage)), isOfStage ? nil : row.block.map(Double.init),
            Double(statement.integer(0)),
          ]
          for column in columns {
            switch column.formula {
            case .sum(let terms): cells.append(sum(terms))
            case .overTime(let terms): cells.append(sum(terms) * row.hours)
            case .scaled(let terms, let isAmount, let factor):
              cells.append(sum(terms) * factor(row) * (isAmount ? row.hours : 1))
            case .before(let name): cells.append(before(name))
            case .fromBefore(let name, let function): cells.append(function(row, before(name)))
            case .computed(let names, let isNullable, let function):
              let isMissing = isNullable && names.contains { quantities["\(table.entity.rawValue).\($0)"] == nil }
              cells.append(isMissing ? nil : function(row, names.map(figure)))
            case .others(let name, let function):
              cells.append(
                try lookups[name].flatMap { function(row, try $0.figures(scenario: scenario, stage: row.stage)) })
            case .flag(let holds): cells.append(holds(row) ? 1 : 0)
            case .code(let code): cells.append(Double(code))
            case .codeOf(let name, let code): cells.append(Double(code(figure(name))))
            }
          }
          for (index, cell) in cells.enumerated() { builders[index].append(cell) }
          rows += 1
          if rows == Self.rowsPerPiece {
            try put(builders.map { $0.column })
            builders = fields.map { ColumnBuilder($0) }
            rows = 0
          }
          hasRow = try statement.step()
        }
        try put(builders.map { $0.column })
      }
    }
  }

  /// What gives the figures of other elements that columns need.
  private func lookups(
    of columns: [NovomodeloTable.Column], _ entity: ElementKind
  ) throws -> [String: NovomodeloLookup] {
    var lookups: [String: NovomodeloLookup] = [:]
    for case .others(let name, _) in columns.map(\.formula) {
      guard let quantity = quantities["\(entity.rawValue).\(name)"]?.number else { continue }
      lookups[name] = try NovomodeloLookup(quantity: quantity, connection: connection) { index(of: $0, entity) }
    }
    return lookups
  }

  /// What the present row of the statement of a table is about.
  private func row(of table: NovomodeloTable, _ statement: ReadingStatement) throws -> NovomodeloTable.Row {
    let (stage, block) = (statement.integer(1), statement.integer(3))
    guard let entity = indices[table.entity]?[statement.integer(0)], study.stages.indices.contains(stage),
      block < study.stages[stage].blocks.count
    else {
      throw RunError(
        .invalidCase, "The case has other stages or elements than when the run was computed. Put its files back.")
    }
    return NovomodeloTable.Row(
      study: study, stage: stage, entity: entity, block: block < 0 ? nil : block,
      hours: block < 0 ? study.stages[stage].hours : study.stages[stage].blocks[block].hours, energies: energies,
      commitments: commitments)
  }
}

/// A column that grows by numbers; whole numbers up to 2⁵³ are exact in them.
struct ColumnBuilder {
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
