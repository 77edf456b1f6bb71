/// Splits RFC 4180 text into records and fields, over bytes.
struct CSVReader {
  /// A field: a range of the text, or unescaped bytes where quotes had to be removed.
  struct Field {
    var range: Range<Int>
    var unescaped: [UInt8]?
  }

  struct Failure: Error {
    /// Record number, the header being 1.
    var row: Int
    var message: String
  }

  let bytes: [UInt8]
  private var position: Int
  /// Number of the record read last.
  private(set) var row = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
    self.position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  var isAtEnd: Bool { position >= bytes.count }

  /// Reads the next record into `fields`.
  mutating func next(into fields: inout [Field]) throws(Failure) {
    fields.removeAll(keepingCapacity: true)
    row += 1
    while true {
      if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        fields.append(try quotedField())
      } else {
        let start = position
        while position < bytes.count {
          let byte = bytes[position]
          if byte == UInt8(ascii: ",") || byte == 0x0A || (byte == 0x0D && isLineEnd(position)) { break }
          position += 1
        }
        fields.append(Field(range: start..<position))
      }
      guard position < bytes.count else { return }
      if bytes[position] == UInt8(ascii: ",") {
        position += 1
        continue
      }
      position += bytes[position] == 0x0D ? 2 : 1
      return
    }
  }

  private func isLineEnd(_ index: Int) -> Bool { index + 1 < bytes.count && bytes[index + 1] == 0x0A }

  private mutating func quotedField() throws(Failure) -> Field {
    let start = position + 1
    var unescaped: [UInt8]?
    var copied = start
    position = start
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: "\"") else {
        position += 1
        continue
      }
      if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "\"") {
        // Appended in place: a field may hold millions of quotes.
        if unescaped == nil { unescaped = [] }
        unescaped?.append(contentsOf: bytes[copied...position])
        position += 2
        copied = position
        continue
      }
      let end = position
      position += 1
      guard
        position == bytes.count || bytes[position] == UInt8(ascii: ",") || bytes[position] == 0x0A
          || (bytes[position] == 0x0D && isLineEnd(position))
      else { throw Failure(row: row, message: "There is text after the closing quote of a field.") }
      return Field(range: start..<end, unescaped: unescaped.map { $0 + bytes[copied..<end] })
    }
    throw Failure(row: row, message: "A quoted field is not closed before the end of the file.")
  }
}
