/// Encodes the compact protocol of Thrift (thrift-compact-protocol.md of the Apache Thrift project).
struct ThriftWriter {
  private(set) var bytes: [UInt8] = []
  /// Identifiers of the fields written last, one for each structure that is open.
  private var last = [0]

  private mutating func head(_ id: Int, _ kind: ThriftReader.Kind) {
    let step = id - last[last.count - 1]
    if step > 0 && step <= 15 {
      bytes.append(UInt8(step) << 4 | kind.rawValue)
    } else {
      bytes.append(kind.rawValue)
      bytes.appendZigzag(Int64(id))
    }
    last[last.count - 1] = id
  }

  mutating func int32(_ id: Int, _ value: Int32) {
    head(id, .int32)
    bytes.appendZigzag(Int64(value))
  }

  mutating func int64(_ id: Int, _ value: Int) {
    head(id, .int64)
    bytes.appendZigzag(Int64(value))
  }

  mutating func byte(_ id: Int, _ value: Int8) {
    head(id, .byte)
    bytes.append(UInt8(bitPattern: value))
  }

  mutating func bool(_ id: Int, _ value: Bool) { head(id, value ? .boolTrue : .boolFalse) }

  mutating func binary(_ id: Int, _ value: some Collection<UInt8>) {
    head(id, .binary)
    bytes.appendVarint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
    head(id, .structure)
    element(body)
  }

  private mutating func element(_ body: (inout ThriftWriter) -> Void) {
    last.append(0)
    body(&self)
    last.removeLast()
    bytes.append(0)
  }

  private mutating func list(_ id: Int, _ kind: ThriftReader.Kind, count: Int) {
    head(id, .list)
    if count < 15 {
      bytes.append(UInt8(count) << 4 | kind.rawValue)
    } else {
      bytes.append(0xF0 | kind.rawValue)
      bytes.appendVarint(UInt64(count))
    }
  }

  mutating func structures<Value>(_ id: Int, _ values: [Value], _ body: (inout ThriftWriter, Value) -> Void) {
    list(id, .structure, count: values.count)
    for value in values { element { body(&$0, value) } }
  }

  mutating func int32s(_ id: Int, _ values: [Int32]) {
    list(id, .int32, count: values.count)
    for value in values { bytes.appendZigzag(Int64(value)) }
  }

  mutating func texts(_ id: Int, _ values: [String]) {
    list(id, .binary, count: values.count)
    for value in values {
      bytes.appendVarint(UInt64(value.utf8.count))
      bytes.append(contentsOf: value.utf8)
    }
  }

  /// Ends the outermost structure.
  mutating func end() { bytes.append(0) }
}

extension [UInt8] {
  /// An unsigned integer in groups of seven bits, lowest first (ULEB128).
  mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// A signed integer whose sign is the lowest bit (zigzag).
  mutating func appendZigzag(_ value: Int64) {
    appendVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func appendLittle(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
