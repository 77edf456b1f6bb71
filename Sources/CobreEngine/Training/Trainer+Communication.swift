extension Trainer {
  /// Gathers by rank order and counts the time it takes.
  func gather<Element: BitwiseCopyable>(_ send: [Element], counts: [Int], into receive: inout [Element]) throws {
    try clocked { try communicator.allgatherv(send, counts: counts, into: &receive) }
  }

  /// Gathers the figures of units, which end up in the order of the units.
  ///
  /// - Parameters:
  ///   - figures: of this rank's units, `[unit * width + figure]`.
  ///   - units: of all ranks.
  ///   - width: figures of a unit, the same on all ranks.
  ///   - receive: room for those of all.
  /// - Throws: the failure of the lowest unit, on every rank, where any has failed.
  func gatherUnits(_ figures: [Double], units: Int, width: Int, into receive: inout [Double]) throws {
    let counts = WorkPartition.counts(units: units, size: communicator.size, width: width)
    try gather(failures.marked(figures, width: width), counts: counts, into: &receive)
    try failures.settle(receive, width: width, counts: counts, on: communicator)
  }

  /// Counts the time that a collective takes; every rank must call it for the same ones.
  func clocked(_ collective: () throws -> Void) throws {
    let began = ContinuousClock.now
    try collective()
    clock.add(ContinuousClock.now - began)
  }

  /// What every rank did in an iteration, by rank; ends the time that the clock covers.
  func gatherWork(solves: Int, retries: Int) throws -> [RankWork] {
    let size = communicator.size
    let stays = clock.takeStays()
    let memory = memoryGauge.read()
    let figures = [Int64(solves), Int64(retries), Int64(team.count), memory.proportional, memory.peak]
    let own = figures + stays
    var all = [Int64](repeating: 0, count: own.count * size)
    try gather(own, counts: .init(repeating: own.count, count: size), into: &all)
    let rows = (0..<size).map { Array(all[($0 * own.count)..<(($0 + 1) * own.count)]) }
    let waits = CommunicationClock.waits(rows.map { Array($0.dropFirst(figures.count)) })
    return zip(rows, waits).map { row, wait in
      RankWork(
        solves: Int(row[0]), retries: Int(row[1]), threads: Int(row[2]),
        communicationSeconds: Double(row.dropFirst(figures.count).reduce(0, &+)) * 1e-9,
        waitSeconds: Double(wait) * 1e-9, memoryBytes: row[3], peakMemoryBytes: row[4])
    }
  }
}

/// How long this rank stayed in each collective since its stays were last taken.
///
/// A collective ends for everybody when the last rank has come, so the rank that stayed shortest came last and its stay is
/// what the transfer took; what the others stayed longer they waited, because work was uneven. No clocks are compared.
struct CommunicationClock {
  /// In ns.
  private var stays: [Int64] = []

  mutating func add(_ stay: Duration) {
    let (seconds, attoseconds) = stay.components
    stays.append(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
  }

  /// The stays so far, in ns in the order of the calls, of which none is left.
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

/// Reads the memory of the process now and then, since the kernel walks all its pages for that.
struct MemoryUsage {
  private static let interval = Duration.milliseconds(500)
  private var lastRead: ContinuousClock.Instant?
  private var reading = ProcessMemory(proportional: 0, peak: 0)

  /// A reading that is no older than half a second.
  mutating func read() -> ProcessMemory {
    let now = ContinuousClock.now
    if let lastRead, now - lastRead < Self.interval { return reading }
    reading = .current()
    lastRead = now
    return reading
  }
}
