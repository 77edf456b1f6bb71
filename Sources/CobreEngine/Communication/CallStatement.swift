/// What one rank said about its call, as the others read it; for the words of a mismatch.
struct CallStatement: Equatable {
  var operation: UInt16
  var elementWidth: UInt16
  var fingerprint: UInt64
  /// Bytes this rank sends.
  var bytes: UInt64
  /// How many calls this rank has made, this one included.
  var call: UInt64

  private var words: String {
    let operation = UInt8(exactly: operation).flatMap(CollectiveCall.Operation.init(rawValue:))
    guard let operation else { return "something unknown" }
    guard operation != .barrier else { return "barrier (call \(call))" }
    return "\(operation.name) with \(bytes) bytes of elements of \(elementWidth) bytes (call \(call))"
  }

  /// The error that every rank reports when two of them say different things.
  static func mismatch(
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
