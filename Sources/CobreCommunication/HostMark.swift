internal import CobreBase
internal import Glibc

/// Numbers that distinguish hosts, by what a process can know: the running kernel and its namespaces.
package enum HostMark {
  /// The same for processes that see the same addresses.
  package static func network() -> UInt64 { mark(of: ["net"]) }

  /// The same for processes that can see each other in /proc, and can reach each other even if a cable is unplugged.
  package static func processes() -> UInt64 { mark(of: ["net", "pid"]) }

  // FNV-1a, 64 bits (Fowler, Noll and Vo, 1991).
  private static func mark(of namespaces: [String]) -> UInt64 {
    var text = KernelFile.contents("/proc/sys/kernel/random/boot_id") ?? ""
    for namespace in namespaces {
      var status = stat()
      if stat("/proc/self/ns/\(namespace)", &status) == 0 { text += " \(status.st_dev) \(status.st_ino)" }
    }
    return text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}
