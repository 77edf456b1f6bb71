internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// Tables of the training, and the dictionaries of the layout.
extension NovomodeloExport {
  /// Cuts in force are counted only where none is ever dropped.
  private var countsCuts: Bool {
    let selection = study.configuration.training.cutSelection
    return !selection.enabled && selection.maxActivePerStage == nil
  }

  var convergenceFields: [ParquetField] {
    guard countsCuts else { return Self.convergenceFields }
    var fields = Self.convergenceFields
    let place = (fields.firstIndex { $0.name == "cuts_added" } ?? 0) + 1
    fields.insert(
      contentsOf: [ParquetColumn.int32("cuts_removed", [Int32]()).field, ParquetColumn.int64("cuts_active", []).field],
      at: place)
    return fields
  }

  private static let convergenceFields = [
    ParquetColumn.int32("iteration", [Int32]()).field, ParquetColumn.double("lower_bound", [Double]()).field,
    ParquetColumn.double("upper_bound", [Double?]()).field, ParquetColumn.double("upper_bound_std", [Double?]()).field,
    ParquetColumn.text("upper_bound_kind", []).field, ParquetColumn.double("gap_percent", [Double?]()).field,
    ParquetColumn.int32("cuts_added", [Int32]()).field, ParquetColumn.int64("time_forward_ms", []).field,
    ParquetColumn.int64("time_backward_ms", []).field, ParquetColumn.int64("time_total_ms", []).field,
    ParquetColumn.int32("forward_passes", [Int32]()).field, ParquetColumn.int64("lp_solves", []).field,
  ]

  func convergence(_ put: Put) throws {
    let statement = try connection.prepare(
      """
      SELECT c.iteration, c.lower_bound, c.upper_bound, c.elapsed_seconds, c.forward_seconds, c.backward_seconds, c.solves,
        (SELECT COUNT(*) FROM cut WHERE cut.iteration = c.iteration), c.upper_bound_half_width
      FROM convergence AS c ORDER BY c.iteration
      """)
    let isExact = study.configuration.training.enumeratesPaths
    let kind = isExact ? "exact" : "statistical"
    var kinds: [String] = []
    var cuts = 0.0
    var columns = convergenceFields.filter { $0.name != "upper_bound_kind" }.map { field in ColumnBuilder(field) }
    var before = 0.0
    while try statement.step() {
      let lower = statement.double(1)
      let upper = statement.double(2)
      let elapsed = statement.double(3) ?? 0
      // Of the lower bound, as there. Our own gap is relative to the upper bound.
      let gap = lower.flatMap { lower in
        upper.map { upper in
          let gap = BoundGap(lower: lower, mean: upper, halfWidth: 0)
          return 100 * gap.distance / gap.lowerScale
        }
      }
      let milliseconds = [statement.double(4) ?? 0, statement.double(5) ?? 0, max(0, elapsed - before)].map {
        ($0 * 1000).rounded()
      }
      before = elapsed
      // The run keeps 1.96 times the deviation of the mean; one trajectory deviates by 0 there.
      let single: Double? = forwardPasses > 1 ? nil : 0
      let deviation = statement.double(8).map { $0 * Double(forwardPasses).squareRoot() / 1.96 } ?? single
      let added = Double(statement.integer(7))
      cuts += added
      let cells: [Double?] =
        [Double(statement.integer(0)), lower ?? .nan, upper, isExact ? nil : deviation, gap, added]
        + (countsCuts ? [0, cuts] : []) + milliseconds
        + [Double(forwardPasses), Double(statement.integer(6))]
      for (index, cell) in cells.enumerated() { columns[index].append(cell) }
      kinds.append(kind)
    }
    var table = columns.map { $0.column }
    table.insert(.text("upper_bound_kind", kinds), at: 4)
    try put(table)
  }

  /// What readers there want to know of the training: its last bounds and the size of the problem.
  func trainingSummary() throws -> String {
    let statement = try connection.prepare(
      "SELECT iteration, lower_bound, upper_bound FROM convergence ORDER BY iteration DESC LIMIT 1")
    let isThere = try statement.step()
    func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
    let document: JSONValue = [
      "software": "cobre", "software_version": .string(engineVersion),
      "configuration": ["forward_passes": .int(Int64(forwardPasses))],
      "problem_dimensions": [
        "num_stages": .int(Int64(study.timeline.count)), "num_hydros": .int(Int64(study.hydros.count)),
        "num_thermals": .int(Int64(study.thermals.count)), "num_buses": .int(Int64(study.buses.count)),
        "num_lines": .int(Int64(study.lines.count)),
      ],
      "iterations": ["completed": .int(Int64(isThere ? statement.integer(0) : 0))],
      "bounds": [
        "final_lower_bound": isThere ? number(statement.double(1)) : .null,
        "final_upper_bound": isThere ? number(statement.double(2)) : .null,
        "final_upper_bound_kind": study.configuration.training.enumeratesPaths ? "exact" : "statistical",
      ],
    ]
    return document.text(.init(isIndented: true)) + "\n"
  }

  /// Codes of the kinds of entities, as there.
  static let codes = """
    {
      "version": "1.0",
      "entity_type": {
        "0": "hydro",
        "1": "thermal",
        "2": "bus",
        "3": "line",
        "4": "pumping_station",
        "5": "contract",
        "7": "non_controllable",
        "8": "hydro_unit_group"
      },
      "bound_type": {
        "0": "storage_min",
        "1": "storage_max",
        "2": "turbined_min",
        "3": "turbined_max",
        "4": "outflow_min",
        "5": "outflow_max",
        "6": "generation_min",
        "7": "generation_max",
        "8": "flow_min",
        "9": "flow_max"
      },
      "operative_state": { "0": "deactivated", "1": "maintenance", "2": "operating", "3": "saturated" },
      "storage_binding": { "0": "none", "1": "below_minimum", "2": "above_maximum", "3": "both" }
    }

    """

  /// Names of the entities.
  ///
  /// A line does not belong to a bus.
  var entities: String {
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
