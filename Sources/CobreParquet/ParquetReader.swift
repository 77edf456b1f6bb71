internal import Glibc

/// Reads flat Parquet tables, from bytes or from a file, whatever the bytes are.
///
/// All page versions, encodings and types of numbers, booleans, dates and texts are read. They are described in
/// README.md of the repository apache/parquet-format and the files next to it. Nested columns, decimals, INT96 and raw
/// bytes are refused by name if they are requested.
package struct ParquetReader: Sendable {
  package var limits: ParquetLimits

  package init(limits: ParquetLimits = ParquetLimits()) { self.limits = limits }

  /// The columns of a table and how it is stored, from the footer alone.
  package func schema(bytes: [UInt8]) throws(ParquetError) -> ParquetSchema {
    try bytes.withUnsafeBufferPointer { (file) throws(ParquetError) -> ParquetSchema in
      try Footer(of: file, limits: limits).schema
    }
  }

  /// A table with the named columns in that order, or with all of them.
  package func read(bytes: [UInt8], columns names: [String]? = nil) throws(ParquetError) -> ParquetTable {
    try bytes.withUnsafeBufferPointer { (file) throws(ParquetError) -> ParquetTable in
      try table(file, names)
    }
  }

  package func schema(path: String) throws(ParquetError) -> ParquetSchema {
    try schema(bytes: try FileBytes.read(path, limit: limits.fileBytes))
  }

  package func read(path: String, columns names: [String]? = nil) throws(ParquetError) -> ParquetTable {
    try read(bytes: try FileBytes.read(path, limit: limits.fileBytes), columns: names)
  }

  private func table(_ file: UnsafeBufferPointer<UInt8>, _ names: [String]?) throws(ParquetError) -> ParquetTable {
    let footer = try Footer(of: file, limits: limits)
    let wanted = try Self.select(names, of: footer)
    let memory = ColumnMemory()
    var budget = DecodingBudget(limits.decodedBytes)
    var columns: [ParquetColumn] = []
    columns.reserveCapacity(wanted.count)
    for leaf in wanted {
      let field = footer.fields[footer.leaves[leaf].field]
      do throws(ParquetError) {
        columns.append(try column(leaf, field, file, footer, memory, &budget))
      } catch { throw error.at(column: field.name) }
    }
    return ParquetTable(rowCount: footer.rowCount, columns: columns)
  }

  /// Leaves of the columns that are wanted, none of them nested.
  private static func select(_ names: [String]?, of footer: Footer) throws(ParquetError) -> [Int] {
    var fieldsByName: [String: Int] = [:]
    var ambiguous: Set<String> = []
    for (index, field) in footer.fields.enumerated() {
      if fieldsByName.updateValue(index, forKey: field.name) != nil { ambiguous.insert(field.name) }
    }
    var leavesByField: [Int: Int] = [:]
    for (index, leaf) in footer.leaves.enumerated() { leavesByField[leaf.field] = index }
    var leaves: [Int] = []
    for name in names ?? footer.fields.map(\.name) {
      guard let index = fieldsByName[name] else {
        let known = footer.fields.prefix(50).map(\.name).joined(separator: ", ")
        throw ParquetError(.column, "there is no such column; the table has \(known).", column: name)
      }
      guard !ambiguous.contains(name) else {
        throw ParquetError(.column, "the table has several columns of this name.", column: name)
      }
      guard footer.fields[index].physicalType != nil, let leaf = leavesByField[index] else {
        throw ParquetError(
          .unsupported, "it is nested (a list, map or struct); only flat columns are read.", column: name)
      }
      leaves.append(leaf)
    }
    return leaves
  }

  private func column(
    _ leaf: Int, _ field: ParquetField, _ file: UnsafeBufferPointer<UInt8>, _ footer: Footer, _ memory: ColumnMemory,
    _ budget: inout DecodingBudget
  ) throws(ParquetError) -> ParquetColumn {
    guard let base = UnsafeRawPointer(file.baseAddress) else {
      throw ParquetError(.notParquet, "the file is empty.")
    }
    var reader = ColumnReader(
      file: base, footer: footer, leaf: leaf, field: field, limits: limits, memory: memory, budget: budget)
    let values = try Self.values(of: field, &reader)
    budget = reader.budget
    return ParquetColumn(field: field, values: values, validity: reader.validity.isEmpty ? nil : reader.validity)
  }

  private static func values(
    of field: ParquetField, _ reader: inout ColumnReader
  ) throws(ParquetError) -> ParquetValues {
    switch ParquetValues.none(of: field) {
    case .bool: return .bool(try reader.fixed(Bool.self, as: UInt8.self))
    case .int32: return .int32(try reader.fixed(Int32.self, as: UInt32.self))
    case .int64: return .int64(try reader.fixed(Int64.self, as: UInt64.self))
    case .uint32: return .uint32(try reader.fixed(UInt32.self, as: UInt32.self))
    case .uint64: return .uint64(try reader.fixed(UInt64.self, as: UInt64.self))
    case .float: return .float(try reader.fixed(Float.self, as: UInt32.self))
    case .double: return .double(try reader.fixed(Double.self, as: UInt64.self))
    case .text: return .text(try reader.text())
    case nil:
      throw ParquetError(
        .unsupported,
        "the type \(field.typeName) is not read; integers, FLOAT, DOUBLE, BOOLEAN, dates, times and texts are.")
    }
  }
}

extension ColumnReader {
  /// Values of a fixed width, which are decoded as bit patterns of the same width.
  fileprivate mutating func fixed<Element, Bits: FixedWidthInteger & UnsignedInteger>(
    _ type: Element.Type, as bits: Bits.Type
  ) throws(ParquetError) -> [Element] {
    guard let physicalType = field.physicalType else { throw ParquetError(.unsupported, "it is nested.") }
    try budget.take(footer.rowCount, of: MemoryLayout<Element>.stride)
    var fault: ParquetError?
    let values = [Element](unsafeUninitializedCapacity: footer.rowCount) { buffer, count in
      guard let start = buffer.baseAddress, footer.rowCount > 0 else { return }
      start.withMemoryRebound(to: Bits.self, capacity: footer.rowCount) { target in
        var decoder = FixedDecoder(target: target, type: physicalType, memory: memory)
        do throws(ParquetError) {
          try read(with: &decoder)
        } catch {
          fault = error
        }
      }
      if fault == nil { count = footer.rowCount }
    }
    if let fault { throw fault }
    return values
  }

  fileprivate mutating func text() throws(ParquetError) -> ParquetText {
    try budget.take(footer.rowCount, of: MemoryLayout<Int>.stride)
    var decoder = TextDecoder(rowCount: footer.rowCount, memory: memory, budget: budget)
    try read(with: &decoder)
    let text = decoder.text
    try budget.take(text.bytes.count)
    if let row = text.firstInvalidRow {
      throw ParquetError(.damaged, "the text of row \(row) is no valid UTF-8.")
    }
    return text
  }
}

extension ParquetText {
  /// The first row whose bytes are no valid UTF-8.
  var firstInvalidRow: Int? {
    if bytes.allSatisfy({ $0 < 0x80 }) { return nil }
    for row in 0..<count where String(validating: bytes[offsets[row]..<offsets[row + 1]], as: UTF8.self) == nil {
      return row
    }
    return nil
  }
}
