internal import Synchronization

/// Lets all who wait for the same run share one connection to its database, for as long as somebody waits.
final class SharedStores: Sendable {
  private struct Reference {
    weak var store: RunStore?
  }

  private let open = Mutex<[String: Reference]>([:])

  /// The store of a run, opened where nobody has it open.
  func store(of directory: RunDirectory) throws -> RunStore {
    try open.withLock { open in
      if let store = open[directory.path]?.store { return store }
      open = open.filter { $0.value.store != nil }
      let store = try directory.openStore()
      open[directory.path] = Reference(store: store)
      return store
    }
  }
}
