internal import Foundation

/// Lets callers that want to know the same thing at the same moment share one look at it.
///
/// Everybody gets what a look found that began after he had asked, so nobody is told of a state that was over before; those
/// who ask while a look is under way share the next one. A crowd of callers so costs two looks instead of as many as they are.
final class CoalescedRead<Value: Sendable>: @unchecked Sendable {
  /// One look; its result is set once, under the condition.
  private final class Look {
    var result: Result<Value, any Error>?
  }

  private struct Subject {
    var isUnderWay = false
    /// The look that begins when the present one is over.
    var next: Look?
  }

  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var subjects: [String: Subject] = [:]

  /// A look that takes longer is not waited for: whoever waits looks himself then.
  private let patience: TimeInterval

  init(patience: TimeInterval = 30) {
    self.patience = patience
  }

  /// What `look` finds out about the subject, here or on behalf of this caller on another thread.
  func callAsFunction(_ subject: String, _ look: () throws -> Value) throws -> Value {
    condition.lock()
    let mine = subjects[subject]?.next ?? Look()
    guard subjects[subject]?.isUnderWay == true else { return try lead(subject, mine, look) }
    subjects[subject]?.next = mine
    let deadline = Date(timeIntervalSinceNow: patience)
    while true {
      if let result = mine.result {
        condition.unlock()
        return try result.get()
      }
      // The first to wake after a look leads the next one; the others find it under way and wait on.
      if subjects[subject]?.isUnderWay != true { return try lead(subject, mine, look) }
      guard condition.wait(until: deadline) else {
        condition.unlock()
        return try look()
      }
    }
  }

  /// Looks on behalf of all who hold `mine`; called with the condition locked, which it unlocks.
  private func lead(_ subject: String, _ mine: Look, _ look: () throws -> Value) throws -> Value {
    subjects[subject] = Subject(isUnderWay: true)
    condition.unlock()
    let result = Result { try look() }
    condition.lock()
    mine.result = result
    subjects[subject]?.isUnderWay = false
    if subjects[subject]?.next == nil { subjects[subject] = nil }
    condition.broadcast()
    condition.unlock()
    return try result.get()
  }
}
