internal import CobrePlatformShim
internal import Glibc

/// The frames that wait to be sent over one connection, and the pages that its other side has not yet read.
///
/// Headers are in its own memory, payloads in the caller's. If pages are lent, both are in the pages.
struct SocketOutbox: ~Copyable {
  private struct Item {
    var header: UnsafeMutableRawPointer
    var payload: UnsafeRawPointer?
    var length: Int
    var sent = 0
    var isLent = false

    var whole: Int { SocketFrame.headerBytes + length }
  }

  private struct Loan {
    var sequence: UInt64
    var call: UInt64
    var slot: Int
  }

  private let descriptor: Int32
  private let key: KeyedHash?
  private var items: [Item] = []
  private var head = 0
  private var spareHeaders: [UnsafeMutableRawPointer] = []
  private var pipe = PagePipe()
  private var loans: [Loan] = []
  /// Loans since a receipt was last requested.
  ///
  /// If nothing comes back, only a receipt shows that they have been read.
  private var withoutReceipt = 0
  private var pages: SocketPages?
  private(set) var canSend = true
  /// Number of the next frame.
  private(set) var sequence: UInt64 = 0

  init(descriptor: Int32, key: KeyedHash?) {
    self.descriptor = descriptor
    self.key = key
  }

  deinit {
    for item in items[head...] where !item.isLent { item.header.deallocate() }
    for header in spareHeaders { header.deallocate() }
  }

  /// Number of frames that wait to be sent.
  var count: Int { items.count - head }
  /// True while bytes wait to be sent.
  var isSending: Bool { head < items.count }
  /// True while the other side has pages to read.
  var isLending: Bool { !loans.isEmpty }

  /// Puts a frame at the end.
  ///
  /// The payload must stay until it is sent.
  mutating func enqueue(_ frame: SocketFrame, payload: UnsafeRawPointer?) {
    guard canSend else { return }
    let header =
      spareHeaders.popLast() ?? UnsafeMutableRawPointer.allocate(byteCount: SocketFrame.headerBytes, alignment: 8)
    append(frame, Item(header: header, payload: payload, length: Int(frame.length)))
  }

  /// Puts a frame at the end whose payload is in a slot of pages, and lends it.
  ///
  /// - Parameters:
  ///   - frame: a data frame.
  ///   - slot: where its payload is.
  ///   - pages: the pages of that slot, the same in each call.
  ///   - lane: which of the slot's headers is this connection's.
  mutating func enqueue(_ frame: SocketFrame, slot: Int, of pages: SocketPages, lane: Int) {
    guard canSend else { return }
    var frame = frame
    withoutReceipt += 1
    frame.asksForReceipt = withoutReceipt >= SocketPages.loansPerReceipt
    if frame.asksForReceipt { withoutReceipt = 0 }
    self.pages = pages
    pages.lend(slot)
    loans.append(Loan(sequence: sequence, call: frame.call, slot: slot))
    let payload = UnsafeRawPointer(pages.payload(slot))
    append(
      frame, Item(header: pages.header(slot, lane: lane), payload: payload, length: Int(frame.length), isLent: true))
  }

  private mutating func append(_ frame: SocketFrame, _ item: Item) {
    var frame = frame
    frame.sequence = sequence
    sequence += 1
    frame.encode(into: item.header, key: key)
    items.append(item)
  }

  /// The other side has read all frames before one, and returns false if that one was never sent.
  mutating func takeReceipt(before end: UInt64) -> Bool {
    guard end <= sequence else { return false }
    giveBack { $0.sequence < end }
    return true
  }

  /// The other side has reached a call, so it has read everything that belongs to earlier ones.
  mutating func takeReceipt(beforeCall call: UInt64) {
    if isLending { giveBack { $0.call < call } }
  }

  private mutating func giveBack(where isRead: (Loan) -> Bool) {
    var count = 0
    while count < loans.count, isRead(loans[count]) {
      pages?.giveBack(loans[count].slot)
      count += 1
    }
    loans.removeFirst(count)
  }

  /// Sends what the system takes, and returns true if it took something.
  mutating func flush() -> Bool {
    var moved = false
    while isSending, canSend {
      let sent = sendSome()
      let code = errno
      if sent < 0 {
        if code == EINTR { continue }
        // What the peer had to say may still be in our buffer: the reading side decides what happened.
        if code != EAGAIN && code != EWOULDBLOCK { stop() }
        return moved
      }
      moved = true
      advance(sent)
    }
    return moved
  }

  private mutating func sendSome() -> Int {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 32) { vectors in
      let isLent = items[head].isLent
      var count = 0
      for index in head..<items.count where count + 2 <= vectors.count {
        // Pages go through the pipe, one frame at a time.
        guard index == head || !(isLent || items[index].isLent) else { break }
        count += Self.fill(vectors, from: count, with: items[index])
      }
      let parts = UnsafeMutableBufferPointer(rebasing: vectors[..<count])
      if isLent, let moved = pipe.send(parts, to: descriptor) { return moved }
      var message = msghdr()
      message.msg_iov = parts.baseAddress
      message.msg_iovlen = count
      return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
  }

  // Fills in what is left of a frame, in one or two parts. Returns how many.
  private static func fill(_ vectors: UnsafeMutableBufferPointer<iovec>, from start: Int, with item: Item) -> Int {
    var count = start
    if item.sent < SocketFrame.headerBytes {
      vectors[count] = iovec(iov_base: item.header + item.sent, iov_len: SocketFrame.headerBytes - item.sent)
      count += 1
    }
    let skipped = max(item.sent - SocketFrame.headerBytes, 0)
    if item.length > skipped, let payload = item.payload {
      vectors[count] = iovec(
        iov_base: UnsafeMutableRawPointer(mutating: payload + skipped), iov_len: item.length - skipped)
      count += 1
    }
    return count - start
  }

  private mutating func advance(_ count: Int) {
    var rest = count
    while rest > 0, isSending {
      let step = min(rest, items[head].whole - items[head].sent)
      items[head].sent += step
      rest -= step
      if items[head].sent == items[head].whole {
        if !items[head].isLent { spareHeaders.append(items[head].header) }
        head += 1
      }
    }
    if !isSending { drop() }
  }

  /// Discards what has not been sent.
  ///
  /// Nothing more will be sent.
  mutating func stop() {
    drop()
    canSend = false
  }

  // Forgets the queue.
  private mutating func drop() {
    for item in items[head...] where !item.isLent { spareHeaders.append(item.header) }
    items.removeAll(keepingCapacity: true)
    head = 0
  }
}
