internal import CobrePlatformShim
internal import Glibc

/// One connection between two ranks: frames out of a queue, frames in through a small staging buffer.
///
/// Never blocks. Payloads are sent from and received into the caller's memory without a copy, except for what is read
/// together with a header (at most the staging buffer, and nothing in a stream of large payloads).
final class SocketConnection {
  /// What became of a connection.
  enum State: Equatable {
    case open
    /// The other side closed it, orderly or not.
    case closed(String)
    /// The data received is not a frame.
    case corrupt(String)
  }

  let descriptor: Int32
  let peer: Int
  /// Process and address of the peer, for messages.
  let peerName: String
  /// Both ends have the same address.
  let isOnThisHost: Bool
  private(set) var state = State.open
  private let key: KeyedHash?
  /// Messages carry proofs of their sender.
  var isProved: Bool { key != nil }
  /// The peer said that it leaves.
  var hasLeft = false
  /// When bytes last came, in monotonic nanoseconds.
  private(set) var lastHeard: Int64 = 0

  private var nextReceived: UInt64 = 0
  private var outbox: SocketOutbox
  private var isShut = false

  // Received and not yet consumed: bytes start..<end of the staging buffer.
  static let stagingBytes = 64 << 10
  private let staging = UnsafeMutableRawPointer.allocate(byteCount: stagingBytes, alignment: 64)
  private var start = 0
  private var end = 0

  /// - Parameters:
  ///   - descriptor: the connected socket, which is closed with this object.
  ///   - peer: rank of the other side.
  ///   - peerName: how messages name it.
  ///   - keys: by which messages are proved, or nil if they are not.
  init(descriptor: Int32, peer: Int, peerName: String, keys: SocketKeys?) {
    self.descriptor = descriptor
    self.peer = peer
    self.peerName = peerName
    key = keys?.receiving
    outbox = SocketOutbox(descriptor: descriptor, key: keys?.sending)
    isOnThisHost = SocketOptions.staysOnThisHost(descriptor)
    lastHeard = cobre_monotonic_nanoseconds()
  }

  deinit {
    shut()
    staging.deallocate()
  }

  /// Number of frames that wait to be sent.
  var queuedFrames: Int { outbox.count }

  /// True while bytes wait to be sent.
  var isSending: Bool { outbox.isSending }

  /// True while the other side has pages of this process to read.
  var isLending: Bool { outbox.isLending }

  /// Puts a frame at the end of the queue.
  ///
  /// The payload must stay until it is sent.
  func enqueue(_ frame: SocketFrame, payload: UnsafeRawPointer?) { outbox.enqueue(frame, payload: payload) }

  /// Puts a frame at the end of the queue whose payload is in a slot of pages.
  ///
  /// See ``SocketOutbox``.
  func enqueue(_ frame: SocketFrame, slot: Int, of pages: SocketPages, lane: Int) {
    outbox.enqueue(frame, slot: slot, of: pages, lane: lane)
  }

  /// Sends what the system takes, and returns true if it took something.
  @discardableResult
  func flush() -> Bool { outbox.flush() }

  /// Discards what has not been sent.
  ///
  /// Nothing more will be sent.
  func stopSending() { outbox.stop() }

  /// The other side says that it has read all frames before one.
  func takeReceipt(before sequence: UInt64) {
    if !outbox.takeReceipt(before: sequence) {
      state = .corrupt("\(peerName) has read messages that were never sent")
    }
  }

  /// The other side has got to a call.
  func takeReceipt(beforeCall call: UInt64) { outbox.takeReceipt(beforeCall: call) }

  // MARK: Receiving

  /// The next header, if it is there.
  ///
  /// Its payload must be taken with ``receive(into:length:)`` before the next header.
  ///
  /// Reads up to `readingAhead` bytes beyond the header, which saves a call if messages are short and costs a copy if
  /// they are long.
  func nextFrame(readingAhead: Int = stagingBytes) -> SocketFrame? {
    if case .corrupt = state { return nil }
    // What arrived before the other side closed still counts.
    if end - start < SocketFrame.headerBytes {
      if state == .open { fill(SocketFrame.headerBytes - (end - start) + readingAhead) }
      guard end - start >= SocketFrame.headerBytes else { return nil }
    }
    guard let frame = SocketFrame(decoding: staging + start) else {
      state = .corrupt("what \(peerName) sends is no valid message")
      return nil
    }
    if let key, !SocketFrame.isProved(staging + start, by: key) {
      state = .corrupt("a message that came from \(peerName) does not carry the proof of its sender")
      return nil
    }
    guard frame.sequence == nextReceived else {
      state = .corrupt("\(peerName) sent message \(frame.sequence) where \(nextReceived) was due")
      return nil
    }
    nextReceived += 1
    start += SocketFrame.headerBytes
    return frame
  }

  /// Takes payload bytes that are there.
  ///
  /// Returns how many, perhaps fewer than are there.
  ///
  /// What is read with the last of them, usually the next header, waits in the staging buffer.
  func receive(into target: UnsafeMutableRawPointer, length: Int) -> Int {
    let staged = min(end - start, length)
    if staged > 0 {
      target.copyMemory(from: staging + start, byteCount: staged)
      start += staged
      return staged
    }
    guard length > 0, state == .open else { return 0 }
    start = 0
    end = 0
    let ahead = length < Self.stagingBytes / 2 ? Self.stagingBytes : SocketFrame.headerBytes
    let got = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
      vectors[0] = iovec(iov_base: target, iov_len: length)
      vectors[1] = iovec(iov_base: staging, iov_len: ahead)
      return receiveSome(vectors)
    }
    end = max(got - length, 0)
    return min(got, length)
  }

  private func fill(_ wanted: Int) {
    if start == end {
      start = 0
      end = 0
    } else if start > 0, Self.stagingBytes - end < SocketFrame.headerBytes {
      staging.copyMemory(from: staging + start, byteCount: end - start)
      end -= start
      start = 0
    }
    end += receiveSome(staging + end, min(wanted, Self.stagingBytes - end))
  }

  private func receiveSome(_ target: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 1) { vectors in
      vectors[0] = iovec(iov_base: target, iov_len: capacity)
      return receiveSome(vectors)
    }
  }

  // Receives what is there. Returns the number of bytes, 0 if there were none or the connection is over.
  private func receiveSome(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
    var message = msghdr()
    message.msg_iov = vectors.baseAddress
    message.msg_iovlen = vectors.count
    while true {
      let got = recvmsg(descriptor, &message, Int32(MSG_DONTWAIT))
      let code = errno
      if got > 0 {
        lastHeard = cobre_monotonic_nanoseconds()
        return got
      }
      if got == 0 {
        state = .closed("closed the connection")
        return 0
      }
      if code == EINTR { continue }
      if code != EAGAIN && code != EWOULDBLOCK { state = .closed("is lost: \(SystemError.text(code))") }
      return 0
    }
  }

  /// Closes the connection.
  func shut() {
    guard !isShut else { return }
    isShut = true
    if state == .open { state = .closed("was closed here") }
    outbox.stop()
    close(descriptor)
  }

  func restartClock(_ now: Int64) { lastHeard = max(lastHeard, now) }

  func markCorrupt(_ reason: String) { state = .corrupt(reason) }

  /// Reads and discards what is there, so that closing does not reset the connection while our data is on its way.
  func discardIncoming() {
    start = 0
    end = 0
    while state == .open, receiveSome(staging, Self.stagingBytes) > 0 {}
  }
}
