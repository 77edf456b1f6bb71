internal import Glibc

/// What every process of a run sets for itself.
enum ProcessSetup {
  static func adopt() {
    // A closed pipe, or a file grown beyond the quota, is an error to be reported, not a reason to die.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    // Only the owner may read cases and results.
    umask(0o077)
  }
}
