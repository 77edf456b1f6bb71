internal import CobreBase
internal import CobreEngine
internal import Glibc

/// Cores that this process may compute on, hyper-threads of one core counted once.
enum PhysicalCores {
  /// At least 1.
  static func count() -> Int { count(of: allowedProcessors()) }

  /// Processors that this process may compute on, hyper-threads counted each; at least 1.
  static func processors() -> Int { processors(allowedProcessors()) }

  private static func processors(_ allowed: [Int]) -> Int {
    max(1, allowed.isEmpty ? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) : allowed.count)
  }

  private static func count(of allowed: [Int]) -> Int {
    var cores = Set<String>()
    for processor in allowed {
      let topology = "/sys/devices/system/cpu/cpu\(processor)/topology/"
      guard let core = KernelFile.contents(topology + "core_id"),
        let package = KernelFile.contents(topology + "physical_package_id")
      else { continue }
      cores.insert(package + "/" + core)
    }
    if !cores.isEmpty { return cores.count }
    // Without topology (some containers hide it) every processor counts as a core.
    return processors(allowed)
  }

  /// The cores, with a number that is the same for processes that may use the same processors.
  static func share() -> (count: Int, mask: UInt64) {
    let allowed = allowedProcessors()
    var hash = ContentHash()
    hash.combine(allowed.map(String.init).joined(separator: ",").utf8)
    return (count(of: allowed), hash.shortValue)
  }

  /// Numbers of the processors in the affinity mask.
  private static func allowedProcessors() -> [Int] {
    guard let status = KernelFile.contents("/proc/self/status"),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") }),
      let list = line.split(whereSeparator: { (sign: Character) in ":\t ".contains(sign) }).last
    else { return [] }
    return parse(String(list))
  }

  /// Numbers of a list such as `0-3,8,10-11`.
  ///
  /// Malformed parts are left out.
  static func parse(_ list: String) -> [Int] {
    list.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      switch ends.count {
      case 1: return ends
      case 2 where ends[0] <= ends[1] && ends[1] - ends[0] < 65536: return Array(ends[0]...ends[1])
      default: return []
      }
    }
  }
}
