internal import Foundation
internal import Logging

/// Logs to stderr, and drops lines while stderr is blocked: a host that does not read the log must not stop the server.
struct ForbearingLogHandler: LogHandler {
  private var inner: StreamLogHandler
  /// Makes checking and writing one step.
  private static let lock = NSLock()

  init(label: String) { inner = StreamLogHandler.standardError(label: label) }

  var logLevel: Logger.Level {
    get { inner.logLevel }
    set { inner.logLevel = newValue }
  }

  var metadata: Logger.Metadata {
    get { inner.metadata }
    set { inner.metadata = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { inner[metadataKey: key] }
    set { inner[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    Self.lock.lock()
    defer { Self.lock.unlock() }
    // A pipe that is ready takes at least a page without waiting, and lines are shorter.
    var poller = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&poller, 1, 0) > 0, Int32(poller.revents) & POLLOUT != 0 else { return }
    inner.log(event: event)
  }
}
