package import CobreCommunication

/// Puts tables that are the same on every rank into memory that the ranks of a host share.
package enum SharedTables {
  /// Bytes below which a region is not worth its making.
  private static let smallest = 1 << 20

  /// Replaces the tables of a tree and of the stage LPs by tables in shared memory.
  ///
  /// This is a collective call.
  ///
  /// If ranks cannot share memory, each keeps its own tables.
  static func share(
    _ tree: inout OpeningTree, _ templates: inout [StageLPTemplate], over communicator: any Communicator
  ) throws {
    var tables: [NumberTable] = []
    for stage in tree.stages { tables += [stage.inflows, stage.loads, stage.availabilities] }
    for template in templates { tables += [template.noiseRowShifts, template.noiseColumnUppers] }
    tables = try share(tables, over: communicator)
    var next = tables.makeIterator()
    for stage in tree.stages.indices {
      tree.stages[stage].inflows = next.next() ?? []
      tree.stages[stage].loads = next.next() ?? []
      tree.stages[stage].availabilities = next.next() ?? []
    }
    for stage in templates.indices {
      templates[stage].noiseRowShifts = next.next() ?? []
      templates[stage].noiseColumnUppers = next.next() ?? []
    }
  }

  /// Tables with the same numbers, in one region if the ranks of a host can share memory.
  ///
  /// This is a collective call.
  ///
  /// - Parameters:
  ///   - tables: the same on every rank.
  ///   - communicator: the ranks.
  ///   - smallest: bytes below which the tables are not moved.
  /// - Returns: the tables in the same order.
  /// - Throws: `CommunicationError` if a rank is lost.
  package static func share(
    _ tables: [NumberTable], over communicator: any Communicator, smallest: Int = smallest
  ) throws -> [NumberTable] {
    let byteCount = tables.reduce(0) { $0 + $1.count } * MemoryLayout<Double>.stride
    guard communicator.size > 1, byteCount >= smallest, let provider = communicator as? any SharedRegionProvider else {
      return tables
    }
    let region = try provider.makeRegion(byteCount: byteCount)
    // Every rank takes part in the fence, even if its host cannot share.
    try region.fill { bytes in
      let numbers = bytes.bindMemory(to: Double.self)
      var next = 0
      for table in tables {
        for value in table {
          numbers[next] = value
          next += 1
        }
      }
    }
    guard region.isShared, let base = region.bytes.baseAddress else { return tables }
    var first = UnsafePointer(base.bindMemory(to: Double.self, capacity: byteCount / MemoryLayout<Double>.stride))
    return tables.map { table in
      defer { first += table.count }
      return NumberTable(base: first, count: table.count, owner: region)
    }
  }
}
