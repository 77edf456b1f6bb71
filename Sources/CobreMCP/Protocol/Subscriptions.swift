package import CobreBase
internal import CobreEngine
internal import Synchronization

/// Which clients are notified when the list of tools changes: a client of a legacy version always, a client of
/// 2026-07-28 if it has asked by `subscriptions/listen`.
package final class Subscriptions: Sendable {
  private struct State {
    var isLegacy = false
    /// Open requests that listen, in their order, and whether they want to hear of tools.
    var open: [(id: RequestID, wantsTools: Bool)] = []
  }

  /// Requests that listen at once, at most.
  private static let maximumOpen = 16
  private static let subscriptionKey = "io.modelcontextprotocol/subscriptionId"

  private let state = Mutex(State())
  private let outlet: Outlet

  package init(outlet: Outlet) { self.outlet = outlet }

  /// Notes that the client speaks a version in which changes are sent without being asked for.
  package func noteLegacy() { state.withLock { $0.isLegacy = true } }

  package func contains(_ id: RequestID) -> Bool { state.withLock { $0.open.contains { $0.id == id } } }

  /// Opens a subscription and acknowledges what it will deliver; it stays open until it is cancelled.
  package func listen(_ id: RequestID, _ params: JSONObject) throws(RPCError) {
    guard let filter = params["notifications"]?.object else {
      throw RPCError(.invalidParams, "Invalid params: `notifications` must be an object.")
    }
    let wantsTools = filter["toolsListChanged"] == .bool(true)
    let isOpen = state.withLock { state in
      guard state.open.count < Self.maximumOpen else { return false }
      state.open.append((id, wantsTools))
      return true
    }
    guard isOpen else {
      throw RPCError(.internal, "\(Self.maximumOpen) subscriptions are open, the most that are; cancel one of them.")
    }
    var honored: JSONObject = [:]
    if wantsTools { honored["toolsListChanged"] = true }
    outlet.send(
      OutboundMessage.notification(
        "notifications/subscriptions/acknowledged",
        ["_meta": [Self.subscriptionKey: id.json], "notifications": .object(honored)]))
  }

  /// Ends a subscription; anything else is passed over.
  package func cancel(_ id: RequestID) { state.withLock { state in state.open.removeAll { $0.id == id } } }

  /// Notifies all subscribed clients that the list of tools has changed.
  package func announceTools() {
    let (isLegacy, listeners) = state.withLock { ($0.isLegacy, $0.open.filter(\.wantsTools).map(\.id)) }
    let method = "notifications/tools/list_changed"
    if isLegacy { outlet.send(["jsonrpc": "2.0", "method": .string(method)]) }
    for id in listeners {
      outlet.send(OutboundMessage.notification(method, ["_meta": [Self.subscriptionKey: id.json]]))
    }
  }
}
