/// Decodes BYTE_ARRAY columns into two flat buffers.
struct TextDecoder: PageDecoder {
  /// A piece of the current bytes.
  private struct Slice {
    var start: Int
    var length: Int
  }

  private(set) var text = ParquetText()
  private let memory: ColumnMemory
  /// Bytes that the column may hold.
  ///
  /// A dictionary lets a small file become any size.
  private var budget: DecodingBudget
  private var dictionary: ByteCursor?
  private var entries: [Slice] = []
  private var slices: [Slice] = []
  /// Texts of DELTA_BYTE_ARRAY, which are written as differences.
  private var joined: [UInt8] = []

  init(rowCount: Int, memory: ColumnMemory, budget: DecodingBudget) {
    self.memory = memory
    self.budget = budget
    text.offsets.reserveCapacity(rowCount + 1)
  }

  mutating func forgetDictionary() { dictionary = nil }

  mutating func takeDictionary(_ page: Page) throws(ParquetError) {
    guard dictionary == nil else { throw ParquetError(.damaged, "there are two dictionaries.") }
    guard page.encoding == .plain || page.encoding == .plainDictionary else { throw Self.refuse(page.encoding) }
    entries.removeAll(keepingCapacity: true)
    var body = page.body
    try Self.plain(&body, count: page.valueCount, into: &entries)
    dictionary = page.body
  }

  mutating func decode(
    _ page: Page, levels: UnsafePointer<UInt8>?, present: Int, firstRow: Int
  ) throws(ParquetError) {
    slices.removeAll(keepingCapacity: true)
    var base = page.body.base
    if present > 0 {
      var body = page.body
      switch page.encoding {
      case .plain: try Self.plain(&body, count: present, into: &slices)
      case .plainDictionary, .rleDictionary: base = try look(up: &body, count: present)
      case .deltaLengthByteArray: try lengths(&body, count: present)
      case .deltaByteArray:
        try join(&body, count: present)
        joined.withUnsafeBytes { append($0.baseAddress, levels: levels, rows: page.valueCount) }
        return
      default: throw Self.refuse(page.encoding)
      }
      var sum = 0
      for slice in slices { sum += slice.length }
      try budget.take(sum)
    }
    append(base, levels: levels, rows: page.valueCount)
  }

  /// Adds the slices, with an empty text for each row without a value.
  private mutating func append(_ base: UnsafeRawPointer?, levels: UnsafePointer<UInt8>?, rows: Int) {
    var next = 0
    for row in 0..<rows {
      if levels.map({ $0[row] == 1 }) ?? true {
        let slice = slices[next]
        next += 1
        if let base, slice.length > 0 {
          text.bytes.append(contentsOf: UnsafeRawBufferPointer(start: base + slice.start, count: slice.length))
        }
      }
      text.offsets.append(text.bytes.count)
    }
  }

  /// Lengths of four bytes, each with its text behind it.
  private static func plain(
    _ body: inout ByteCursor, count: Int, into slices: inout [Slice]
  ) throws(ParquetError) {
    for _ in 0..<count {
      let length = Int(try body.littleUInt32())
      let start = body.position
      try body.take(length)
      slices.append(Slice(start: start, length: length))
    }
  }

  private mutating func look(up body: inout ByteCursor, count: Int) throws(ParquetError) -> UnsafeRawPointer {
    guard let dictionary else { throw ParquetError(.damaged, "a page wants a dictionary and there is none.") }
    let width = Int(try body.byte())
    var hybrid = try HybridDecoder(body, width: width)
    let indices = memory.indices.reserve(count, of: UInt32.self)
    try hybrid.read(into: indices, count: count)
    for number in 0..<count {
      guard Int(indices[number]) < entries.count else {
        throw ParquetError(.damaged, "entry \(indices[number]) is wanted of a dictionary of \(entries.count).")
      }
      slices.append(entries[Int(indices[number])])
    }
    return dictionary.base
  }

  /// Reads `count` lengths that precede what they measure.
  private func readLengths(
    _ body: inout ByteCursor, count: Int
  ) throws(ParquetError) -> UnsafeMutablePointer<UInt32> {
    var delta = try DeltaDecoder(body)
    guard delta.count == count else {
      throw ParquetError(.damaged, "a page has \(delta.count) lengths where its levels want \(count).")
    }
    let lengths = memory.indices.reserve(count, of: UInt32.self)
    try delta.readAll(into: lengths)
    body = delta.cursor
    return lengths
  }

  /// All lengths, then all texts (Encodings.md, "Delta-length byte array").
  private mutating func lengths(_ body: inout ByteCursor, count: Int) throws(ParquetError) {
    let lengths = try readLengths(&body, count: count)
    for number in 0..<count {
      let start = body.position
      try body.take(Int(lengths[number]))
      slices.append(Slice(start: start, length: Int(lengths[number])))
    }
  }

  /// The length of the prefix that each text shares with the previous one, then the suffixes (Encodings.md, "Delta
  /// Strings").
  private mutating func join(_ body: inout ByteCursor, count: Int) throws(ParquetError) {
    let shared = Array(UnsafeBufferPointer(start: try readLengths(&body, count: count), count: count))
    try lengths(&body, count: count)
    joined.removeAll(keepingCapacity: true)
    var previous = Slice(start: 0, length: 0)
    for number in 0..<count {
      let rest = slices[number]
      let prefix = Int(shared[number])
      guard prefix <= previous.length else {
        throw ParquetError(.damaged, "a text shares \(prefix) bytes with one of \(previous.length).")
      }
      try budget.take(prefix + rest.length)
      let start = joined.count
      joined.append(contentsOf: joined[previous.start..<previous.start + prefix])
      joined.append(contentsOf: UnsafeRawBufferPointer(start: body.base + rest.start, count: rest.length))
      previous = Slice(start: start, length: prefix + rest.length)
      slices[number] = previous
    }
  }
}
