internal import Glibc

/// Signals of this process as a queue that is polled.
///
/// No signal handler ever runs.
struct SignalInbox {
  private var set = sigset_t()

  /// Blocks the signals.
  ///
  /// Call it before any thread is started, since threads inherit the mask.
  init(_ signals: [Int32]) {
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// The next signal.
  ///
  /// `nil` if none arrived within that many milliseconds.
  func next(milliseconds: Int) -> Int32? {
    var set = set
    var wait = timespec(tv_sec: milliseconds / 1000, tv_nsec: (milliseconds % 1000) * 1_000_000)
    let signal = sigtimedwait(&set, nil, &wait)
    return signal > 0 ? signal : nil
  }
}
