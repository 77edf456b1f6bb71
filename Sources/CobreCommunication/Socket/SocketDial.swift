internal import CobrePlatformShim
internal import Glibc

/// The first steps of a connection, with a bound on each.
enum SocketDial {
  /// Connects a socket within five seconds, and before the deadline.
  ///
  /// Returns why it could not, or nil when connected.
  static func connect(_ descriptor: Int32, to address: SocketAddress, deadline: Int64) -> String? {
    let status = address.withPointer { Glibc.connect(descriptor, $0, $1) }
    let code = errno
    if status != 0 {
      guard code == EINPROGRESS else { return SystemError.text(code) }
      let limit = min(deadline, cobre_monotonic_nanoseconds() + 5_000_000_000)
      guard SocketOptions.wait(descriptor, for: Int32(POLLOUT), until: limit) else { return "no answer" }
      let error = SocketOptions.get(descriptor, SOL_SOCKET, SO_ERROR) ?? EIO
      guard error == 0 else { return SystemError.text(error) }
    }
    // A connection to a free port of this host can meet itself.
    if let own = SocketAddress(of: descriptor, peer: false), own.description == address.description {
      return "no one listens"
    }
    return nil
  }

  /// Sends a greeting, which is smaller than any send buffer of a fresh connection, and returns false if it did not go.
  static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) == $0.count }
  }

  /// Waits for a number of bytes, and returns nil if they do not arrive before the deadline.
  static func receive(_ count: Int, from descriptor: Int32, deadline: Int64) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var taken = 0
    while taken < count {
      guard SocketOptions.wait(descriptor, for: Int32(POLLIN), until: deadline) else { return nil }
      let got = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress.map { $0 + taken }, count - taken, 0) }
      if got == 0 { return nil }
      if got < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return nil
      }
      taken += got
    }
    return bytes
  }
}
