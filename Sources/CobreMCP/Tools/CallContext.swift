/// What a tool may use while it answers one call.
package struct CallContext: Sendable {
  package let handle: CallHandle
  package let envelope: RequestEnvelope
  package let waitSlots: WaitSlots
  /// To be settled by a tool that goes on to wait when its change is done.
  package let turn: CallOrder.Turn

  package init(handle: CallHandle, envelope: RequestEnvelope, waitSlots: WaitSlots, turn: CallOrder.Turn) {
    self.handle = handle
    self.envelope = envelope
    self.waitSlots = waitSlots
    self.turn = turn
  }
}
