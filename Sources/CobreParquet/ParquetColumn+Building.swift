extension ParquetColumn {
  // Columns from arrays. With optionals the column is nullable, and a row without value holds zero.

  package static func int8(_ name: String, _ values: [Int32]) -> Self {
    required(name, .int32, .integer(bits: 8, isSigned: true), .int32(values))
  }

  package static func int32(_ name: String, _ values: [Int32]) -> Self { required(name, .int32, nil, .int32(values)) }

  package static func int32(_ name: String, _ values: [Int32?]) -> Self {
    optional(name, .int32, nil, .int32(values.map { $0 ?? 0 }), values)
  }

  package static func int64(_ name: String, _ values: [Int64]) -> Self { required(name, .int64, nil, .int64(values)) }

  package static func uint32(_ name: String, _ values: [UInt32]) -> Self {
    required(name, .int32, .integer(bits: 32, isSigned: false), .uint32(values))
  }

  package static func uint64(_ name: String, _ values: [UInt64]) -> Self {
    required(name, .int64, .integer(bits: 64, isSigned: false), .uint64(values))
  }

  package static func double(_ name: String, _ values: [Double]) -> Self {
    required(name, .double, nil, .double(values))
  }

  package static func double(_ name: String, _ values: [Double?]) -> Self {
    optional(name, .double, nil, .double(values.map { $0 ?? 0 }), values)
  }

  package static func bool(_ name: String, _ values: [Bool]) -> Self { required(name, .boolean, nil, .bool(values)) }

  /// Days since 1970-01-01.
  package static func date(_ name: String, _ days: [Int32]) -> Self { required(name, .int32, .date, .int32(days)) }

  package static func text(_ name: String, _ values: [String]) -> Self {
    required(name, .byteArray, .string, .text(ParquetText(values)))
  }

  package static func text(_ name: String, _ values: [String?]) -> Self {
    optional(name, .byteArray, .string, .text(ParquetText(values.map { $0 ?? "" })), values)
  }

  private static func required(
    _ name: String, _ type: ParquetPhysicalType, _ logical: ParquetLogicalType?, _ values: ParquetValues
  ) -> Self {
    Self(field: ParquetField(name: name, physicalType: type, logicalType: logical, isNullable: false), values: values)
  }

  private static func optional<Value>(
    _ name: String, _ type: ParquetPhysicalType, _ logical: ParquetLogicalType?, _ values: ParquetValues,
    _ cells: [Value?]
  ) -> Self {
    let validity = cells.map { $0 != nil }
    return Self(
      field: ParquetField(name: name, physicalType: type, logicalType: logical, isNullable: true), values: values,
      validity: validity.allSatisfy { $0 } ? nil : validity)
  }
}

extension ParquetField {
  /// The column without rows, or a fault where columns of this type are not written.
  func emptyColumn() throws(ParquetError) -> ParquetColumn {
    guard let values = ParquetValues.none(of: self) else {
      throw ParquetError(.table, "columns of type \(typeName) are not read or written.", column: name)
    }
    return ParquetColumn(field: self, values: values)
  }
}

extension ParquetValues {
  /// An empty list of a field's kind of values, or nil if such fields are not read or written.
  static func none(of field: ParquetField) -> Self? {
    switch (field.physicalType, field.logicalType) {
    case (.boolean, nil), (.boolean, .null): .bool([])
    case (.int32, nil), (.int32, .date), (.int32, .time), (.int32, .null): .int32([])
    case (.int64, nil), (.int64, .time), (.int64, .timestamp), (.int64, .null): .int64([])
    case (.int32, .integer(let bits, let isSigned)) where [8, 16, 32].contains(bits):
      isSigned ? .int32([]) : .uint32([])
    case (.int64, .integer(64, let isSigned)): isSigned ? .int64([]) : .uint64([])
    case (.float, nil), (.float, .null): .float([])
    case (.double, nil), (.double, .null): .double([])
    case (.byteArray, .string), (.byteArray, .enumeration), (.byteArray, .json), (.byteArray, .null):
      .text(ParquetText())
    default: nil
    }
  }

  /// Whether both are of the same kind.
  func isLike(_ other: Self) -> Bool {
    switch (self, other) {
    case (.bool, .bool), (.int32, .int32), (.int64, .int64), (.uint32, .uint32), (.uint64, .uint64), (.float, .float),
      (.double, .double), (.text, .text):
      true
    default: false
    }
  }

  mutating func append(_ other: Self) {
    switch (self, other) {
    case (.bool(let mine), .bool(let more)): self = .bool(mine + more)
    case (.int32(let mine), .int32(let more)): self = .int32(mine + more)
    case (.int64(let mine), .int64(let more)): self = .int64(mine + more)
    case (.uint32(let mine), .uint32(let more)): self = .uint32(mine + more)
    case (.uint64(let mine), .uint64(let more)): self = .uint64(mine + more)
    case (.float(let mine), .float(let more)): self = .float(mine + more)
    case (.double(let mine), .double(let more)): self = .double(mine + more)
    case (.text(var mine), .text(let more)):
      let start = mine.bytes.count
      mine.bytes += more.bytes
      mine.offsets += more.offsets.dropFirst().map { $0 + start }
      self = .text(mine)
    default: break
    }
  }

  mutating func removeFirst(_ count: Int) {
    switch self {
    case .bool(let values): self = .bool(Array(values.dropFirst(count)))
    case .int32(let values): self = .int32(Array(values.dropFirst(count)))
    case .int64(let values): self = .int64(Array(values.dropFirst(count)))
    case .uint32(let values): self = .uint32(Array(values.dropFirst(count)))
    case .uint64(let values): self = .uint64(Array(values.dropFirst(count)))
    case .float(let values): self = .float(Array(values.dropFirst(count)))
    case .double(let values): self = .double(Array(values.dropFirst(count)))
    case .text(var values):
      let start = values.offsets[count]
      values.bytes.removeFirst(start)
      values.offsets = values.offsets.dropFirst(count).map { $0 - start }
      self = .text(values)
    }
  }
}

extension ParquetColumn {
  /// Throws where this is no column of so many rows that can be written.
  func check(rowCount: Int) throws(ParquetError) {
    guard let kind = ParquetValues.none(of: field), kind.isLike(values) else {
      throw ParquetError(.table, "the values are not of the declared type \(field.typeName).", column: name)
    }
    guard values.count == rowCount, validity.map({ $0.count == rowCount }) ?? true else {
      throw ParquetError(.table, "it has not the \(rowCount) rows of the first column.", column: name)
    }
    if !field.isNullable, let row = firstNull {
      throw ParquetError(.table, "row \(row) has no value, though every row must have one.", column: name)
    }
    guard case .integer(let bits, _) = field.logicalType, bits < 32 else { return }
    let misfit: Int? =
      switch values {
      case .int32(let values): values.firstIndex { $0 >> Int32(bits - 1) != 0 && $0 >> Int32(bits - 1) != -1 }
      case .uint32(let values): values.firstIndex { $0 >> UInt32(bits) != 0 }
      default: nil
      }
    if let misfit { throw ParquetError(.table, "the value of row \(misfit) has more than \(bits) bits.", column: name) }
  }

  mutating func append(_ other: Self) {
    if validity != nil || other.validity != nil {
      validity =
        (validity ?? [Bool](repeating: true, count: rowCount))
        + (other.validity ?? [Bool](repeating: true, count: other.rowCount))
    }
    values.append(other.values)
  }

  mutating func removeFirst(_ count: Int) {
    values.removeFirst(count)
    validity = validity.map { Array($0.dropFirst(count)) }
  }
}
