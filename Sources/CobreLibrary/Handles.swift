internal import Synchronization

/// The objects that foreign code holds, by number: a number that was never issued, or whose object was closed, is a
/// caller's error and not a dangling pointer.
enum Handles {
  private struct State {
    var next: UInt64 = 1
    var things: [UInt64: any AnyObject & Sendable] = [:]
  }

  private static let state = Mutex(State())

  static func add(_ thing: any AnyObject & Sendable) -> UInt64 {
    state.withLock { state in
      let number = state.next
      state.next += 1
      state.things[number] = thing
      return number
    }
  }

  /// The object of a handle.
  ///
  /// Throws if there is none of that kind.
  static func find<Thing: AnyObject & Sendable>(_ handle: UInt64, _ kind: Thing.Type, _ name: String) throws -> Thing {
    guard let thing = state.withLock({ $0.things[handle] }) else {
      throw Failure(.argument, "The handle \(handle) is not open; it should be that of a \(name).")
    }
    guard let thing = thing as? Thing else {
      throw Failure(.argument, "The handle \(handle) is not that of a \(name).")
    }
    return thing
  }

  /// Removes a handle and returns its object, so that the object is released outside of the lock.
  static func remove(_ handle: UInt64) throws -> any AnyObject & Sendable {
    guard let thing = state.withLock({ $0.things.removeValue(forKey: handle) }) else {
      throw Failure(.argument, "The handle \(handle) is not open.")
    }
    return thing
  }
}
