import Foundation
import Glibc
import Testing

@testable import CobreCommunication

/// Pages on their way through a pipe, between two sockets of this process.
@Suite struct PagePipeTests {
  private static func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
  }

  /// Offers all parts until they are through.
  ///
  /// What `send` returned last.
  private func offer(_ parts: [UnsafeMutableRawBufferPointer], to socket: Int32, by pipe: inout PagePipe) -> Int? {
    var vectors = parts.map { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
    return vectors.withUnsafeMutableBufferPointer { pipe.send($0, to: socket) }
  }

  @Test func memoryArrivesAsItLies() throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { for end in ends { close(end) } }
    var header = Self.pattern(64)
    var payload = Self.pattern(5000)
    let expected = header + payload
    var pipe = PagePipe()
    let moved = header.withUnsafeMutableBytes { header in
      payload.withUnsafeMutableBytes { offer([header, $0], to: ends[0], by: &pipe) }
    }
    #expect(moved == expected.count)
    #expect(pipe.filled == 0)
    var received = [UInt8](repeating: 0, count: expected.count)
    #expect(recv(ends[1], &received, received.count, Int32(MSG_WAITALL)) == expected.count)
    #expect(received == expected)
  }

  /// The connection broke: an error and no signal, which would end this process.
  @Test func aBrokenConnectionIsAnError() throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { close(ends[0]) }
    close(ends[1])
    var payload = Self.pattern(5000)
    var pipe = PagePipe()
    let moved = payload.withUnsafeMutableBytes { offer([$0], to: ends[0], by: &pipe) }
    let code = errno
    #expect(moved == -1 && code == EPIPE)
  }

  /// A file that is only appended to takes no pages (splice(2): EINVAL): everything has to go the ordinary way, for
  /// good.
  @Test func whereNoPagesGoTheOrdinaryWayIsLeft() throws {
    let path = NSTemporaryDirectory() + "cobre-pages-\(getpid())"
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    try #require(file >= 0)
    defer {
      close(file)
      unlink(path)
    }
    var payload = Self.pattern(5000)
    var pipe = PagePipe()
    for _ in 0..<2 {
      #expect(payload.withUnsafeMutableBytes { offer([$0], to: file, by: &pipe) } == nil)
      #expect(pipe.filled == 0)
    }
  }
}
