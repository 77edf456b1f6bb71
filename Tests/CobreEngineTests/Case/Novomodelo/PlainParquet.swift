import CobreCase
import CobreEngine

/// Writes flat tables as the plainest Parquet file there is: one row group, one page per column, no compression.
///
/// Written from the specification (apache/parquet-format) for tests alone, so that reading is tested against another
/// hand than its own.
struct PlainParquet {
  enum Kind {
    case int32
    case uint32
    case date
    case double
  }

  struct Column {
    var name: String
    var kind: Kind
    /// Integers and dates as their value (nil = null).
    var values: [Double?]
  }

  /// The bytes of a file with these columns, which have the same number of rows.
  static func file(_ columns: [Column]) -> [UInt8] {
    var bytes = Array("PAR1".utf8)
    let rows = columns.first?.values.count ?? 0
    var chunks: [Compact] = []
    for column in columns {
      let offset = bytes.count
      let content = page(column)
      var header = Compact()
      header.int(1, 0)
      header.int(2, content.count)
      header.int(3, content.count)
      header.structure(5) {
        $0.int(1, rows)
        $0.int(2, 0)
        $0.int(3, 3)
        $0.int(4, 3)
      }
      header.stop()
      bytes += header.bytes + content
      let size = bytes.count - offset
      var chunk = Compact()
      chunk.long(2, offset)
      chunk.structure(3) {
        $0.int(1, column.kind == .double ? 5 : 1)
        $0.list(2, type: 5, [[0]])
        $0.list(3, type: 8, [Compact.text(column.name)])
        $0.int(4, 0)
        $0.long(5, rows)
        $0.long(6, size)
        $0.long(7, size)
        $0.long(9, offset)
      }
      chunk.stop()
      chunks.append(chunk)
    }
    var footer = Compact()
    footer.int(1, 1)
    footer.list(2, type: 12, [root(columns.count)] + columns.map(element))
    footer.long(3, rows)
    var group = Compact()
    group.list(1, type: 12, chunks.map(\.bytes))
    group.long(2, bytes.count)
    group.long(3, rows)
    group.stop()
    footer.list(4, type: 12, [group.bytes])
    footer.stop()
    bytes += footer.bytes
    let length = UInt32(footer.bytes.count)
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return bytes + Array("PAR1".utf8)
  }

  private static func root(_ children: Int) -> [UInt8] {
    var element = Compact()
    element.string(4, "schema")
    element.int(5, children)
    element.stop()
    return element.bytes
  }

  private static func element(_ column: Column) -> [UInt8] {
    var element = Compact()
    element.int(1, column.kind == .double ? 5 : 1)
    element.int(3, column.values.contains { $0 == nil } ? 1 : 0)
    element.string(4, column.name)
    if column.kind == .date { element.int(6, 6) }
    if column.kind == .uint32 { element.int(6, 13) }
    element.stop()
    return element.bytes
  }

  private static func page(_ column: Column) -> [UInt8] {
    var bytes: [UInt8] = []
    if column.values.contains(where: { $0 == nil }) {
      // One run of bit-packed levels, padded to groups of eight.
      let groups = (column.values.count + 7) / 8
      var levels = Compact.variable(UInt64(groups << 1 | 1))
      for group in 0..<groups {
        var byte: UInt8 = 0
        for bit in 0..<8 where group * 8 + bit < column.values.count && column.values[group * 8 + bit] != nil {
          byte |= 1 << bit
        }
        levels.append(byte)
      }
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: levels.count >> (8 * $0)) } + levels
    }
    for value in column.values {
      guard let value else { continue }
      if column.kind == .double {
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      } else {
        let pattern = UInt32(truncatingIfNeeded: Int(value))
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) }
      }
    }
    return bytes
  }

  /// The part of Thrift's compact protocol that a footer needs.
  private struct Compact {
    var bytes: [UInt8] = []
    private var last = 0

    static func variable(_ value: UInt64) -> [UInt8] {
      var rest = value
      var bytes: [UInt8] = []
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      return bytes + [UInt8(rest)]
    }

    static func zigzag(_ value: Int) -> [UInt8] { variable(UInt64(bitPattern: Int64((value << 1) ^ (value >> 63)))) }

    static func text(_ text: String) -> [UInt8] { variable(UInt64(text.utf8.count)) + Array(text.utf8) }

    private mutating func field(_ id: Int, _ type: UInt8) {
      bytes.append(UInt8(id - last) << 4 | type)
      last = id
    }

    mutating func int(_ id: Int, _ value: Int) {
      field(id, 5)
      bytes += Compact.zigzag(value)
    }

    mutating func long(_ id: Int, _ value: Int) {
      field(id, 6)
      bytes += Compact.zigzag(value)
    }

    mutating func string(_ id: Int, _ value: String) {
      field(id, 8)
      bytes += Compact.text(value)
    }

    mutating func list(_ id: Int, type: UInt8, _ elements: [[UInt8]]) {
      field(id, 9)
      if elements.count < 15 {
        bytes.append(UInt8(elements.count) << 4 | type)
      } else {
        bytes += [0xF0 | type] + Compact.variable(UInt64(elements.count))
      }
      bytes += elements.joined()
    }

    mutating func structure(_ id: Int, _ body: (inout Compact) -> Void) {
      field(id, 12)
      var inner = Compact()
      body(&inner)
      inner.stop()
      bytes += inner.bytes
    }

    mutating func stop() { bytes.append(0) }
  }
}
