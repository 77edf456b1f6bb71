internal import CobrePlatformShim
internal import Glibc

/// The pipe through which pages go to one connection.
struct PagePipe: ~Copyable {
  private var ends: (out: Int32, into: Int32) = (-1, -1)
  private var isUnusable = false
  /// Bytes in the pipe, which are the first to be sent.
  private(set) var filled = 0

  deinit {
    guard ends.out >= 0 else { return }
    close(ends.out)
    close(ends.into)
  }

  /// Moves memory on to a socket.
  ///
  /// - Parameters:
  ///   - parts: what is left of the current frame.
  ///   - socket: where it goes.
  /// - Returns: bytes moved, or −1 and `errno`, or nil if the system does not support this, so that all parts have to
  ///   be sent another way.
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
      // This system, or a filter, does not allow it. Nothing is lost: the pipe's content is in memory as well.
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
