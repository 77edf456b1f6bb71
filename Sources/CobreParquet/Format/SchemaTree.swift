/// One node of the schema as written (`SchemaElement` in parquet.thrift).
struct SchemaElement {
  enum Repetition: Int32 {
    case required = 0
    case optional = 1
    case repeated = 2
  }

  var physicalType: ParquetPhysicalType?
  var repetition = Repetition.required
  var name = ""
  var childCount = 0
  var convertedType: Int32?
  var scale = 0
  var precision = 0
  private var ownLogicalType: ParquetLogicalType?

  /// The logical type, or what the older converted type says.
  var logicalType: ParquetLogicalType? {
    ownLogicalType ?? convertedType.map { ParquetLogicalType(converted: $0, precision: precision, scale: scale) }
  }

  init(_ thrift: inout ThriftReader) throws(ParquetError) {
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 1:
        let number = try thrift.int32(field)
        guard let type = ParquetPhysicalType(rawValue: number) else {
          throw ParquetError(.damaged, "the schema holds the unknown type \(number).")
        }
        physicalType = type
      case 3:
        let number = try thrift.int32(field)
        guard let value = Repetition(rawValue: number) else {
          throw ParquetError(.damaged, "the schema holds the unknown repetition \(number).")
        }
        repetition = value
      case 4: name = try thrift.string(field)
      case 5: childCount = try thrift.size(field)
      case 6: convertedType = try thrift.int32(field)
      case 7: scale = Int(try thrift.int32(field))
      case 8: precision = Int(try thrift.int32(field))
      case 10:
        try thrift.structure(field)
        ownLogicalType = try ParquetLogicalType(&thrift)
      default: try thrift.skip(field.kind)
      }
    }
  }
}

/// Walks the schema, which is written as a list in depth-first order (Parquet format, `FileMetaData.schema`).
struct SchemaTree {
  private let elements: [SchemaElement]
  private var position = 0

  init(_ elements: [SchemaElement]) { self.elements = elements }

  mutating func columns(atMost limit: Int) throws(ParquetError) -> (fields: [ParquetField], leaves: [Leaf]) {
    guard let root = elements.first else { throw ParquetError(.damaged, "there is no schema.") }
    guard root.childCount <= limit else {
      throw ParquetError(.limit, "the table has \(root.childCount) columns; \(limit) are allowed.")
    }
    var fields: [ParquetField] = []
    var leaves: [Leaf] = []
    position = 1
    for index in 0..<root.childCount {
      guard position < elements.count else { throw Self.incomplete() }
      let element = elements[position]
      let first = leaves.count
      try descend(into: index, leaves: &leaves)
      let isFlat = element.physicalType != nil && element.repetition != .repeated && leaves.count == first + 1
      fields.append(
        ParquetField(
          name: element.name, physicalType: isFlat ? element.physicalType : nil,
          logicalType: element.logicalType, isNullable: element.repetition == .optional))
    }
    guard position == elements.count else {
      throw ParquetError(.damaged, "the schema has elements that belong to no column.")
    }
    return (fields, leaves)
  }

  private static func incomplete() -> ParquetError {
    ParquetError(.damaged, "the schema names more columns than it describes.")
  }

  /// Skips one subtree without recursion, since the file determines its depth.
  private mutating func descend(into field: Int, leaves: inout [Leaf]) throws(ParquetError) {
    var open = 1
    while open > 0 {
      guard position < elements.count else { throw Self.incomplete() }
      let element = elements[position]
      position += 1
      open -= 1
      if let type = element.physicalType {
        guard element.childCount == 0 else { throw ParquetError(.damaged, "a column with a type has columns in it.") }
        leaves.append(Leaf(field: field, physicalType: type))
      } else {
        guard element.childCount <= elements.count else { throw Self.incomplete() }
        open += element.childCount
      }
    }
  }
}

extension ParquetLogicalType {
  /// A member of the union `LogicalType` in parquet.thrift.
  init?(_ thrift: inout ThriftReader) throws(ParquetError) {
    var found: Self?
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 1: found = .string
      case 2: found = .other("MAP")
      case 3: found = .other("LIST")
      case 4: found = .enumeration
      case 5, 7, 8, 10:
        try thrift.structure(field)
        found = try Self.parameters(of: field.id, &thrift)
        continue
      case 6: found = .date
      case 11: found = .null
      case 12: found = .json
      case 13: found = .other("BSON")
      case 14: found = .other("UUID")
      case 15: found = .other("FLOAT16")
      case 16: found = .other("VARIANT")
      case 17: found = .other("GEOMETRY")
      case 18: found = .other("GEOGRAPHY")
      default: found = .other("logical type \(field.id)")
      }
      try thrift.skip(field.kind)
    }
    guard let found else { return nil }
    self = found
  }

  private static func parameters(of member: Int, _ thrift: inout ThriftReader) throws(ParquetError) -> Self {
    var first: Int32 = 0
    var second: Int32 = 0
    var flags = [false, false]
    var unit = ParquetTimeUnit.milliseconds
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch (member, field.id) {
      case (5, 1), (10, 1): first = try thrift.int32(field)
      case (5, 2): second = try thrift.int32(field)
      case (7, 1), (8, 1): flags[0] = try thrift.bool(field)
      case (10, 2): flags[1] = try thrift.bool(field)
      case (7, 2), (8, 2):
        try thrift.structure(field)
        unit = try Self.unit(&thrift)
      default: try thrift.skip(field.kind)
      }
    }
    switch member {
    case 5: return .decimal(precision: Int(second), scale: Int(first))
    case 7: return .time(unit: unit, isUTC: flags[0])
    case 8: return .timestamp(unit: unit, isUTC: flags[0])
    default: return .integer(bits: Int(first), isSigned: flags[1])
    }
  }

  private static func unit(_ thrift: inout ThriftReader) throws(ParquetError) -> ParquetTimeUnit {
    var unit = ParquetTimeUnit.milliseconds
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 2: unit = .microseconds
      case 3: unit = .nanoseconds
      default: break
      }
      try thrift.skip(field.kind)
    }
    return unit
  }

  /// The older `ConvertedType` in parquet.thrift.
  init(converted: Int32, precision: Int, scale: Int) {
    switch converted {
    case 0: self = .string
    case 1, 2: self = .other("MAP")
    case 3: self = .other("LIST")
    case 4: self = .enumeration
    case 5: self = .decimal(precision: precision, scale: scale)
    case 6: self = .date
    case 7: self = .time(unit: .milliseconds, isUTC: true)
    case 8: self = .time(unit: .microseconds, isUTC: true)
    case 9: self = .timestamp(unit: .milliseconds, isUTC: true)
    case 10: self = .timestamp(unit: .microseconds, isUTC: true)
    case 11...14: self = .integer(bits: 8 << Int(converted - 11), isSigned: false)
    case 15...18: self = .integer(bits: 8 << Int(converted - 15), isSigned: true)
    case 19: self = .json
    case 20: self = .other("BSON")
    case 21: self = .other("INTERVAL")
    default: self = .other("converted type \(converted)")
    }
  }
}
