internal import Glibc

/// Waits for a run to end, looking at a counter in shared memory rather than at the data, which the ranks would feel.
struct RunWaiter {
  let directory: RunDirectory
  let store: RunStore
  /// Shared with all who wait, as the store may be.
  let looks: SharedLook<RunSnapshot>
  /// Starts what waits for its turn; whoever waits for a run sees to it that the queue moves.
  let moveQueue: () -> String?

  /// How often it looks, in microseconds.
  private static let interval: useconds_t = 25_000
  /// How often the whole is read, in seconds: a dead supervisor changes no counter, and nobody follows every iteration.
  private static let fullLook = 0.25

  /// Returns the last snapshot, which is not final where the deadline came first.
  func wait(
    until deadline: ContinuousClock.Instant, isCancelled: () -> Bool, observe: (RunSnapshot) -> Void
  ) throws -> RunSnapshot {
    let manifest = try RunManifest.read(from: directory.manifestPath)
    var version = try store.dataVersion()
    var state = try store.state()
    let read = { try looks(directory.path) { try RunSnapshot.read(directory, manifest: manifest, store: store) } }
    var snapshot = try read()
    var looked = Clocks.uptime()
    while !snapshot.state.isFinal, ContinuousClock.now < deadline, !isCancelled() {
      usleep(Self.interval)
      if Clocks.uptime() - looked <= Self.fullLook {
        let current = try store.dataVersion()
        guard current != version else { continue }
        version = current
        let now = try store.state()
        guard now != state else { continue }
        state = now
      }
      looked = Clocks.uptime()
      let obstacle = snapshot.state == .queued ? moveQueue() : nil
      let next = try read().warning(obstacle)
      if next.iteration != snapshot.iteration || next.state != snapshot.state { observe(next) }
      snapshot = next
    }
    return snapshot
  }
}
