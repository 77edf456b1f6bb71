internal import Glibc
internal import Synchronization

/// What a command line program prints.
///
/// Its reader may go away, as `head` does, and the disk of its file may be full. Neither may end a computation, whose
/// results are elsewhere: what cannot be written is left out, and `failure` says so in the end.
package enum ProgramOutput {
  /// The first error of the system at stdout, 0 where there was none; a reader that has gone away is none.
  private static let error = Mutex(Int32(0))

  /// Why something that was printed is lost, as a sentence, or nil.
  package static var failure: String? {
    let code = error.withLock { $0 }
    guard code != 0 else { return nil }
    return "What the command prints could not be written to stdout: \(String(cString: strerror(code)))."
  }

  package static func write(_ text: String) { write([UInt8](text.utf8)) }

  package static func write(_ bytes: [UInt8]) {
    let code = write(bytes, to: STDOUT_FILENO)
    guard code != 0, code != EPIPE else { return }
    error.withLock { if $0 == 0 { $0 = code } }
  }

  package static func print(_ text: String, terminator: String = "\n") { write(text + terminator) }

  /// Writes a line to stderr, where that can be written.
  package static func complain(_ line: String) { _ = write([UInt8]((line + "\n").utf8), to: STDERR_FILENO) }

  /// Returns 0 or the error of the system.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        if count >= 0 {
          done += count
        } else if errno == EAGAIN {
          // As long as the reader takes, as with a pipe that blocks: a pager may be left open for hours, and signals
          // still end the process.
          var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&place, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
