package import CobreBase
internal import CobreEngine

/// What a tool may use while it answers one call.
package struct CallContext: Sendable {
  package let handle: CallHandle
  package let envelope: RequestEnvelope
  package let waitSlots: WaitSlots
  /// A tool that waits after its change settles this when the change is done.
  package let turn: CallOrder.Turn
  /// What the client should know besides the result.
  package let notes = CallRemarks()
  /// What a tool that changes something does before.
  package let change: CallChange

  package init(
    handle: CallHandle, envelope: RequestEnvelope, waitSlots: WaitSlots, turn: CallOrder.Turn,
    change: CallChange = .unguarded
  ) {
    self.change = change
    self.handle = handle
    self.envelope = envelope
    self.waitSlots = waitSlots
    self.turn = turn
  }
}

/// Remarks on how a call was served.
///
/// They precede its advice.
///
/// Belongs to the thread of its call, and only that thread reads and writes it.
package final class CallRemarks: @unchecked Sendable {
  private var sentences: [String] = []

  package func add(_ sentence: String) { sentences.append(sentence) }

  /// The result with the sentences before its member `next`.
  package func heading(_ result: JSONObject) -> JSONObject {
    guard !sentences.isEmpty, let next = result["next"]?.string else { return result }
    var result = result
    result["next"] = .string((sentences + [next]).joined(separator: " "))
    return result
  }
}
