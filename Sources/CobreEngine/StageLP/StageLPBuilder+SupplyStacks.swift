extension StageLPBuilder {
  /// The final order of the columns before the states: core columns as they were made, then the supply stacks.
  struct ColumnOrder {
    /// New position of each column.
    var position: [Int]
    /// Old index at each new position.
    var columns: [Int]
    var stacks: [StageLPTemplate.SupplyStack]
    var coreCount: Int
  }

  /// Finds the supply stacks: columns with one entry, 1, in a load balance, finite bounds and no noise.
  ///
  /// - Parameters:
  ///   - balances: the load balance rows.
  ///   - priced: columns whose cost follows a price.
  ///   - minimum: stacks with fewer columns stay in the core. The bookkeeping would cost more than it saves.
  /// - Returns: an order in which stacks are consecutive and their costs ascend.
  func columnOrder(balances: [Int], priced: [Int], minimum: Int) -> ColumnOrder {
    var entryCount = [Int](repeating: 0, count: cost.count)
    var home = [Int](repeating: -1, count: cost.count)
    let isBalance = Set(balances)
    for entry in entries {
      guard case .index(let column) = entry.column else { continue }
      entryCount[column] += 1
      home[column] = entry.value == 1 && isBalance.contains(entry.row) ? entry.row : -1
    }
    for entry in sourceColumns { home[entry.column] = -1 }
    for column in priced { home[column] = -1 }
    var supplies: [Int: [Int]] = [:]
    for column in cost.indices where entryCount[column] == 1 && home[column] >= 0 {
      guard columnLower[column].isFinite, columnUpper[column].isFinite else { continue }
      supplies[home[column], default: []].append(column)
    }
    supplies = supplies.filter { $0.value.count >= minimum }
    let inStack = Set(supplies.values.joined())
    var columns = cost.indices.filter { !inStack.contains($0) }
    let coreCount = columns.count
    var stacks: [StageLPTemplate.SupplyStack] = []
    for (row, members) in supplies.sorted(by: { $0.key < $1.key }) {
      let first = columns.count
      columns += members.sorted { (cost[$0], $0) < (cost[$1], $1) }
      stacks.append(.init(row: row, columns: first..<columns.count))
    }
    var position = [Int](repeating: 0, count: cost.count)
    for (new, old) in columns.enumerated() { position[old] = new }
    return ColumnOrder(position: position, columns: columns, stacks: stacks, coreCount: coreCount)
  }
}

extension StageLPLayout {
  /// Moves every column to its final position.
  mutating func moveColumns(to position: [Int]) {
    func move(_ columns: inout [Int?]) {
      for index in columns.indices { columns[index] = columns[index].map { position[$0] } }
    }
    move(&turbined)
    move(&spilled)
    move(&diverted)
    move(&generation)
    move(&storage)
    move(&thermal)
    move(&lineDirect)
    move(&lineReverse)
    move(&lineLoss)
    move(&excess)
    move(&source)
    move(&contract)
    move(&pumped)
    move(&angle)
    move(&charge)
    move(&discharge)
    move(&energy)
    move(&targetBelow)
    move(&outflowBelow)
    move(&outflowAbove)
    move(&turbinedBelow)
    move(&generationBelow)
    move(&totalTurbinedBelow)
    move(&totalGenerationBelow)
    move(&virtualInflow)
    move(&withdrawalBelow)
    move(&withdrawalAbove)
    move(&evaporation)
    move(&evaporationBelow)
    move(&evaporationAbove)
    move(&storageBelow)
    move(&retentionBelow)
    move(&fillingBelow)
    move(&spilledAbove)
    move(&rampBeyond)
    move(&alertBelow)
    move(&floodAbove)
    for hydro in useBelow.indices { useBelow[hydro] = useBelow[hydro].map { position[$0] } }
    for index in generic.indices {
      generic[index].added = generic[index].added.map { position[$0] }
      generic[index].taken = generic[index].taken.map { position[$0] }
    }
    for thermal in decisions.indices {
      for index in decisions[thermal].indices {
        decisions[thermal][index].column = position[decisions[thermal][index].column]
      }
    }
    for index in deficit.indices { deficit[index] = deficit[index].map { position[$0] } }
  }
}
