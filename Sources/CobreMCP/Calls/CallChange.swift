package import CobreRuns

/// How a tool says that it is about to change something, so that its call is not ended in between.
///
/// In a process of its own a call may be killed at any time before it has begun to change something, and at none after.
package struct CallChange: Sendable {
  /// Called before the first change that others can see.
  ///
  /// - Throws: `RunError` where the call is being ended.
  package var begin: @Sendable () throws -> Void
  /// Notes what has to be taken away if the call is ended before.
  package var leave: @Sendable (WorkerExchange.Leftover) -> Void

  /// Of a call that is answered by the server itself, which is never ended from outside.
  package static let unguarded = CallChange(begin: {}, leave: { _ in })
}
