internal import CobreBase
internal import CobreParquet

extension EditableTable {
  /// Reads a flat Parquet table; every value keeps its bits through the text.
  init(parquet bytes: [UInt8], shape: TableShape) throws(Failure) {
    guard bytes.count <= Self.maximumBytes else { throw Self.tooLarge(bytes.count) }
    let table: ParquetTable
    do throws(ParquetError) {
      table = try ParquetReader().read(bytes: bytes)
    } catch {
      throw Failure(sentence: "it cannot be read as a Parquet table: \(error.message)")
    }
    self.shape = shape
    columns = table.columns.map(\.name)
    fields = table.columns.map(\.field)
    rows = (0..<table.rowCount).map { row in table.columns.map { $0.text(row) } }
  }

  /// The table as the bytes of a Parquet file, with the types of the file that was read, and the format's types for new
  /// columns.
  func parquet() throws(Failure) -> [UInt8] {
    var written: [ParquetColumn] = []
    for (position, name) in columns.enumerated() {
      let known = fields.first { $0.name == name }
      guard let declared = known ?? shape.column(name)?.parquetField else {
        throw Failure(sentence: "\"\(name.printable(limit: 60))\" is not a column of this table")
      }
      let texts = rows.map { $0[position] }
      // A column without nulls may be declared so; one that has got a null cannot.
      let hasNull = texts.contains { $0 == nil }
      let field = ParquetField(
        name: name, physicalType: declared.physicalType, logicalType: declared.logicalType,
        isNullable: declared.isNullable || hasNull)
      written.append(try ParquetColumn(field: field, texts: texts))
    }
    do throws(ParquetError) {
      return try ParquetWriter.bytes(of: ParquetTable(rowCount: rows.count, columns: written))
    } catch {
      throw Failure(sentence: error.message)
    }
  }
}

extension ParquetColumn {
  /// A column of the field's type from texts.
  fileprivate init(field: ParquetField, texts: [String?]) throws(EditableTable.Failure) {
    func parsed<Value>(_ zero: Value, _ read: (String) -> Value?) throws(EditableTable.Failure) -> [Value] {
      var values: [Value] = []
      values.reserveCapacity(texts.count)
      for (row, text) in texts.enumerated() {
        guard let value = text.map({ read($0) }) ?? zero else {
          throw EditableTable.Failure(
            sentence:
              "row \(row + 1), column \(field.name): \"\((text ?? "").printable(limit: 40))\" is no value of type "
              + field.typeName)
        }
        values.append(value)
      }
      return values
    }
    func days(_ text: String) -> Int32? { CalendarDate(text: text).map { Int32($0.dayNumber) } }
    let values: ParquetValues
    switch (field.physicalType, field.logicalType) {
    case (.boolean, _): values = .bool(try parsed(false) { $0 == "true" ? true : $0 == "false" ? false : nil })
    case (.int32, .date): values = .int32(try parsed(0, days))
    case (.int32, .integer(_, isSigned: false)): values = .uint32(try parsed(0) { UInt32($0) })
    case (.int32, _): values = .int32(try parsed(0) { Int32($0) })
    case (.int64, .integer(_, isSigned: false)): values = .uint64(try parsed(0) { UInt64($0) })
    case (.int64, _): values = .int64(try parsed(0) { Int64($0) })
    case (.float, _): values = .float(try parsed(0) { Float($0) })
    case (.double, _): values = .double(try parsed(0) { Double($0) })
    case (.byteArray, _): values = .text(ParquetText(texts.map { $0 ?? "" }))
    default: throw EditableTable.Failure(sentence: "columns of type \(field.typeName) are not edited")
    }
    let validity = texts.map { $0 != nil }
    self.init(field: field, values: values, validity: validity.allSatisfy { $0 } ? nil : validity)
  }
}

extension ColumnShape {
  /// How a Parquet file of the format declares the column.
  fileprivate var parquetField: ParquetField {
    switch kind {
    case .num: ParquetField(name: name, physicalType: .double, isNullable: isNullable)
    case .date: ParquetField(name: name, physicalType: .int32, logicalType: .date, isNullable: isNullable)
    case .int:
      ParquetField(
        name: name, physicalType: .int32, logicalType: isUnsigned ? .integer(bits: 32, isSigned: false) : nil,
        isNullable: isNullable)
    }
  }
}
