package import CobreCase

/// A plant with linearized head in the program of a stage.
package struct HeadPlant: Sendable, Equatable {
  /// A matrix entry: fixed + factor · productivity.
  package struct Term: Sendable, Equatable {
    /// Index among the values of the template's model.
    package var entry: Int
    package var fixed: Double
    package var factor: Double
  }

  /// Index of the plant.
  package var hydro: Int
  package var line: HeadLine
  package var terms: [Term]
  /// Columns of turbined flow, one per block.
  package var columns: [Int]
  /// m³/s.
  package var maxTurbined: Double
  /// MW.
  package var maxGeneration: Double

  /// Upper bound of the turbined flow in m³/s, through which the largest generation binds.
  package func turbinedLimit(_ productivity: Double) -> Double {
    productivity > 0 ? min(maxTurbined, maxGeneration / productivity) : maxTurbined
  }
}

extension StageLPTemplate {
  /// Finds the entries of the finished program that follow the head of a plant.
  static func headPlants(
    of program: StageLPBuilder, order: StageLPBuilder.ColumnOrder, model: LPModel, study: StudyCase,
    layout: StageLPLayout,
    stage: Int
  ) -> [HeadPlant] {
    guard !program.headEntries.isEmpty else { return [] }
    struct Key: Hashable {
      var row: Int
      var column: Int
    }
    func place(_ index: Int) -> Key? {
      let entry = program.entries[index]
      guard case .index(let column) = entry.column else { return nil }
      return Key(row: entry.row, column: column)
    }
    var factors: [Key: Double] = [:]
    var owners: [Key: Int] = [:]
    for head in program.headEntries {
      guard let place = place(head.entry) else { continue }
      factors[place, default: 0] += head.factor
      owners[place] = head.hydro
    }
    // Entries at the same position as entries of the head, such as another term of a generic constraint.
    let heads = Set(program.headEntries.map(\.entry))
    var fixed: [Key: Double] = [:]
    for index in program.entries.indices where !heads.contains(index) {
      if let place = place(index), factors[place] != nil { fixed[place, default: 0] += program.entries[index].value }
    }
    var terms: [Int: [HeadPlant.Term]] = [:]
    for (place, factor) in factors.sorted(by: { ($0.key.row, $0.key.column) < ($1.key.row, $1.key.column) }) {
      let column = order.position[place.column]
      let entries = Int(model.starts[column])..<Int(model.starts[column + 1])
      guard let owner = owners[place], let entry = entries.first(where: { model.rowIndices[$0] == place.row }) else {
        continue
      }
      terms[owner, default: []].append(.init(entry: entry, fixed: fixed[place] ?? 0, factor: factor))
    }
    return terms.keys.sorted().compactMap { hydro in
      guard let line = study.headLine(stage: stage, hydro: hydro) else { return nil }
      let limits = study.limits(stage: stage, hydro: hydro)
      return HeadPlant(
        hydro: hydro, line: line, terms: terms[hydro] ?? [],
        columns: (0..<layout.blocks).compactMap {
          layout.turbined[layout.cells(of: hydro).lowerBound * layout.blocks + $0]
        },
        maxTurbined: limits.maxTurbined, maxGeneration: limits.maxGeneration)
    }
  }
}
