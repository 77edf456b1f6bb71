internal import CobreEngine
internal import Foundation
internal import Glibc

/// Shows as long as it lives that a process computes a run: locked for processes of this host, renewed for those of
/// others.
///
/// A supervisor keeps the same file locked for the runs that it looks after. Sendable, since everything mutable is read
/// and written under `condition`.
final class RunLock: @unchecked Sendable {
  private let descriptor: Int32
  private let condition = NSCondition()
  private var isOver = false

  /// How often it is renewed, in seconds.
  private static let interval = 5.0

  /// - Throws: `RunError` where another process computes the run, or the file cannot be written.
  init(_ directory: RunDirectory) throws {
    descriptor = open(directory.lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else {
      throw RunError(.storage, "Cannot write \(directory.lockPath): \(String(cString: strerror(errno))).")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno == EWOULDBLOCK ? "another process computes it" : String(cString: strerror(errno))
      close(descriptor)
      throw RunError(.wrongState, "The run in \(directory.path) cannot go on here: \(reason).")
    }
    futimens(descriptor, nil)
    Thread.detachNewThread { [self] in keepAlive() }
  }

  /// Gives the run up; does nothing the second time.
  func release() {
    condition.lock()
    defer { condition.unlock() }
    guard !isOver else { return }
    isOver = true
    condition.broadcast()
    close(descriptor)
  }

  private func keepAlive() {
    condition.lock()
    defer { condition.unlock() }
    while !isOver {
      futimens(descriptor, nil)
      _ = condition.wait(until: Date(timeIntervalSinceNow: Self.interval))
    }
  }
}
