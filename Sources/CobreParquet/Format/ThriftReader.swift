/// Decodes the compact protocol of Thrift (thrift-compact-protocol.md of the Apache Thrift project), in which footer
/// and page headers are written.
struct ThriftReader {
  enum Kind: UInt8 {
    case boolTrue = 1
    case boolFalse = 2
    case byte = 3
    case int16 = 4
    case int32 = 5
    case int64 = 6
    case double = 7
    case binary = 8
    case list = 9
    case set = 10
    case map = 11
    case structure = 12
    case uuid = 13
  }

  struct Field {
    let id: Int
    let kind: Kind
  }

  /// Structures inside structures.
  ///
  /// The deepest that the format uses are a handful.
  private static let maximumDepth = 32

  private(set) var cursor: ByteCursor

  init(_ cursor: ByteCursor) { self.cursor = cursor }

  private static func kind(_ nibble: UInt8) throws(ParquetError) -> Kind {
    guard let kind = Kind(rawValue: nibble) else {
      throw ParquetError(.damaged, "the metadata hold the unknown Thrift type \(nibble).")
    }
    return kind
  }

  /// The next field of a structure, or nil at its end.
  ///
  /// `last` carries the identifier from field to field.
  mutating func field(after last: inout Int) throws(ParquetError) -> Field? {
    let head = try cursor.byte()
    if head == 0 { return nil }
    let kind = try Self.kind(head & 0x0F)
    let step = Int(head >> 4)
    if step > 0 {
      last += step
    } else {
      let id = try cursor.zigzag()
      guard id >= 0, id <= Int64(Int16.max) else {
        throw ParquetError(.damaged, "the metadata hold a field numbered \(id).")
      }
      last = Int(id)
    }
    return Field(id: last, kind: kind)
  }

  private func mismatch(_ field: Field, _ expected: String) -> ParquetError {
    ParquetError(.damaged, "metadata field \(field.id) is a Thrift \(field.kind), not \(expected).")
  }

  mutating func int(_ field: Field) throws(ParquetError) -> Int64 {
    switch field.kind {
    case .byte: return Int64(Int8(bitPattern: try cursor.byte()))
    case .int16, .int32, .int64: return try cursor.zigzag()
    default: throw mismatch(field, "an integer")
    }
  }

  mutating func int32(_ field: Field) throws(ParquetError) -> Int32 {
    let value = try int(field)
    guard let narrow = Int32(exactly: value) else {
      throw ParquetError(.damaged, "metadata field \(field.id) holds \(value), which has more than 32 bits.")
    }
    return narrow
  }

  /// An integer that counts something.
  mutating func size(_ field: Field) throws(ParquetError) -> Int {
    let value = try int(field)
    guard value >= 0 else { throw ParquetError(.damaged, "metadata field \(field.id) holds the size \(value).") }
    return Int(value)
  }

  func bool(_ field: Field) throws(ParquetError) -> Bool {
    switch field.kind {
    case .boolTrue: return true
    case .boolFalse: return false
    default: throw mismatch(field, "a boolean")
    }
  }

  private mutating func binary() throws(ParquetError) -> UnsafeRawBufferPointer {
    let length = try cursor.varint()
    guard length <= UInt64(cursor.remaining) else {
      throw ParquetError(.damaged, "a text in the metadata is longer than what is left of them.")
    }
    return UnsafeRawBufferPointer(start: try cursor.take(Int(length)), count: Int(length))
  }

  mutating func string(_ field: Field) throws(ParquetError) -> String {
    guard field.kind == .binary else { throw mismatch(field, "a text") }
    guard let text = String(validating: try binary(), as: UTF8.self) else {
      throw ParquetError(.damaged, "metadata field \(field.id) is no valid UTF-8.")
    }
    return text
  }

  func structure(_ field: Field) throws(ParquetError) {
    guard field.kind == .structure else { throw mismatch(field, "a structure") }
  }

  private mutating func listHead() throws(ParquetError) -> (count: Int, kind: Kind) {
    let head = try cursor.byte()
    let kind = try Self.kind(head & 0x0F)
    let long = head >> 4 == 15 ? try cursor.varint() : UInt64(head >> 4)
    // Every element takes a byte at least.
    guard long <= UInt64(cursor.remaining) else {
      throw ParquetError(.damaged, "a list in the metadata has more elements than bytes are left.")
    }
    return (Int(long), kind)
  }

  /// The number of elements of a list of structures.
  ///
  /// The caller then reads each.
  mutating func structureCount(_ field: Field) throws(ParquetError) -> Int {
    guard field.kind == .list else { throw mismatch(field, "a list") }
    let (count, kind) = try listHead()
    guard kind == .structure || count == 0 else { throw mismatch(field, "a list of structures") }
    return count
  }

  /// Steps over a value that is of no interest.
  mutating func skip(_ kind: Kind, depth: Int = 0) throws(ParquetError) {
    guard depth < Self.maximumDepth else { throw ParquetError(.damaged, "the metadata are nested too deeply.") }
    switch kind {
    case .boolTrue, .boolFalse: break
    case .byte: try cursor.take(1)
    case .int16, .int32, .int64: _ = try cursor.varint()
    case .double: try cursor.take(8)
    case .uuid: try cursor.take(16)
    case .binary: _ = try binary()
    case .list, .set:
      let (count, element) = try listHead()
      for _ in 0..<count { try skipElement(element, depth: depth) }
    case .map:
      let count = try cursor.varint()
      guard count <= UInt64(cursor.remaining) else {
        throw ParquetError(.damaged, "a map in the metadata has more entries than bytes are left.")
      }
      if count == 0 { return }
      let kinds = try cursor.byte()
      let (key, value) = (try Self.kind(kinds >> 4), try Self.kind(kinds & 0x0F))
      for _ in 0..<Int(count) {
        try skipElement(key, depth: depth)
        try skipElement(value, depth: depth)
      }
    case .structure:
      var last = 0
      while let field = try field(after: &last) { try skip(field.kind, depth: depth + 1) }
    }
  }

  /// Outside of structures a boolean takes a byte.
  private mutating func skipElement(_ kind: Kind, depth: Int) throws(ParquetError) {
    switch kind {
    case .boolTrue, .boolFalse: try cursor.take(1)
    default: try skip(kind, depth: depth + 1)
    }
  }
}
