internal import Glibc

/// What /proc reports of a process of this host.
package struct ProcessLife: Equatable {
  /// The state letter of proc(5), such as R, S, D, T or Z.
  package var state: UInt8
  /// Clock ticks between boot and the start of the process.
  ///
  /// Together with the pid it identifies a process uniquely.
  package var startTime: UInt64
  /// Clock ticks of processor time used so far.
  package var processorTime: UInt64

  /// True if the process has ended, even if its parent has not noticed yet.
  package var hasEnded: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

  /// Reads the record of a process, nil if there is none (or no /proc).
  package init?(pid: Int32) {
    guard pid > 0 else { return nil }
    let descriptor = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    // The name in parentheses may contain any character, even parentheses, so the fields begin after the last one.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    // Fields 3 (state), 14 and 15 (user and system time), 22 (start time) of proc(5).
    guard fields.count > 19, let state = fields[0].first else { return nil }
    func number(_ field: Int) -> UInt64? { UInt64(String(decoding: fields[field - 3], as: UTF8.self)) }
    guard let user = number(14), let system = number(15), let start = number(22) else { return nil }
    self.state = state
    startTime = start
    processorTime = user &+ system
  }
}
