internal import Synchronization

/// Which tools a server lists; the others can be called by name all the same.
package final class ToolShelf: Sendable {
  private struct State {
    /// nil for all tools.
    var names: Set<String>?
    var onChange: (@Sendable () -> Void)?
  }

  private let state: Mutex<State>

  /// - Parameter names: of the tools that are listed; nil for all.
  package init(_ names: Set<String>? = nil) {
    state = Mutex(State(names: names))
  }

  package func isListed(_ name: String) -> Bool { state.withLock { $0.names?.contains(name) ?? true } }

  /// Whether all tools are listed.
  package var isComplete: Bool { state.withLock { $0.names == nil } }

  /// Says what to do when the list has changed.
  package func watch(_ onChange: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = onChange } }

  /// Adds tools to the list, nil for all of them; false where they are all listed already.
  package func open(_ names: [String]?) -> Bool {
    let onChange: (@Sendable () -> Void)? = state.withLock { state in
      guard let listed = state.names else { return nil }
      let grown = names.map { listed.union($0) }
      guard grown != listed else { return nil }
      state.names = grown
      return state.onChange ?? {}
    }
    onChange?()
    return onChange != nil
  }
}
