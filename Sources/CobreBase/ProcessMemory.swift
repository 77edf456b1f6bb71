/// Memory of this process in bytes, as the kernel counts it.
package struct ProcessMemory: Sendable, Equatable {
  /// Proportional set size: pages that several processes map count in part, so that those of a host may be added up.
  package var proportional: Int64
  /// Largest resident set so far, shared pages in full.
  package var peak: Int64

  package init(proportional: Int64, peak: Int64) {
    self.proportional = proportional
    self.peak = peak
  }

  /// Bytes that processes of this machine, or of its container, may still take, or nil if the kernel does not report
  /// it.
  package static var available: Int? {
    let free = KernelFile.contents("/proc/meminfo").flatMap { KernelFile.bytes("MemAvailable", in: $0) }
    func number(_ path: String) -> Int64? {
      KernelFile.contents(path)?.split(separator: "\n").first.flatMap { Int64($0) }
    }
    // A container without a limit says "max", which is no number.
    let limit = number("/sys/fs/cgroup/memory.max").map { max(0, $0 - (number("/sys/fs/cgroup/memory.current") ?? 0)) }
    return [free, limit].compactMap { $0 }.min().map { Int($0) }
  }

  /// What the process occupies now, with 0 for what the kernel does not report.
  package static func current() -> ProcessMemory {
    ProcessMemory(
      proportional: KernelFile.contents("/proc/self/smaps_rollup").flatMap { KernelFile.bytes("Pss", in: $0) } ?? 0,
      peak: KernelFile.contents("/proc/self/status").flatMap { KernelFile.bytes("VmHWM", in: $0) } ?? 0)
  }
}
