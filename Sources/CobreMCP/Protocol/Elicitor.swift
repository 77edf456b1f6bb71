package import CobreBase
internal import CobreEngine
internal import Foundation
internal import Synchronization

/// Asks the user before something is destroyed, where the client can show a question.
///
/// In 2026-07-28 the answer to the call says what is asked, and the client repeats the call with what the user said. In
/// earlier versions the server sends a request of its own and waits for the reply.
package final class Elicitor: Sendable {
  /// What the user said.
  package enum Answer: Sendable {
    case confirmed
    case declined
    /// Nothing yet: the result that asks for it.
    case asked(JSONObject)
  }

  private struct State {
    var isLegacyAble = false
    var nextNumber = 0
    /// Replies by the id of the request; nil where the reply has not come.
    var replies: [String: JSONObject?] = [:]
  }

  private static let key = "confirm"
  private static let prefix = "cobre-question-"
  /// Longest time that a user may take in the legacy eras, in seconds.
  private static let patience = 600.0

  private let state = Mutex(State())
  private let outlet: Outlet

  package init(outlet: Outlet) { self.outlet = outlet }

  /// Notes the capabilities of a client of a legacy version.
  package func noteLegacy(_ capabilities: JSONValue?) {
    let able = capabilities?["elicitation"]?.object.map { $0.isEmpty || $0.contains("form") } ?? false
    state.withLock { $0.isLegacyAble = able }
  }

  /// Takes a reply of the client to a request of ours; others are passed over.
  package func receive(_ id: RequestID, result: JSONObject?) {
    guard case .string(let text) = id else { return }
    state.withLock { state in
      guard state.replies.keys.contains(text) else { return }
      state.replies[text] = .some(result ?? [:])
    }
  }

  /// What the user says to a sentence; confirmed without a question where the client cannot show one.
  package func ask(_ sentence: String, params: JSONObject, _ context: CallContext) -> Answer {
    if context.envelope.isModern {
      let form = context.envelope.clientCapabilities["elicitation"]?.object
      guard form.map({ $0.isEmpty || $0.contains("form") }) == true else { return .confirmed }
      guard let response = params["inputResponses"]?[Self.key] else {
        let request: JSONValue = [
          "method": "elicitation/create", "params": .object(Self.question(sentence).merging(["mode": "form"])),
        ]
        return .asked(["resultType": "input_required", "inputRequests": [Self.key: request]])
      }
      return Self.isConfirmed(response) ? .confirmed : .declined
    }
    guard state.withLock({ $0.isLegacyAble }) else { return .confirmed }
    return Self.isConfirmed(.object(wait(sentence, context))) ? .confirmed : .declined
  }

  private func wait(_ sentence: String, _ context: CallContext) -> JSONObject {
    let id = state.withLock { state in
      state.nextNumber += 1
      let id = Self.prefix + String(state.nextNumber)
      state.replies[id] = .some(nil)
      return id
    }
    defer { state.withLock { $0.replies[id] = nil } }
    context.turn.settle()
    outlet.send([
      "jsonrpc": "2.0", "id": .string(id), "method": "elicitation/create", "params": .object(Self.question(sentence)),
    ])
    let deadline = Date(timeIntervalSinceNow: Self.patience)
    while Date.now < deadline, !context.handle.shouldStopWaiting {
      if let reply = state.withLock({ $0.replies[id] ?? nil }) { return reply }
      usleep(50_000)
    }
    return [:]
  }

  private static func question(_ sentence: String) -> JSONObject {
    [
      "message": .string(sentence),
      "requestedSchema": [
        "type": "object",
        "properties": [
          key: ["type": "boolean", "title": "Go on", "description": "Whether to go on; it cannot be undone."]
        ],
        "required": [.string(key)],
      ],
    ]
  }

  private static func isConfirmed(_ response: JSONValue) -> Bool {
    response["action"] == "accept" && response["content"]?[key] == true
  }
}

extension JSONObject {
  fileprivate func merging(_ members: JSONObject) -> JSONObject {
    var result = self
    for (key, value) in members.members { result[key] = value }
    return result
  }
}
