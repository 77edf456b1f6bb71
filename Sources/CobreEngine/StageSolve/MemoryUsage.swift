internal import CobreBase

/// Reads the memory of the process now and then, since the kernel walks all its pages for that.
struct MemoryUsage {
  private static let interval = Duration.milliseconds(500)
  private var lastRead: ContinuousClock.Instant?
  private var reading = ProcessMemory(proportional: 0, peak: 0)

  /// A reading that is no older than half a second.
  mutating func read() -> ProcessMemory {
    let now = ContinuousClock.now
    if let lastRead, now - lastRead < Self.interval { return reading }
    reading = ProcessMemory.current()
    lastRead = now
    return reading
  }
}
