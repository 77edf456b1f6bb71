internal import CobrePlatformShim

/// Memory of this process that is lent to ranks on the same host without a copy: the system moves its pages into the
/// connection, so that only the receiver copies.
final class SocketPages {
  static let slotCount = 8
  /// A receipt is requested after this many loans: the slots seldom run out, and few messages come back.
  static let loansPerReceipt = slotCount / 4
  /// Most payload bytes of a slot.
  static let slotBytes = SocketCommunicator.pieceBytes
  /// Shorter pieces are copied: that takes less than moving pages.
  static let leastBytes = 64 << 10
  /// Connections that a slot has headers for.
  static let mostLanes = headersBytes / SocketFrame.headerBytes
  private static let headersBytes = 8192
  private static let stride = headersBytes + slotBytes

  private let memory: UnsafeMutableRawPointer
  private var readers = [Int](repeating: 0, count: slotCount)

  /// Nil if there is no memory.
  init?() {
    guard let memory = cobre_pages_allocate(Self.slotCount * Self.stride) else { return nil }
    self.memory = memory
  }

  deinit { cobre_pages_free(memory, Self.slotCount * Self.stride) }

  /// A slot that no rank still has to read.
  var freeSlot: Int? { readers.firstIndex(of: 0) }

  func payload(_ slot: Int) -> UnsafeMutableRawPointer { memory + slot * Self.stride + Self.headersBytes }

  func header(_ slot: Int, lane: Int) -> UnsafeMutableRawPointer {
    memory + slot * Self.stride + lane * SocketFrame.headerBytes
  }

  func lend(_ slot: Int) { readers[slot] += 1 }
  func giveBack(_ slot: Int) { readers[slot] -= 1 }
}
