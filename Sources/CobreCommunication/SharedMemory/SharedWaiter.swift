internal import CobrePlatformShim
internal import Glibc

/// How a rank waits for the others: a short spin, then sleep on the doorbell, with an occasional check that their
/// processes are alive.
struct SharedWaiter {
  private typealias Layout = SharedSegmentLayout

  private let mapping: SharedMapping
  private let layout: SharedSegmentLayout
  private let rank: Int
  private let silence: Int64
  // Nanoseconds to spin before sleeping, or 0 if ranks outnumber cores, since spinning would take the core that the
  // awaited rank needs.
  private let spinNanoseconds: Int64
  private let yields: Int
  private var watch: PeerWatch

  /// Longer than the ranks of most trainings wait for each other at a stage: to be woken takes up to 50 µs, twice as
  /// long as the exchange itself.
  private static let longestSpin: Int64 = 500_000
  /// The longest sleep before the peers are checked.
  private static let sleepNanoseconds: Int64 = 100_000_000

  init(mapping: SharedMapping, layout: SharedSegmentLayout, rank: Int, options: CommunicatorOptions) {
    self.mapping = mapping
    self.layout = layout
    self.rank = rank
    silence = options.silenceNanoseconds
    let crowded = layout.ranks > Int(cobre_usable_cores())
    spinNanoseconds = crowded ? 0 : Self.longestSpin
    yields = crowded ? 8 : 1
    watch = PeerWatch(ranks: layout.ranks)
  }

  /// Remembers the processes of the ranks.
  ///
  /// Called once all have attached.
  mutating func rememberPeers() {
    for peer in 0..<layout.ranks where peer != rank {
      let identity = layout.identity(peer)
      watch.remember(
        peer, pid: mapping.read(identity + Layout.pidOffset, as: Int32.self),
        startTime: mapping.read(identity + Layout.startTimeOffset, as: UInt64.self))
    }
  }

  /// Wakes those who sleep until the round is complete, if this post completed it.
  ///
  /// The fence orders the post before reading the number of sleepers. A sleeper counts itself before it reads the
  /// posts. So one of the two always sees the other.
  @inline(__always)
  func announce(_ round: UInt32) {
    cobre_fence()
    if mapping.acquire(Layout.sleepersOffset) != 0 { ringIfComplete(round) }
  }

  @inline(never)
  private func ringIfComplete(_ round: UInt32) {
    guard isComplete(round) else { return }
    mapping.add(Layout.doorbellOffset, 1)
    mapping.wakeAll(Layout.doorbellOffset)
  }

  private func isComplete(_ round: UInt32) -> Bool {
    for peer in 0..<layout.ranks where !hasPosted(peer, round) { return false }
    return true
  }

  @inline(__always)
  private func hasPosted(_ peer: Int, _ round: UInt32) -> Bool {
    mapping.acquire(layout.slot(peer, round: round) + Layout.roundOffset) == round
  }

  /// Waits until a peer has posted the round.
  ///
  /// Returns the error if it never will.
  @inline(never)
  mutating func wait(for peer: Int, round: UInt32, operation: CollectiveCall.Operation) -> CommunicationError? {
    if spinNanoseconds > 0 {
      let end = cobre_monotonic_nanoseconds() + spinNanoseconds
      repeat {
        for _ in 0..<64 {
          if hasPosted(peer, round) { return nil }
          cobre_relax()
        }
      } while cobre_monotonic_nanoseconds() < end
    }
    for _ in 0..<yields {
      sched_yield()
      if hasPosted(peer, round) { return nil }
    }
    return sleep(until: round, for: peer, operation)
  }

  private mutating func sleep(
    until round: UInt32, for peer: Int, _ operation: CollectiveCall.Operation
  ) -> CommunicationError? {
    mapping.add(Layout.sleepersOffset, 1)
    defer { mapping.add(Layout.sleepersOffset, .max) }
    watch.beginWaiting(at: cobre_monotonic_nanoseconds())
    var nextLook = cobre_monotonic_nanoseconds() + Self.sleepNanoseconds
    while true {
      let bell = mapping.load(Layout.doorbellOffset)
      // This peer's post is enough to continue. The bell rings only when the round is complete.
      if hasPosted(peer, round) { return nil }
      if mapping.isAborted { return mapping.abortError(rank: rank) }
      mapping.wait(Layout.doorbellOffset, while: bell, nanoseconds: Self.sleepNanoseconds)
      let now = cobre_monotonic_nanoseconds()
      guard now >= nextLook || hasAnyoneLeft(round) else { continue }
      nextLook = now + Self.sleepNanoseconds
      if let error = lookAtPeers(round, operation, now: now) { return error }
    }
  }

  private func hasAnyoneLeft(_ round: UInt32) -> Bool {
    for peer in 0..<layout.ranks
    where mapping.acquire(layout.identity(peer) + Layout.stateOffset) == SharedRankState.left && !hasPosted(peer, round)
    {
      return true
    }
    return false
  }

  private mutating func lookAtPeers(
    _ round: UInt32, _ operation: CollectiveCall.Operation, now: Int64
  ) -> CommunicationError? {
    for peer in 0..<layout.ranks where peer != rank && !hasPosted(peer, round) {
      let hasLeft = mapping.acquire(layout.identity(peer) + Layout.stateOffset) == SharedRankState.left
      let finding = hasLeft ? .left : watch.look(at: peer, now: now, limit: silence)
      // It may have posted as its last act.
      if hasPosted(peer, round) || finding == .alive { continue }
      if mapping.isAborted { return mapping.abortError(rank: rank) }
      return watch.error(finding, peer: peer, rank: rank, operation: operation, limit: silence)
    }
    return nil
  }
}
