/// Memory that the columns of one file share while they are read one after the other.
final class ColumnMemory {
  let decompressor = Decompressor()
  let page = ScratchMemory()
  let dictionary = ScratchMemory()
  /// Levels of one page, a byte each.
  let levels = ScratchMemory()
  /// Indices into a dictionary, or lengths of texts.
  let indices = ScratchMemory()
}

/// Reads one column through all row groups: pages, levels, and values by a decoder for their type.
struct ColumnReader {
  let file: UnsafeRawPointer
  let footer: Footer
  /// Index of the leaf, which is also the index of the chunk in each row group.
  let leaf: Int
  let field: ParquetField
  let limits: ParquetLimits
  let memory: ColumnMemory
  var budget: DecodingBudget
  /// Whether each row has a value, empty as long as every row has one.
  private(set) var validity: [Bool] = []

  init(
    file: UnsafeRawPointer, footer: Footer, leaf: Int, field: ParquetField, limits: ParquetLimits,
    memory: ColumnMemory, budget: DecodingBudget
  ) {
    self.file = file
    self.footer = footer
    self.leaf = leaf
    self.field = field
    self.limits = limits
    self.memory = memory
    self.budget = budget
  }

  /// Decodes all pages.
  ///
  /// `decoder` gets every dictionary and every data page with the levels of its values.
  mutating func read(with decoder: inout some PageDecoder) throws(ParquetError) {
    var row = 0
    for (number, group) in footer.rowGroups.enumerated() {
      do throws(ParquetError) {
        try read(group, firstRow: row, with: &decoder)
      } catch { throw error.at(part: "row group \(number)") }
      row += group.rowCount
    }
  }

  private mutating func read(
    _ group: RowGroup, firstRow: Int, with decoder: inout some PageDecoder
  ) throws(ParquetError) {
    let chunk = group.chunks[leaf]
    if let obstacle = chunk.obstacle { throw ParquetError(.unsupported, "the column cannot be read: \(obstacle).") }
    guard chunk.physicalType == footer.leaves[leaf].physicalType.rawValue else {
      throw ParquetError(.damaged, "its type is not the one in the schema.")
    }
    guard chunk.valueCount == group.rowCount else {
      throw ParquetError(.damaged, "it has \(chunk.valueCount) values, the row group \(group.rowCount) rows.")
    }
    if group.rowCount == 0 { return }
    var pages = try PageStream(
      file: file, pagesEnd: footer.start, chunk: chunk, isNullable: field.isNullable, limits: limits, memory: memory)
    decoder.forgetDictionary()
    var done = 0
    while done < group.rowCount {
      do throws(ParquetError) {
        let page = try pages.next(budget: &budget)
        if page.isDictionary {
          try decoder.takeDictionary(page)
          continue
        }
        guard page.valueCount <= group.rowCount - done else {
          throw ParquetError(.damaged, "the pages hold more values than the footer declares.")
        }
        try read(page, firstRow: firstRow + done, with: &decoder)
        done += page.valueCount
      } catch { throw error.at(part: "page \(pages.number)") }
    }
  }

  private mutating func read(
    _ page: Page, firstRow: Int, with decoder: inout some PageDecoder
  ) throws(ParquetError) {
    let count = page.valueCount
    if count == 0 { return }
    let levels = memory.levels.reserve(count, of: UInt8.self)
    switch page.levels {
    case .none:
      try decoder.decode(page, levels: nil, present: count, firstRow: firstRow)
      return
    case .hybrid(let source):
      var hybrid = try HybridDecoder(source, width: 1)
      try hybrid.read(into: levels, count: count)
    case .highestFirst(let source): BitPacking.unpackHighestFirst(from: source.current, into: levels, count: count)
    }
    // A run of equal levels may carry any byte as its value.
    var present = 0
    var highest: UInt8 = 0
    for index in 0..<count {
      present += Int(levels[index])
      highest = max(highest, levels[index])
    }
    guard highest <= 1 else { throw ParquetError(.damaged, "a flat column has a level of \(highest).") }
    if present == count {
      try decoder.decode(page, levels: nil, present: count, firstRow: firstRow)
      return
    }
    if validity.isEmpty {
      try budget.take(footer.rowCount)
      validity = [Bool](repeating: true, count: footer.rowCount)
    }
    for index in 0..<count where levels[index] == 0 { validity[firstRow + index] = false }
    try decoder.decode(page, levels: levels, present: present, firstRow: firstRow)
  }
}

/// Decodes the pages of one column into its values.
protocol PageDecoder {
  mutating func forgetDictionary()
  mutating func takeDictionary(_ page: Page) throws(ParquetError)
  /// Decodes the `present` values of a page.
  ///
  /// `levels` has a 1 for each row with a value and is nil if all rows have one.
  mutating func decode(
    _ page: Page, levels: UnsafePointer<UInt8>?, present: Int, firstRow: Int
  ) throws(ParquetError)
}

extension PageDecoder {
  static func refuse(_ encoding: Encoding) -> ParquetError {
    ParquetError(.damaged, "the encoding \(encoding.name) is not allowed for this type.")
  }
}
