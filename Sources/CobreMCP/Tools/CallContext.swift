/// What a tool may use while it answers one call.
package struct CallContext: Sendable {
  package let handle: CallHandle
  package let envelope: RequestEnvelope
  package let waitSlots: WaitSlots

  package init(handle: CallHandle, envelope: RequestEnvelope, waitSlots: WaitSlots) {
    self.handle = handle
    self.envelope = envelope
    self.waitSlots = waitSlots
  }
}
