internal import CobreBase
internal import CobreEngine
internal import Glibc

/// Ends a rank that uses more memory than it was granted, with a message.
///
/// A kernel limit would make some allocation fail, which no program survives and no message could explain. So a thread
/// polls the resident memory, often enough that little more than the limit is ever used.
enum MemoryLimit {
  /// The limit in bytes.
  static let variable = "COBRE_RANK_MEMORY_BYTES"

  /// Polling interval in microseconds.
  private static let interval: useconds_t = 50_000

  /// Watches this process from now on.
  ///
  /// Does nothing without a limit.
  static func watch(directory: RunDirectory, rank: Int) {
    guard let limit = ChildProcess.currentEnvironment()[variable].flatMap({ Int($0) }), limit > 0 else { return }
    let facts = UnsafeMutablePointer<Facts>.allocate(capacity: 1)
    facts.initialize(to: Facts(directory: directory, rank: rank, limit: limit))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let facts = argument?.assumingMemoryBound(to: Facts.self).pointee { MemoryLimit.keepWatch(facts) }
        return nil
      }, facts)
    if status == 0 { pthread_detach(thread) }
  }

  private struct Facts {
    let directory: RunDirectory
    let rank: Int
    let limit: Int
  }

  private static func keepWatch(_ facts: Facts) {
    var used = 0
    while used <= facts.limit {
      usleep(interval)
      used = ownBytes() ?? 0
    }
    end(facts, used)
  }

  private static func end(_ facts: Facts, _ used: Int) {
    let failure = RankFailure(
      rank: facts.rank, kind: .memory,
      message: "It used \(used >> 20) MB of memory; this server grants \(facts.limit >> 20) MB to a rank "
        + "(--max-memory-per-rank). Start a server that grants more and resume the run, or make the case smaller.")
    // If it cannot be written, the exit code still gives the kind of failure.
    try? failure.write(to: facts.directory.failurePath(facts.rank))
    _exit(failure.kind.exitCode)
  }

  /// Resident bytes of this process that it does not share.
  ///
  /// `nil` if the kernel does not report them.
  static func ownBytes() -> Int? {
    guard let text = KernelFile.contents("/proc/self/statm") else { return nil }
    let pages = text.split(separator: " ").prefix(3).compactMap { Int($0) }
    guard pages.count == 3 else { return nil }
    return max(0, pages[1] - pages[2]) * Int(getpagesize())
  }
}
