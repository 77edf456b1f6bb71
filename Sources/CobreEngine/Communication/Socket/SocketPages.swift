internal import CobrePlatformShim
internal import Glibc

/// Memory of this process that ranks on the same host get as it lies there: the system moves its pages into the connection
/// in place of copying what is in them, so that only who receives copies.
///
/// A slot holds one piece of payload and the header in front of it for each connection that it goes to. It is free again
/// when all who got it have said, or shown by a later call, that they have read it.
final class SocketPages {
  static let slotCount = 8
  /// A receipt is asked for with every so many: all slots are seldom out, and few messages come back.
  static let loansPerReceipt = slotCount / 4
  /// Most payload bytes of a slot.
  static let slotBytes = SocketCommunicator.pieceBytes
  /// Shorter pieces are copied: that takes less than moving pages.
  static let leastBytes = 64 << 10
  /// Connections that a slot has headers for.
  static let mostLanes = headersBytes / SocketFrame.headerBytes
  private static let headersBytes = 4096
  private static let stride = headersBytes + slotBytes

  private let memory: UnsafeMutableRawPointer
  private var readers = [Int](repeating: 0, count: slotCount)

  /// Nil where there is no memory.
  init?() {
    guard let memory = cobre_pages_allocate(Self.slotCount * Self.stride) else { return nil }
    self.memory = memory
  }

  deinit { cobre_pages_free(memory, Self.slotCount * Self.stride) }

  /// A slot that nobody has to read.
  var freeSlot: Int? { readers.firstIndex(of: 0) }

  func payload(_ slot: Int) -> UnsafeMutableRawPointer { memory + slot * Self.stride + Self.headersBytes }

  func header(_ slot: Int, lane: Int) -> UnsafeMutableRawPointer {
    memory + slot * Self.stride + lane * SocketFrame.headerBytes
  }

  func lend(_ slot: Int) { readers[slot] += 1 }
  func giveBack(_ slot: Int) { readers[slot] -= 1 }
}

/// The pipe through which pages go to one connection.
struct PagePipe: ~Copyable {
  private var ends: (out: Int32, into: Int32) = (-1, -1)
  private var isUnusable = false
  /// Bytes in the pipe, the first of what is to be sent.
  private(set) var filled = 0

  deinit {
    guard ends.out >= 0 else { return }
    close(ends.out)
    close(ends.into)
  }

  /// Moves memory on to a socket.
  ///
  /// - Parameters:
  ///   - parts: what is left of the frame at hand.
  ///   - socket: where it goes.
  /// - Returns: bytes moved, or −1 and `errno`; nil where this way is closed, so that all parts have to go another one.
  mutating func send(_ parts: UnsafeMutableBufferPointer<iovec>, to socket: Int32) -> Int? {
    if filled == 0 {
      guard open() else { return nil }
      let taken = cobre_pages_in(ends.into, parts.baseAddress, parts.count)
      guard taken > 0 else {
        isUnusable = true
        return nil
      }
      filled = taken
    }
    let moved = cobre_pages_out(ends.out, socket, filled)
    guard moved < 0 else {
      filled -= moved
      return moved
    }
    switch errno {
    case EINVAL, ENOSYS, EPERM, EOPNOTSUPP:
      // This system, or its filter, will not: what is in the pipe lies in memory as well.
      isUnusable = true
      filled = 0
      return nil
    default: return moved
    }
  }

  private mutating func open() -> Bool {
    guard !isUnusable, ends.out < 0 else { return !isUnusable }
    var both: [Int32] = [-1, -1]
    guard cobre_page_pipe(&both, Int32(2 * SocketPages.slotBytes)) == 0 else {
      isUnusable = true
      return false
    }
    ends = (both[0], both[1])
    return true
  }
}
