internal import Glibc

/// The signals that a thread does not take, as they were before all were blocked.
///
/// A new thread inherits the mask of the one that makes it, so that signals stay with the threads of the host program.
package struct SignalMask {
  private var mask: sigset_t

  /// Blocks all signals for the calling thread.
  package static func blockAll() -> SignalMask {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    return SignalMask(mask: before)
  }

  /// Gives the calling thread the mask that it had.
  package func restore() {
    var mask = mask
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }
}
