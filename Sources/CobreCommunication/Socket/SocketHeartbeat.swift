internal import Dispatch
internal import Glibc

/// A lock that supports trying.
///
/// The main thread holds it during a collective.
final class SocketLock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() { pthread_mutex_init(mutex, nil) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }
  func unlock() { pthread_mutex_unlock(mutex) }
}

/// Sends signs of life while the main thread computes, so that the others can distinguish a long computation from a
/// dead process.
///
/// Sendable, since the links are only accessed under the lock.
final class SocketHeartbeat: @unchecked Sendable {
  private let timer: any DispatchSourceTimer
  private let lock: SocketLock
  private var links: [SocketConnection]

  init(links: [SocketConnection], lock: SocketLock, interval: Int64) {
    self.links = links
    self.lock = lock
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "cobre.tcp.pulse", qos: .utility))
    timer.schedule(
      deadline: .now() + .nanoseconds(Int(interval)), repeating: .nanoseconds(Int(interval)),
      leeway: .nanoseconds(Int(interval / 10)))
    timer.setEventHandler { [weak self] in self?.beat() }
    timer.activate()
  }

  deinit { timer.cancel() }

  private func beat() {
    // During a collective the main thread sees to it itself.
    guard lock.tryLock() else { return }
    defer { lock.unlock() }
    for link in links where !link.isSending && link.state == .open {
      link.enqueue(SocketFrame(kind: .heartbeat), payload: nil)
      link.flush()
    }
  }

  func stop() {
    timer.cancel()
    lock.lock()
    links = []
    lock.unlock()
  }
}
