internal import Glibc

/// Readings of the clocks of the machine, in seconds.
package enum Clocks {
  /// Since 1970, UTC.
  package static func wall() -> Double { read(CLOCK_REALTIME) }

  /// Since boot, sleep included.
  ///
  /// No change of the wall clock disturbs it.
  static func uptime() -> Double { read(CLOCK_BOOTTIME) }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
