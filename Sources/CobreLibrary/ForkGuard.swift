internal import Glibc
internal import Synchronization

/// Refuses to work in a child process that was forked after the library had started threads.
///
/// Only the thread that forks lives on in the child: locks that others held stay locked and their work is never done.
enum ForkGuard {
  private static let owner = Atomic<Int32>(getpid())
  private static let hasThreads = Atomic<Bool>(false)

  /// Call it before the library starts a thread or uses one that it has started.
  static func noteThreads() { hasThreads.store(true, ordering: .relaxed) }

  static func check() throws {
    let process = getpid()
    let known = owner.load(ordering: .relaxed)
    guard process != known else { return }
    guard hasThreads.load(ordering: .relaxed) else {
      owner.store(process, ordering: .relaxed)
      return
    }
    throw Failure(
      .forked,
      "This process (\(process)) was forked from process \(known), in which the library had started threads. Threads do not "
        + "survive a fork, and locks that they held would never be released. Start processes by spawning them: "
        + "multiprocessing.get_context(\"spawn\").")
  }
}
