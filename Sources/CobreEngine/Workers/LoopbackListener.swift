internal import Glibc

/// A listening socket on a free port of the loopback interface, to be handed to rank 0.
///
/// Bound by the supervisor, so that the port is known before any rank starts and nobody else can take it.
struct LoopbackListener {
  let descriptor: Int32
  let port: UInt16

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.failure() }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let ready = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 1024) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard ready else {
      let error = Self.failure()
      Glibc.close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
  }

  func close() { Glibc.close(descriptor) }

  private static func failure() -> RunError {
    RunError(
      .launch, "No port can be had on the loopback interface: \(String(cString: strerror(errno))). Try `shm` or `mpi`.")
  }
}
