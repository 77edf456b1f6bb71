/// Memory of this process in bytes, as the kernel counts it.
package struct ProcessMemory: Sendable, Equatable {
  /// Proportional set size: pages that several processes map count in part, so that those of a host may be added up.
  package var proportional: Int64
  /// Largest resident set so far, shared pages in full.
  package var peak: Int64

  /// What the process occupies now; 0 for what the kernel does not tell.
  package static func current() -> ProcessMemory {
    ProcessMemory(
      proportional: KernelFile.contents("/proc/self/smaps_rollup").flatMap { KernelFile.bytes("Pss", in: $0) } ?? 0,
      peak: KernelFile.contents("/proc/self/status").flatMap { KernelFile.bytes("VmHWM", in: $0) } ?? 0)
  }
}
