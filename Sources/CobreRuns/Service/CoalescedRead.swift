internal import Foundation

/// Lets callers that ask for the same thing at the same moment share one read.
///
/// Every caller gets the result of a read that started after its request, so no result is stale. Callers that arrive
/// during a read share the next one. So any number of callers costs two reads.
final class CoalescedRead<Value: Sendable>: @unchecked Sendable {
  /// One read.
  ///
  /// Its result is set once, under the condition.
  private final class Look {
    var result: Result<Value, any Error>?
  }

  private struct Subject {
    var isUnderWay = false
    /// The read that begins when the current one is over.
    var next: Look?
  }

  // Everything mutable below is read and written under `condition`.
  private let condition = NSCondition()
  private var subjects: [String: Subject] = [:]

  /// How long a caller waits for a read.
  ///
  /// After that it reads on its own.
  private let patience: TimeInterval

  init(patience: TimeInterval = 30) {
    self.patience = patience
  }

  /// The result of `look` on the subject, called here or on another thread for this caller.
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
      // The first caller to wake after a read leads the next one. The others find it under way and continue to wait.
      if subjects[subject]?.isUnderWay != true { return try lead(subject, mine, look) }
      guard condition.wait(until: deadline) else {
        condition.unlock()
        return try look()
      }
    }
  }

  /// Reads for all callers that hold `mine`.
  ///
  /// Called with the condition locked, and unlocks it.
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
