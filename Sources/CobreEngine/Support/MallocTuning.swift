internal import CobrePlatformShim

/// What happens to memory that the process frees.
package enum MallocTuning {
  private static let isKept: Void = cobre_keep_freed_memory()

  /// Keeps it for the next allocation from now on.
  ///
  /// A solver object is made again for each unit of work. By default the C library hands its memory back to the system
  /// in between, depending on what happens to be behind it, and page faults then took up to a third of the time.
  package static func keep() { isKept }
}
