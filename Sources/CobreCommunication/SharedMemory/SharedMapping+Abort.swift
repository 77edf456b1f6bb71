extension SharedMapping {
  private typealias Layout = SharedSegmentLayout

  /// Records why the group is broken, unless a reason is recorded already, and wakes all ranks.
  func recordAbort(_ error: CommunicationError) {
    guard exchange(Layout.abortOffset, expected: 0, desired: 1) else { return }
    let text = Array(error.message.utf8.prefix(Layout.abortTextLimit))
    write(Layout.abortCodeOffset, UInt32(error.code.rawValue))
    write(Layout.abortOperationOffset, UInt32(error.operation.rawValue))
    write(Layout.abortRankOffset, Int32(truncatingIfNeeded: error.rank ?? -1))
    write(Layout.abortPeerOffset, Int32(truncatingIfNeeded: error.peer ?? -1))
    write(Layout.abortLengthOffset, UInt32(text.count))
    text.withUnsafeBytes {
      (base + Layout.abortTextOffset).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(base), byteCount: $0.count)
    }
    release(Layout.abortOffset, 2)
    add(Layout.doorbellOffset, 1)
    wakeAll(Layout.doorbellOffset)
    wakeAll(Layout.attachedOffset)
  }

  /// True if the group is broken.
  @inline(__always)
  var isAborted: Bool { acquire(Layout.abortOffset) != 0 }

  /// The recorded reason as this rank must report it, nil if there is none.
  func abortError(rank: Int) -> CommunicationError? {
    var patience = 1000
    while true {
      switch acquire(Layout.abortOffset) {
      case 0: return nil
      case 1 where patience > 0:
        // Another process is writing the record. If it dies before it is done, a general message has to do.
        patience -= 1
        wait(Layout.abortOffset, while: 1, nanoseconds: 100_000)
        continue
      case 2: break
      default:
        return CommunicationError(.abortedByPeer, .barrier, rank: rank, "The group was broken by another process.")
      }
      break
    }
    let length = min(Int(read(Layout.abortLengthOffset, as: UInt32.self)), Layout.abortTextLimit)
    let text = String(
      decoding: UnsafeRawBufferPointer(start: base + Layout.abortTextOffset, count: length), as: UTF8.self)
    let code = CommunicationError.Code(
      rawValue: UInt8(truncatingIfNeeded: read(Layout.abortCodeOffset, as: UInt32.self)))
    let operation = CollectiveCall.Operation(
      rawValue: UInt8(truncatingIfNeeded: read(Layout.abortOperationOffset, as: UInt32.self)))
    let origin = Int(read(Layout.abortRankOffset, as: Int32.self))
    let peer = Int(read(Layout.abortPeerOffset, as: Int32.self))
    return CommunicationError.relayed(
      code: code ?? .abortedByPeer, operation: operation ?? .barrier, origin: origin >= 0 ? origin : nil,
      peer: peer >= 0 ? peer : nil, message: text, to: rank)
  }
}
