/// What one rank said about its call, as the others read it.
///
/// Used to describe a mismatch.
package struct CallStatement: Equatable {
  package var operation: UInt16
  package var elementWidth: UInt16
  package var fingerprint: UInt64
  /// Bytes this rank sends.
  package var bytes: UInt64
  /// How many calls this rank has made, this one included.
  package var call: UInt64

  package init(operation: UInt16, elementWidth: UInt16, fingerprint: UInt64, bytes: UInt64, call: UInt64) {
    self.operation = operation
    self.elementWidth = elementWidth
    self.fingerprint = fingerprint
    self.bytes = bytes
    self.call = call
  }

  private var words: String {
    let operation = UInt8(exactly: operation).flatMap(CollectiveCall.Operation.init(rawValue:))
    guard let operation else { return "something unknown" }
    guard operation != .barrier else { return "barrier (call \(call))" }
    return "\(operation.name) with \(bytes) bytes of elements of \(elementWidth) bytes (call \(call))"
  }

  /// The error that every rank reports when two of them say different things.
  package static func mismatch(
    _ reference: CallStatement, of first: Int, _ other: CallStatement, of second: Int, reportedBy rank: Int
  ) -> CommunicationError {
    let why =
      reference.words == other.words ? " They differ in the counts of the ranks or in the root." : ""
    return CommunicationError(
      .mismatchedCall, UInt8(exactly: reference.operation).flatMap(CollectiveCall.Operation.init) ?? .barrier,
      rank: rank,
      peer: second,
      "Rank \(first) called \(reference.words) while rank \(second) called \(other.words).\(why) "
        + "All ranks must make the same calls in the same order.")
  }
}
