/// How long this rank stayed in each collective since its stays were last taken.
///
/// A collective ends on all ranks when the last rank has arrived. So the rank with the shortest stay arrived last, and
/// its stay is the transfer time. The others' extra time is waiting, because work was uneven. No clocks are compared.
struct CommunicationClock {
  /// In ns.
  private var stays: [Int64] = []

  mutating func add(_ stay: Duration) {
    let (seconds, attoseconds) = stay.components
    stays.append(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
  }

  /// Returns the stays so far, in ns in the order of the calls, and forgets them.
  mutating func takeStays() -> [Int64] {
    defer { stays.removeAll(keepingCapacity: true) }
    return stays
  }

  /// What each rank waited for others.
  ///
  /// - Parameter stays: in ns, by rank and collective.
  /// - Returns: ns by rank.
  static func waits(_ stays: [[Int64]]) -> [Int64] {
    var waits = [Int64](repeating: 0, count: stays.count)
    for call in stays[0].indices {
      let transfer = stays.reduce(Int64.max) { min($0, $1[call]) }
      for rank in stays.indices { waits[rank] &+= stays[rank][call] &- transfer }
    }
    return waits
  }
}
