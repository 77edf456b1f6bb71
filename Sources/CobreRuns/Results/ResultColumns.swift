internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// A column of results in memory.
package struct ResultColumn: Sendable {
  package enum Values: Sendable {
    case int32([Int32])
    case int64([Int64])
    case double([Double])
    case bool([Bool])
    case text([String])

    package var count: Int {
      switch self {
      case .int32(let values): values.count
      case .int64(let values): values.count
      case .double(let values): values.count
      case .bool(let values): values.count
      case .text(let values): values.count
      }
    }
  }

  package var name: String
  package var values: Values
  /// Whether each value is present, or nil if all are.
  package var validity: [Bool]?
}

extension ResultColumn {
  /// The columns of one piece of a Parquet table.
  init(_ column: ParquetColumn) throws {
    let values: Values =
      switch column.values {
      case .bool(let values): .bool(values)
      case .int32(let values): .int32(values)
      case .int64(let values): .int64(values)
      case .double(let values): .double(values)
      default: throw RunError(.storage, "The column \(column.field.name) has a type that results do not have.")
      }
    self.init(name: column.field.name, values: values, validity: column.validity)
  }
}

/// A table of results as pieces of some rows each, all with the same columns, at least one piece.
package struct ResultColumns: Sendable {
  package var pieces: [[ResultColumn]]
}

extension RunService {
  /// A table of a run's results.
  ///
  /// - Parameters:
  ///   - runID: the run.
  ///   - table: one of `ResultColumns.names`.
  /// - Returns: its columns.
  /// - Throws: `RunError`, also for tables of single scenarios if the run has stored only statistics.
  package func results(runID: String, table: String) throws -> ResultColumns {
    let store = try store(runID: runID)
    let connection = try ReadingConnection(
      path: store.path, limits: QueryLimits(seconds: 3600, memory: 1 << 40), isTrusted: true, isCancelled: { false })
    if let plain = ResultColumns.plain[table] {
      return try ResultColumns(plain, connection)
    }
    guard NovomodeloTable.all.contains(where: { $0.name == table }) else {
      throw RunError(
        .invalidRequest,
        "There is no table \"\(LogTail.sanitized(table.utf8.prefix(80)))\". There are \(ResultColumns.names.joined(separator: ", "))."
      )
    }
    let manifest = try manifest(runID: runID)
    let export = try NovomodeloExport(
      study: try manifest.study(bounds: caseBounds), settings: manifest.settings,
      connection: connection, spend: { _ in })
    guard let pieces = try export.pieces(of: table) else {
      throw RunError(
        .wrongState,
        "Run \(runID) has not kept the figures of single scenarios that the table \(table) consists of. Train or simulate "
          + "with keep=\"stages\" or keep=\"blocks\" in Python, --keep in the worker, detail in the tool simulate; or take "
          + "the table statistics.")
    }
    return ResultColumns(pieces: try pieces.map { try $0.map { try ResultColumn($0) } })
  }
}

extension ResultColumns {
  /// Names of all tables.
  package static var names: [String] { plain.keys.sorted() + NovomodeloTable.all.map(\.name) }

  /// A table that one statement reads.
  struct Plain: Sendable {
    var sql: String
    var columns: [(name: String, kind: Kind)]

    enum Kind: Sendable { case integer, number, text }
  }

  private static let spread: [(String, Plain.Kind)] = [
    "mean", "standard_deviation", "minimum", "p05", "p25", "p50", "p75", "p95", "maximum",
  ].map { ($0, .number) }

  private static let element: [(String, Plain.Kind)] = [
    ("entity_kind", .text), ("quantity", .text), ("unit", .text), ("entity", .integer), ("stage", .integer),
  ]

  static let plain: [String: Plain] = [
    "convergence": Plain(
      sql: """
        SELECT iteration, lower_bound, upper_bound, upper_bound_half_width, deterministic_upper_bound, gap, elapsed_seconds,
          forward_seconds, backward_seconds, communication_seconds, wait_seconds, solves, retries
        FROM convergence ORDER BY iteration
        """,
      columns: [("iteration", .integer)]
        + [
          "lower_bound", "upper_bound", "upper_bound_ci95", "deterministic_upper_bound", "gap", "elapsed_seconds",
          "forward_seconds", "backward_seconds", "communication_seconds", "wait_seconds",
        ].map { ($0, .number) } + [("lp_solves", .integer), ("retried_solves", .integer)]),
    "scenarios": Plain(
      sql: "SELECT scenario, cost FROM simulation_scenario ORDER BY scenario",
      columns: [("scenario", .integer), ("cost", .number)]),
    "statistics": Plain(
      sql: """
        SELECT q.entity_kind, q.name, q.unit, s.entity, s.stage, s.mean, s.standard_deviation, s.minimum, s.p05, s.p25, s.p50,
          s.p75, s.p95, s.maximum
        FROM simulation_statistics AS s JOIN simulation_quantity AS q ON q.id = s.quantity
        ORDER BY s.quantity, s.entity, s.stage
        """, columns: element + spread),
    "values": Plain(
      sql: """
        SELECT q.entity_kind, q.name, q.unit, v.entity, v.stage, v.scenario, v.block, v.value
        FROM simulation_value AS v JOIN simulation_quantity AS q ON q.id = v.quantity
        ORDER BY v.quantity, v.entity, v.stage, v.scenario, v.block
        """, columns: element + [("scenario", .integer), ("block", .integer), ("value", .number)]),
  ]

  /// Rows of a piece.
  private static let rowsPerPiece = 65_536

  init(_ plain: Plain, _ connection: ReadingConnection) throws {
    let statement = try connection.prepare(plain.sql)
    var builders = plain.columns.map { Builder($0.name, $0.kind) }
    pieces = []
    var rows = 0
    while try statement.step() {
      for index in builders.indices { builders[index].append(statement, Int32(index)) }
      rows += 1
      guard rows == Self.rowsPerPiece else { continue }
      pieces.append(builders.map(\.column))
      builders = plain.columns.map { Builder($0.name, $0.kind) }
      rows = 0
    }
    if rows > 0 || pieces.isEmpty { pieces.append(builders.map(\.column)) }
  }

  /// A column that grows row by row.
  private struct Builder {
    let name: String
    let kind: Plain.Kind
    private var integers: [Int64] = []
    private var numbers: [Double] = []
    private var texts: [String] = []
    private var validity: [Bool] = []
    private var hasNulls = false

    init(_ name: String, _ kind: Plain.Kind) {
      self.name = name
      self.kind = kind
    }

    mutating func append(_ statement: ReadingStatement, _ index: Int32) {
      // NULL reads as no number, whatever the kind.
      let isThere = kind == .text || statement.double(index) != nil
      validity.append(isThere)
      if !isThere { hasNulls = true }
      switch kind {
      case .integer: integers.append(isThere ? Int64(statement.integer(index)) : 0)
      case .number: numbers.append(statement.double(index) ?? 0)
      case .text: texts.append(statement.string(index))
      }
    }

    var column: ResultColumn {
      let values: ResultColumn.Values =
        switch kind {
        case .integer: .int64(integers)
        case .number: .double(numbers)
        case .text: .text(texts)
        }
      return ResultColumn(name: name, values: values, validity: hasNulls ? validity : nil)
    }
  }
}
