internal import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import Glibc

/// What the kernel says about processes of this host.
package enum ProcessTable {
  /// The calling process.
  package static func current() -> ProcessIdentity {
    let pid = Int(getpid())
    return ProcessIdentity(pid: pid, start: start(of: pid) ?? 0, bootID: bootID(), host: host())
  }

  /// Start time in clock ticks since boot.
  ///
  /// `nil` if no such process runs. A zombie does not count as running.
  static func start(of pid: Int) -> UInt64? {
    guard let pid = Int32(exactly: pid), let life = ProcessLife(pid: pid), !life.hasEnded else { return nil }
    return life.startTime
  }

  /// Whether exactly this process still runs; `nil` where it belongs to another host or another boot cannot be ruled
  /// out.
  package static func isAlive(_ identity: ProcessIdentity) -> Bool? {
    guard identity.host == host() else { return nil }
    return identity.bootID == bootID() && start(of: identity.pid) == identity.start
  }

  static func bootID() -> String {
    KernelFile.contents("/proc/sys/kernel/random/boot_id")?.split(separator: "\n").first.map { String($0) } ?? ""
  }

  static func host() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
