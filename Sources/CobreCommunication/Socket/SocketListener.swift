internal import CobrePlatformShim
internal import Glibc

/// A listening socket, closed when released.
final class SocketListener {
  private(set) var descriptor: Int32
  let address: SocketAddress

  /// Listens on an address of this host.
  init(host: String?, port: UInt16, rank: Int?) throws {
    var refusal: Int32?
    var missing: (any Error)?
    // IPv6 first: a socket on :: takes IPv4 too.
    let candidates = try SocketAddress.resolve(host: host, port: port, rank: rank)
      .sorted { $0.family == AF_INET6 && $1.family != AF_INET6 }
    for candidate in candidates {
      let descriptor: Int32
      do {
        descriptor = try SocketOptions.make(family: candidate.family)
      } catch {
        // For example a host without IPv6. It is only reported if no other family works either.
        missing = error
        continue
      }
      SocketOptions.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
      if candidate.family == AF_INET6 { SocketOptions.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
      if candidate.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 128) == 0,
        let address = SocketAddress(of: descriptor, peer: false)
      {
        self.descriptor = descriptor
        self.address = address
        return
      }
      refusal = errno
      close(descriptor)
    }
    if refusal == nil, let missing { throw missing }
    throw CommunicationError(
      .system, .connect, rank: rank,
      "Port \(port) of \(host ?? "this host") cannot be listened on: \(SystemError.text(refusal ?? EADDRNOTAVAIL)). Choose another "
        + "\(CommunicationVariable.port) or \(CommunicationVariable.bindAddress), or end the program that holds it.")
  }

  /// Takes over a listening socket that the parent process opened.
  init(inherited descriptor: Int32, rank: Int?) throws {
    guard SocketOptions.get(descriptor, SOL_SOCKET, SO_ACCEPTCONN) == 1,
      let address = SocketAddress(of: descriptor, peer: false)
    else {
      throw CommunicationError(
        .configuration, .connect, rank: rank,
        "\(CommunicationVariable.listenDescriptor) names descriptor \(descriptor), which is no listening socket.")
    }
    _ = cobre_set_close_on_exec(descriptor, 1)
    _ = cobre_set_nonblocking(descriptor)
    self.descriptor = descriptor
    self.address = address
  }

  deinit { shut() }

  func shut() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
  }

  /// The next connection, nil if there is none.
  func accept() -> Int32? {
    while true {
      let connection = Glibc.accept(descriptor, nil, nil)
      let code = errno
      if connection >= 0 {
        _ = cobre_set_close_on_exec(connection, 1)
        _ = cobre_set_nonblocking(connection)
        return connection
      }
      if code != EINTR && code != ECONNABORTED { return nil }
    }
  }
}
