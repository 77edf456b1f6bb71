internal import CobreCase

/// Cuts a byte stream into lines, however the bytes are split over reads.
///
/// A line ends at `\n`. One trailing `\r` is dropped. A line above the limit is not stored: its bytes are skipped as
/// they arrive and it is reported once, so memory stays bounded whatever is sent.
package struct LineSplitter {
  package enum Line: Equatable {
    case bytes([UInt8])
    case tooLong
  }

  private let limit: Int
  private var pending: [UInt8] = []
  private var isDiscarding = false

  package init(limit: Int) {
    self.limit = limit
  }

  /// Takes the next bytes and hands over each line they complete, in order.
  package mutating func append(_ bytes: UnsafeRawBufferPointer, body: (Line) -> Void) {
    var start = 0
    while start < bytes.count {
      let rest = bytes[start...]
      guard let newline = rest.firstIndex(of: 0x0A) else {
        keep(rest)
        return
      }
      keep(bytes[start..<newline])
      start = newline + 1
      complete(body)
    }
  }

  /// Passes on what follows the last newline when the stream ends: a last line without a newline still counts.
  package mutating func finish(body: (Line) -> Void) {
    if isDiscarding || !pending.isEmpty { complete(body) }
  }

  private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
    if isDiscarding { return }
    if pending.count + bytes.count > limit {
      isDiscarding = true
      pending = []
    } else {
      pending.append(contentsOf: bytes)
    }
  }

  private mutating func complete(_ body: (Line) -> Void) {
    if isDiscarding {
      isDiscarding = false
      body(.tooLong)
      return
    }
    if pending.last == 0x0D { pending.removeLast() }
    let line = pending
    pending = []
    body(.bytes(line))
  }
}
