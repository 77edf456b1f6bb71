internal import Glibc

/// Waits for a run to end, looking at a counter in shared memory rather than at the data.
struct RunWaiter {
  let directory: RunDirectory
  let store: RunStore
  /// Shared with all who wait, as the store may be.
  let looks: SharedLook<RunSnapshot>
  /// Starts what waits for its turn; whoever waits for a run sees to it that the queue moves.
  let moveQueue: () -> String?

  /// How often it looks, in microseconds.
  private static let interval: useconds_t = 25_000
  /// A dead supervisor changes no counter, so the whole is read at least this often, in seconds.
  private static let fullLook = 0.5

  /// Returns the last snapshot, which is not final where the deadline came first.
  func wait(
    until deadline: ContinuousClock.Instant, isCancelled: () -> Bool, observe: (RunSnapshot) -> Void
  ) throws -> RunSnapshot {
    let manifest = try RunManifest.read(from: directory.manifestPath)
    var version = try store.dataVersion()
    let read = { try looks(directory.path) { try RunSnapshot.read(directory, manifest: manifest, store: store) } }
    var snapshot = try read()
    var looked = Clocks.uptime()
    while !snapshot.state.isFinal, ContinuousClock.now < deadline, !isCancelled() {
      usleep(Self.interval)
      let current = try store.dataVersion()
      guard current != version || Clocks.uptime() - looked > Self.fullLook else { continue }
      version = current
      looked = Clocks.uptime()
      let obstacle = snapshot.state == .queued ? moveQueue() : nil
      let next = try read().warning(obstacle)
      if next.iteration != snapshot.iteration || next.state != snapshot.state { observe(next) }
      snapshot = next
    }
    return snapshot
  }
}
