package import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// A policy as tables for other programs: cuts with names, dates and units, and water values with the states at which
/// they hold.
///
/// Every table is made once, and written as CSV and as Parquet.
struct PolicyTables {
  /// A column of a table.
  enum Column {
    case integers(String, [Int])
    case numbers(String, [Double?])
    case texts(String, [String?])
    case dates(String, [CalendarDate])
  }

  struct Table {
    var name: String
    var columns: [Column]
  }

  /// Shares of the largest storages at which water is valued, and nil for the storages at the start of the study.
  private static let shares: [Double?] = [nil, 0.1, 0.3, 0.5, 0.7, 0.9]
  /// Hours for which 1 hm³ is a flow of 1 m³/s.
  private static let hoursPerFlow = 1e6 / 3600

  let tables: [Table]

  /// - Parameter policy: of a run.
  init(_ policy: RunPolicy) {
    tables = [Self.components(policy), Self.cuts(policy)] + Self.waterValues(policy)
  }

  /// Unit of a state component by its name.
  static func unit(_ name: String) -> String {
    switch StateName(name)?.kind {
    case .storage, .transit: "hm3"
    case .lag, .sum: "m3/s"
    case .commitment: "MW"
    case .battery: "MWh"
    case .price: "$/MWh"
    case nil: "-"
    }
  }

  private static func components(_ policy: RunPolicy) -> Table {
    let names = policy.stateNames
    let ids = names.map { StateName($0)?.id ?? -1 }
    let elements = names.enumerated().map { position, name -> String? in
      let id = ids[position]
      return switch StateName(name)?.kind {
      case .commitment: policy.study.thermals.first { $0.id == id }?.name
      case .battery: policy.study.batteries.first { $0.id == id }?.name
      case .price: policy.study.priceProcesses.first { $0.id == id }?.name
      case nil: nil
      default: policy.study.hydros.first { $0.id == id }?.name
      }
    }
    return Table(
      name: "state_components",
      columns: [
        .integers("position", Array(names.indices)), .texts("component", names.map { $0 }),
        .integers("element_id", ids), .texts("element", elements), .texts("unit", names.map { unit($0) }),
      ])
  }

  /// Future cost after a stage ≥ intercept + Σ slope · state at the end of the stage, in $ of that time.
  private static func cuts(_ policy: RunPolicy) -> Table {
    let dimension = policy.stateNames.count
    var stages: [Int] = []
    var dates: [CalendarDate] = []
    var (positions, uses, futures): ([Int], [Int], [Int]) = ([], [], [])
    var intercepts: [Double?] = []
    var slopes = [[Double?]](repeating: [], count: dimension)
    for (stage, pool) in policy.policy.pools.enumerated() where pool.slopes.count == pool.count * dimension {
      let unused = Set(pool.inactive)
      for cut in 0..<pool.count {
        stages.append(stage)
        dates.append(policy.study.stages[stage].end)
        positions.append(cut)
        uses.append(unused.contains(cut) ? 0 : 1)
        futures.append(cut % max(1, pool.groups))
        intercepts.append(pool.intercepts[cut])
        for component in 0..<dimension { slopes[component].append(pool.slopes[cut * dimension + component]) }
      }
    }
    return Table(
      name: "policy_cuts",
      columns: [
        .integers("stage", stages), .dates("date", dates), .integers("cut", positions), .integers("in_use", uses),
        .integers("outcome", futures), .numbers("intercept ($)", intercepts),
      ]
        + policy.stateNames.enumerated().map { component, name in
          // A cut over prices is no bound in the prices themselves (`Mathematics.md`, 4.7): it holds where it was made.
          StateName(name)?.kind == .price
            ? .numbers("made_at_\(name) ($/MWh)", slopes[component].map { $0.map { 0 - $0 } })
            : .numbers("\(name) ($/\(unit(name)))", slopes[component])
        })
  }

  /// What one more hm³ of each plant saves at the end of each stage, and the states.
  private static func waterValues(_ policy: RunPolicy) -> [Table] {
    var (states, stages, ids): ([Int], [Int], [Int]) = ([], [], [])
    var dates: [CalendarDate] = []
    var names: [String?] = []
    var (storages, values, energies, costs): ([Double?], [Double?], [Double?], [Double?]) = ([], [], [], [])
    var (components, componentStates, amounts): ([String?], [Int], [Double?]) = ([], [], [])
    var number = 0
    for stage in policy.policy.pools.indices {
      for share in shares {
        var state = policy.expectedState(after: stage)
        if let share {
          for hydro in policy.study.hydros.indices where state.indices.contains(hydro) {
            let limits = policy.study.limits(stage: stage, hydro: hydro)
            state[hydro] = max(limits.minStorage, share * limits.maxStorage)
          }
        }
        guard let value = policy.value(after: stage, at: state) else { continue }
        for (hydro, plant) in policy.study.hydros.enumerated() {
          let worth = value.slopes[hydro] == 0 ? 0 : -value.slopes[hydro]
          states.append(number)
          stages.append(stage)
          dates.append(policy.study.stages[stage].end)
          ids.append(plant.id)
          names.append(plant.name)
          storages.append(state[hydro])
          values.append(worth)
          energies.append(
            policy.cascadeProductivity(after: stage, hydro: hydro).map { worth / ($0 * hoursPerFlow) })
          costs.append(value.cost)
        }
        for (component, amount) in state.prefix(policy.stateNames.count).enumerated() {
          componentStates.append(number)
          components.append(policy.stateNames[component])
          amounts.append(amount)
        }
        number += 1
      }
    }
    return [
      Table(
        name: "water_values",
        columns: [
          .integers("state", states), .integers("stage", stages), .dates("date", dates), .integers("hydro_id", ids),
          .texts("hydro", names), .numbers("storage (hm3)", storages), .numbers("water_value ($/hm3)", values),
          .numbers("energy_value ($/MWh)", energies), .numbers("cost_to_go ($)", costs),
        ]),
      Table(
        name: "water_value_states",
        columns: [
          .integers("state", componentStates), .texts("component", components), .numbers("value", amounts),
        ]),
    ]
  }
}

extension PolicyTables.Table {
  var rowCount: Int {
    switch columns.first {
    case .integers(_, let values): values.count
    case .numbers(_, let values): values.count
    case .texts(_, let values): values.count
    case .dates(_, let values): values.count
    case nil: 0
    }
  }

  /// The table as text, a row after the other.
  var csv: String {
    let header = columns.map { column -> String? in
      switch column {
      case .integers(let name, _), .numbers(let name, _), .texts(let name, _), .dates(let name, _): name
      }
    }
    var text = CSVText.row(header)
    for row in 0..<rowCount {
      text += CSVText.row(
        columns.map { column -> String? in
          switch column {
          case .integers(_, let values): String(values[row])
          case .numbers(_, let values): CSVText.number(values[row])
          case .texts(_, let values): values[row]
          case .dates(_, let values): values[row].description
          }
        })
    }
    return text
  }

  var parquet: ParquetTable {
    ParquetTable(
      rowCount: rowCount,
      columns: columns.map { column in
        switch column {
        case .integers(let name, let values): .int64(name, values.map { Int64($0) })
        case .numbers(let name, let values): .double(name, values)
        case .texts(let name, let values): .text(name, values)
        case .dates(let name, let values): .date(name, values.map { Int32(clamping: $0.dayNumber) })
        }
      })
  }
}

extension RunExport {
  /// Writes the policy as tables, each as CSV and as Parquet.
  ///
  /// - Parameters:
  ///   - policy: of the run.
  ///   - directory: receives the files.
  /// - Returns: what was written.
  /// - Throws: `RunError`, `OutputDirectory.Failure`.
  package mutating func writePolicy(_ policy: RunPolicy, to directory: borrowing StagedDirectory) throws -> [File] {
    guard policy.policy.pools.contains(where: { $0.count > 0 }) else { return [] }
    var files: [File] = []
    for table in PolicyTables(policy).tables {
      let packed: [UInt8]
      do {
        packed = try ParquetWriter.bytes(of: table.parquet)
      } catch {
        throw RunError(.storage, "The table \(table.name) cannot be written: \(error.message)")
      }
      for (name, bytes) in [("\(table.name).csv", Array(table.csv.utf8)), ("\(table.name).parquet", packed)] {
        try spend(bytes.count)
        let written = try directory.write(name) { put in try put(bytes) }
        files.append(File(name: name, bytes: written, rows: table.rowCount))
      }
    }
    return files
  }
}
