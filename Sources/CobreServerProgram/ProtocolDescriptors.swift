internal import Foundation

/// The client's two pipes, protected from code that prints to or reads from the standard descriptors.
///
/// Libraries print to descriptor 1 and children inherit 0 and 1. One stray byte breaks the protocol.
struct ProtocolDescriptors {
  let input: Int32
  let output: Int32

  /// Moves the pipes to private descriptors, which children do not inherit.
  ///
  /// Leaves `/dev/null` on 0 and stderr on 1.
  ///
  /// Also takes care of signals: SIGTERM ends the process at once with status 0, SIGPIPE is turned into an error of
  /// `write`. Both by handlers, not by ignoring: handlers are reset in a child, ignored signals stay ignored there.
  static func take() -> ProtocolDescriptors {
    signal(SIGPIPE) { _ in }
    signal(SIGTERM) { _ in _exit(0) }
    signal(SIGINT) { _ in _exit(0) }
    let descriptors = ProtocolDescriptors(
      input: fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), output: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3))
    let null = open("/dev/null", O_RDWR)
    if null >= 0 {
      dup2(null, STDIN_FILENO)
      // Without a stderr, output has nowhere to go.
      if fcntl(STDERR_FILENO, F_GETFD) < 0 { dup2(null, STDERR_FILENO) }
      if null > STDERR_FILENO { close(null) }
    }
    dup2(STDERR_FILENO, STDOUT_FILENO)
    return descriptors
  }

  /// Puts the pipes back, for a process that ends without serving.
  func giveBack() {
    if output >= 0 { dup2(output, STDOUT_FILENO) }
    if input >= 0 { dup2(input, STDIN_FILENO) }
  }
}
