package import CobreBase
internal import CobreEngine

/// Tools without a client, as the library and a terminal use them.
extension ToolBox {
  /// Calls a tool and waits for its answer.
  ///
  /// - Parameters:
  ///   - name: of a tool.
  ///   - sent: its arguments.
  /// - Returns: what it answers.
  /// - Throws: `ToolError` where there is no such tool or an argument is wrong, and what the tool throws.
  package func answer(_ name: String, with sent: JSONObject) throws -> ToolAnswer {
    guard let tool = tool(named: name) else {
      let meant = NearestName.nearest(to: name, among: tools.map(\.name)).map { " Did you mean \($0)?" } ?? ""
      throw ToolError("There is no tool \"\(name.printable(limit: 80))\".\(meant)")
    }
    let arguments = try Arguments(sent, parameters: tool.parameters)
    let path = ReplyPath.direct(Outlet(send: { _ in }, offer: { _ in }))
    let envelope = try RequestEnvelope(method: "tools/call", params: [:], negotiated: nil)
    let context = CallContext(
      handle: CallHandle(path: path, onRelease: {}, onEnd: {}), envelope: envelope, waitSlots: WaitSlots(count: 1),
      turn: CallOrder().enter(changesSomething: false))
    return try tool.answer(arguments, context)
  }
}
