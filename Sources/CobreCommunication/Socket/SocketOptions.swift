internal import CobrePlatformShim
internal import Glibc

/// POLLRDHUP of poll(2), which is only defined under _GNU_SOURCE: the other side has closed or half closed.
let hangUpEvent: Int32 = 0x2000

/// Settings of sockets.
enum SocketOptions {
  static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  static func get(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, level, name, &value, &length) == 0 ? value : nil
  }

  /// Sends small messages at once, and lets the kernel detect hosts that have vanished.
  static func prepare(_ descriptor: Int32, silence: Double) {
    let tcp = Int32(IPPROTO_TCP)
    set(descriptor, tcp, TCP_NODELAY, 1)
    set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
    let seconds = Int32(min(max(silence, 1), 3600))
    set(descriptor, tcp, TCP_KEEPIDLE, max(seconds / 3, 1))
    set(descriptor, tcp, TCP_KEEPINTVL, max(seconds / 6, 1))
    set(descriptor, tcp, TCP_KEEPCNT, 4)
    // Unacknowledged data for so long: the other host is gone.
    set(descriptor, tcp, TCP_USER_TIMEOUT, seconds * 1000 + 1000)
    // Within a host there is no network path to probe. An algorithm that probes anyway, such as BBR, now and then
    // pauses for half the time that a megabyte takes.
    if staysOnThisHost(descriptor) { setsockopt(descriptor, tcp, TCP_CONGESTION, "reno", 4) }
  }

  /// True for a connection whose ends have the same address.
  static func staysOnThisHost(_ descriptor: Int32) -> Bool {
    guard let own = SocketAddress(of: descriptor, peer: false) else { return false }
    return own.numeric.host == SocketAddress(of: descriptor, peer: true)?.numeric.host
  }

  /// A new stream socket, close-on-exec and non-blocking.
  static func make(family: Int32) throws -> Int32 {
    let descriptor = socket(
      family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    let code = errno
    guard descriptor >= 0 else {
      throw CommunicationError(.system, .connect, "No socket can be made: \(SystemError.text(code)).")
    }
    return descriptor
  }

  /// Waits until a socket is ready or the deadline passes, and returns false if it passed.
  static func wait(_ descriptor: Int32, for events: Int32, until deadline: Int64) -> Bool {
    while true {
      let rest = deadline - cobre_monotonic_nanoseconds()
      guard rest > 0 else { return false }
      var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
      let ready = poll(&entry, 1, Int32(min(rest / 1_000_000 + 1, 1000)))
      if ready > 0 { return true }
    }
  }
}
