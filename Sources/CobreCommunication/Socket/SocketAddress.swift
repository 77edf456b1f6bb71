internal import Glibc

/// An address of either family, as the system calls want it.
struct SocketAddress {
  private var storage: sockaddr_storage
  private var length: socklen_t
  let family: Int32

  /// Every address that a name resolves to.
  ///
  /// - Parameters:
  ///   - host: name or numeric address, or nil for any address (to listen) of this host.
  ///   - port: 0 for one that the system chooses.
  ///   - rank: the rank that asks, for the error.
  /// - Returns: at least one address.
  /// - Throws: ``CommunicationError`` if the name resolves to nothing.
  static func resolve(host: String?, port: UInt16, rank: Int?) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_family = AF_UNSPEC
    hints.ai_flags = host == nil ? AI_PASSIVE : 0
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else {
      let reason = gai_strerror(status).map { String(cString: $0) } ?? "error \(status)"
      throw CommunicationError(
        status == EAI_AGAIN ? .connectFailed : .configuration, .connect, rank: rank,
        "\"\(host ?? "")\" is the address of nothing: \(reason). Check \(CommunicationVariable.coordinator) and "
          + "\(CommunicationVariable.bindAddress).")
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next {
      if let address = entry.pointee.ai_addr {
        addresses.append(
          SocketAddress(copying: address, length: entry.pointee.ai_addrlen, family: entry.pointee.ai_family))
      }
      next = entry.pointee.ai_next
    }
    return addresses
  }

  private init(copying address: UnsafePointer<sockaddr>, length: socklen_t, family: Int32) {
    storage = sockaddr_storage()
    let size = min(Int(length), MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutableBytes(of: &storage) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: size))
    }
    self.length = socklen_t(size)
    self.family = family
  }

  /// The address of one end of a socket.
  init?(of descriptor: Int32, peer: Bool) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        peer ? getpeername(descriptor, $0, &length) : getsockname(descriptor, $0, &length)
      }
    }
    guard status == 0 else { return nil }
    self.storage = storage
    self.length = length
    family = Int32(storage.ss_family)
  }

  func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// Host and port in numbers.
  var numeric: (host: String, port: String) {
    withPointer { address, length in
      var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
      let status = getnameinfo(
        address, length, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV)
      guard status == 0 else { return ("?", "?") }
      func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      }
      return (text(host), text(port))
    }
  }

  /// As people write it: `10.0.0.1:29500`, `[::1]:29500`.
  var description: String {
    let (host, port) = numeric
    return family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
