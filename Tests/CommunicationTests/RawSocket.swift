import CobreCommunication
import Foundation
import Glibc
import Testing

/// Work on a thread of its own and the error it ended with.
final class Pending: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  // Written before the semaphore is signalled, read after it was waited for.
  private var error: (any Error)?

  init(_ body: @escaping @Sendable () throws -> Void) {
    Thread.detachNewThread {
      do { try body() } catch { self.error = error }
      self.done.signal()
    }
  }

  struct Hang: Error {}

  func wait(seconds: Double) -> (any Error)? {
    done.wait(timeout: .now() + seconds) == .success ? error : Hang()
  }
}

/// A socket under the test's control, connected to a port of this host.
final class RawSocket {
  private var descriptor: Int32

  init(port: Int?) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(truncatingIfNeeded: try #require(port))).bigEndian
    address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
    descriptor = -1
    var code: Int32 = 0
    // As a rank does, which may come before rank 0 listens.
    for _ in 0..<200 {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      let status = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if status == 0 { return }
      code = errno
      close()
      usleep(10_000)
    }
    Issue.record("port \(address.sin_port.bigEndian): \(String(cString: strerror(code)))")
  }

  deinit { close() }

  func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  func read(_ count: Int, seconds: Int) -> [UInt8]? {
    var timeout = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var bytes = [UInt8](repeating: 0, count: count)
    let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
    return got >= 0 ? Array(bytes.prefix(got)) : nil
  }

  /// What comes until the other side closes, or nil if it does not.
  func readToEnd(seconds: Int) -> [UInt8]? {
    guard let bytes = read(1 << 16, seconds: seconds) else { return errno == ECONNRESET ? [] : nil }
    return bytes
  }

  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close()
  }
}

/// The wire format written down a second time, from its description.
enum RawGreeting {
  static let nonce = [UInt8](repeating: 0x5a, count: 32)

  static func hello(rank: UInt32, size: UInt32, problem: UInt64, provesMessages: Bool = false) -> [UInt8] {
    var bytes = Array("COBRETCP".utf8)
    append(UInt32(5), to: &bytes)
    append(UInt32(76), to: &bytes)
    append(rank, to: &bytes)
    append(size, to: &bytes)
    append(problem, to: &bytes)
    append(UInt32(bitPattern: getpid()), to: &bytes)
    append(UInt32(provesMessages ? 1 : 0), to: &bytes)
    bytes += nonce
    append(checksum(bytes), to: &bytes)
    return bytes
  }

  /// What is derived from the token for a connection to rank 0: proofs (1 of rank 0, 2 of the other), keys (3, 4).
  static func derived(
    _ label: UInt8, rank: UInt32, size: UInt32, problem: UInt64, provesMessages: Bool = false, token: String,
    challenge: [UInt8]
  ) -> [UInt8] {
    var bytes = Array("cobre tcp".utf8) + [label, 1]
    append(UInt32(5), to: &bytes)
    append(rank, to: &bytes)
    append(size, to: &bytes)
    append(problem, to: &bytes)
    append(UInt32(bitPattern: getpid()), to: &bytes)
    append(UInt32(provesMessages ? 1 : 0), to: &bytes)
    bytes += nonce + challenge[16..<48]
    return KeyedHash(key: Array(token.utf8)).proof(of: bytes)
  }

  static let challengeBytes = 84

  static func proof(_ proof: [UInt8]) -> [UInt8] {
    var bytes = Array("COEPROOF".utf8) + proof
    append(checksum(bytes), to: &bytes)
    return bytes
  }

  /// Joins a group, waiting for its start, and returns false if rank 0 does not let it in.
  static func join(
    _ socket: RawSocket, rank: UInt32 = 1, size: UInt32 = 2, problem: UInt64 = 5, token: String,
    provesMessages: Bool = false
  ) -> Bool {
    socket.send(hello(rank: rank, size: size, problem: problem, provesMessages: provesMessages))
    guard let challenge = socket.read(challengeBytes, seconds: 5), challenge.count == challengeBytes else {
      return false
    }
    socket.send(
      proof(
        derived(
          2, rank: rank, size: size, problem: problem, provesMessages: provesMessages, token: token,
          challenge: challenge)))
    guard let answer = socket.read(540, seconds: 10), answer.count == 540, answer[12] == 1 else { return false }
    return socket.read(128, seconds: 10)?.count == 128
  }

  static func barrierFrame() -> [UInt8] {
    var bytes = Array("CBF2".utf8)
    bytes += [1, 1, 0, 0]
    bytes += [UInt8](repeating: 0, count: 52)
    append(checksum(bytes), to: &bytes)
    return bytes + [UInt8](repeating: 0, count: 64)
  }

  static func heartbeatFrame() -> [UInt8] {
    var bytes = Array("CBF2".utf8)
    bytes += [3, 0, 0, 0]
    bytes += [UInt8](repeating: 0, count: 52)
    append(checksum(bytes), to: &bytes)
    return bytes + [UInt8](repeating: 0, count: 64)
  }

  /// Says that messages were read, of which there is none.
  static func falseReceipt() -> [UInt8] {
    var bytes = Array("CBF2".utf8)
    bytes += [7, 0, 0, 0]
    bytes += [UInt8](repeating: 0, count: 32)
    append(UInt64(1000), to: &bytes)
    bytes += [UInt8](repeating: 0, count: 12)
    append(checksum(bytes), to: &bytes)
    return bytes + [UInt8](repeating: 0, count: 64)
  }

  // CRC-32C bit by bit.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value = ~UInt32(0)
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    }
    return ~value
  }

  private static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += Array($0) }
  }
}
