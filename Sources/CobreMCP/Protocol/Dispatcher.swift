internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation
package import Logging

/// Answers the messages of one client.
///
/// It is called only by the reading thread, which it never blocks.
package final class Dispatcher {
  private let tools: ToolBox
  private let tasks: any TaskStore
  let resources: any ResourceStore
  let prompts: PromptStore
  let completions: CompletionStore?
  private let outside: OutsideCalls?
  private let instructions: String
  private let subscriptions: Subscriptions
  private let elicitor: Elicitor
  private let calls: CallTable
  private let pools: CallPools
  private let waitSlots: WaitSlots
  private let order = CallOrder()
  private let logger: Logger
  private let outlet: Outlet
  private let budget = CallBudget()
  /// Bytes of the line that is being taken, by message.
  private var lineBytes = 0

  /// What the last legacy handshake agreed on.
  private var negotiated: ProtocolVersion?
  /// Whether the client of that handshake shows pages of tools.
  private var showsApps = false

  /// A call that hangs in its change does not hold up the others for longer.
  private static let maximumOrderSeconds = 10.0
  /// How long a call that starts a run may take before a client with tasks is given one.
  private static let handOverSeconds = 0.6
  /// How much longer than its own limit such a call is waited for where no task can be kept: it may have to wait for a
  /// thread and its turn.
  private static let handOverGrace = 60.0
  /// Its own limit where no other process answers it.
  private static let inProcessSeconds = 300.0
  /// The most messages in one batch.
  private static let maximumBatch = 1000

  package init(
    tools: ToolBox, tasks: any TaskStore, resources: any ResourceStore, prompts: PromptStore, calls: CallTable,
    pools: CallPools, waitSlots: WaitSlots, logger: Logger, outlet: Outlet, instructions: String = "",
    completions: CompletionStore? = nil, outside: OutsideCalls? = nil
  ) {
    self.outside = outside
    self.tools = tools
    self.tasks = tasks
    self.resources = resources
    self.prompts = prompts
    self.completions = completions
    self.instructions = instructions
    elicitor = Elicitor(outlet: outlet)
    let subscriptions = Subscriptions(outlet: outlet)
    self.subscriptions = subscriptions
    tools.shelf.watch { subscriptions.announceTools() }
    self.calls = calls
    self.pools = pools
    self.waitSlots = waitSlots
    self.logger = logger
    self.outlet = outlet
  }

  /// Takes one line of input.
  package func receive(_ line: LineSplitter.Line) {
    switch line {
    case .tooLong:
      refuse(RPCError(.invalidRequest, "Invalid request: the line is longer than \(Server.maximumLineBytes) bytes."))
    case .bytes(let bytes):
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
      do {
        lineBytes = bytes.count
        receive(try JSONParser.parse(bytes))
      } catch {
        refuse(RPCError(.parse, "Parse error: \(error.message) (column \(error.column))"))
      }
    }
  }

  private func refuse(_ error: RPCError) {
    logger.warning("refused a message", metadata: ["reason": "\(error.message)"])
    outlet.send(OutboundMessage.error(error, to: nil))
  }

  private func receive(_ value: JSONValue) {
    guard let batch = value.array else {
      handle(InboundMessage(value), .direct(outlet))
      return
    }
    guard negotiated?.allowsBatches == true else {
      refuse(RPCError(.invalidRequest, "Invalid request: batches exist only in protocol version 2025-03-26."))
      return
    }
    guard (1...Self.maximumBatch).contains(batch.count) else {
      refuse(RPCError(.invalidRequest, "Invalid request: a batch holds 1 to \(Self.maximumBatch) messages."))
      return
    }
    lineBytes /= batch.count
    let collector = BatchReply(count: batch.count, send: outlet.send)
    for message in batch { handle(InboundMessage(message), .batched(collector, outlet)) }
  }

  private func handle(_ message: InboundMessage, _ path: ReplyPath) {
    switch message {
    case .invalid(let id, let error):
      logger.warning("refused a message", metadata: ["reason": "\(error.message)"])
      path.reply(OutboundMessage.error(error, to: id))
      path.finish()
    case .response(let id, let result):
      elicitor.receive(id, result: result)
      path.finish()
    case .notification(let method, let params):
      if method == "notifications/cancelled", let id = params["requestId"].flatMap({ RequestID($0) }) {
        calls.cancel(id)
        subscriptions.cancel(id)
      }
      path.finish()
    case .request(let id, let method, let params):
      handle(id, method, params, path)
    }
  }

  private func handle(_ id: RequestID, _ method: String, _ params: JSONObject, _ path: ReplyPath) {
    do throws(RPCError) {
      if calls.contains(id) || subscriptions.contains(id) {
        throw RPCError(.invalidRequest, "Invalid request: a request with this `id` is still being answered.")
      }
      let envelope = try RequestEnvelope(method: method, params: params, negotiated: negotiated)
      if method == "tools/call" {
        try startCall(id, params, envelope, path)
        return
      }
      if envelope.isModern && TaskExtension.methods.contains(method) {
        try startTaskRequest(id, method, params, envelope, path)
        return
      }
      if envelope.isModern && method == "subscriptions/listen" {
        // It is answered by notifications; a reply would end it.
        try subscriptions.listen(id, params)
        path.finish()
        return
      }
      if let answer = try readingRequest(id, method, params, envelope) {
        let effort: CallEffort =
          params["uri"]?.string.map(ReportResources.computes) == true ? .computing : .reading
        try start(id, envelope, path, effort, changesSomething: false) { _ in answer() }
        return
      }
      path.reply(OutboundMessage.result(try answer(method, params, envelope), to: id))
    } catch {
      path.reply(OutboundMessage.error(error, to: id))
    }
    path.finish()
  }

  /// Answers requests that need no thread of their own.
  private func answer(
    _ method: String, _ params: JSONObject, _ envelope: RequestEnvelope
  ) throws(RPCError) -> JSONObject {
    switch (method, envelope.isModern) {
    case ("initialize", false):
      guard let requested = params["protocolVersion"]?.string else {
        throw RPCError(.invalidParams, "Invalid params: `protocolVersion` must be a string.")
      }
      let version = ProtocolVersion.negotiated(requested: requested)
      negotiated = version
      subscriptions.noteLegacy()
      elicitor.noteLegacy(params["capabilities"])
      showsApps = AppExtension.isDeclared(params["capabilities"]?.object)
      return Replies.initialize(version: version, instructions: instructions)
    case ("ping", false):
      return [:]
    case ("server/discover", true):
      return Replies.discover(envelope, instructions: instructions)
    case ("tools/list", _):
      try refuseCursor(params)
      // A list that can grow is good for this moment alone.
      let withApps = envelope.isModern ? AppExtension.isDeclared(envelope.clientCapabilities) : showsApps
      let lifetime = tools.shelf.isComplete ? Replies.listLifetimeMilliseconds : 0
      return Replies.cacheable(["tools": tools.listing(withApps: withApps)], envelope, milliseconds: lifetime)
    case ("skills/list", true):
      try refuseCursor(params)
      return Replies.cacheable(SkillExtension.listing, envelope)
    case ("skills/get", true):
      guard let uri = params["uri"]?.string else {
        throw RPCError(.invalidParams, "Invalid params: `uri` must be a string.")
      }
      guard let skill = SkillExtension.get(uri) else {
        throw RPCError(
          .invalidParams, "There is no skill \(uri.prefix(200)).", data: ["uri": .string(String(uri.prefix(200)))])
      }
      return Replies.cacheable(skill, envelope)
    case ("resources/templates/list", _):
      try refuseCursor(params)
      return Replies.cacheable(["resourceTemplates": .array(resources.templates.map(\.listing))], envelope)
    case ("prompts/list", _):
      try refuseCursor(params)
      return Replies.cacheable(["prompts": prompts.listing], envelope)
    default:
      throw RPCError.unknownMethod(method)
    }
  }

  /// All lists except resources have one page, so no cursor was ever issued.
  func refuseCursor(_ params: JSONObject) throws(RPCError) {
    guard let cursor = params["cursor"], !cursor.isNull else { return }
    throw RPCError(.invalidParams, "Invalid params: unknown cursor.")
  }

  private func startCall(
    _ id: RequestID, _ params: JSONObject, _ envelope: RequestEnvelope, _ path: ReplyPath
  ) throws(RPCError) {
    guard let name = params["name"]?.string else {
      throw RPCError(.invalidParams, "Invalid params: `name` of the tool must be a string.")
    }
    let sent = params["arguments"] ?? .null
    guard let arguments = sent.isNull ? [:] : sent.object else {
      throw RPCError(.invalidParams, "Invalid params: `arguments` must be an object.")
    }
    guard let tool = tools.tool(named: name) else {
      guard tools.isWithheld(name) else { throw RPCError(.invalidParams, "Unknown tool: \(name.prefix(200))") }
      let refusal = ToolError(
        "`\(name)` is not available: this server was started with --read-only, and starts and changes nothing.")
      path.reply(OutboundMessage.result(Replies.complete(ToolResult.failure(refusal), envelope), to: id))
      path.finish()
      return
    }
    let logger = logger
    let tasks = tasks
    let checked = Result { () throws(ToolError) in try Arguments(arguments, parameters: tool.parameters) }
    // Refused arguments cost nothing more.
    let effort = (try? checked.get()).map { tool.effort($0) } ?? .waiting
    let pool = pools[effort]
    let knowsTasks = TaskExtension.isDeclared(envelope) && (try? checked.get()) != nil
    // What starts a run is usually done at once; where it is not, the client gets its handle before.
    let patience: Double? =
      !knowsTasks ? nil : tool.handsOver ? 0 : tool is any StartingTool ? Self.handOverSeconds : nil
    let calls = calls
    let elicitor = elicitor
    let outside = tool.runsOutside ? outside : nil
    let own = outside.flatMap { outside in (try? checked.get()).map { outside.longest(tool, $0) } }
    let longest = (own ?? Self.inProcessSeconds) + Self.handOverGrace
    let compute = { @Sendable (context: CallContext) in
      Self.result(of: tool, arguments, checked, outside, context, logger)
    }
    try start(id, envelope, path, effort, changesSomething: !tool.annotations.readOnly) { context in
      if let sentence = (try? checked.get()).flatMap({ tool.question($0) }) {
        switch elicitor.ask(sentence, params: params, context) {
        case .confirmed: break
        case .asked(let result): return OutboundMessage.result(Replies.complete(result, envelope), to: id)
        case .declined:
          let refusal = ToolError("The user did not confirm it, so nothing was done.")
          return OutboundMessage.result(Replies.complete(ToolResult.failure(refusal), envelope), to: id)
        }
      }
      let outcome =
        patience.map { HandOver(tool, tasks, calls, pool, longest: longest).answer(context, after: $0, compute) }
        ?? .answered(compute(context))
      let answer: HandOver.Answer
      switch outcome {
      case .task(let task):
        return OutboundMessage.result(Replies.complete(TaskExtension.json(task, isNew: true), envelope), to: id)
      case .answered(let given): answer = given
      }
      let (result, structured) = answer
      if TaskExtension.isDeclared(envelope), let structured, let task = tasks.task(for: structured, of: tool.name) {
        return OutboundMessage.result(Replies.complete(TaskExtension.json(task, isNew: true), envelope), to: id)
      }
      return OutboundMessage.result(Replies.complete(result, envelope), to: id)
    }
  }

  /// Answers a call; the structured part is nil where it failed or has none.
  static func result(
    of tool: any CallableTool, _ checked: Result<Arguments, ToolError>, _ context: CallContext, _ logger: Logger
  ) -> (result: JSONObject, structured: JSONObject?) {
    do {
      return form(try tool.answer(checked.get(), context), context)
    } catch {
      logger.debug("a tool call failed", metadata: ["tool": "\(tool.name)", "error": "\(error)"])
      return (ToolResult.failure(error), nil)
    }
  }

  /// The form in which an answer is sent.
  static func form(_ answer: ToolAnswer, _ context: CallContext) -> (result: JSONObject, structured: JSONObject?) {
    var answer = answer
    answer.structured = answer.structured.map { context.notes.heading($0) }
    return (ToolResult.success(answer, linking: context.envelope.version.hasResourceLinks), answer.structured)
  }

  /// Answers a call, by a process of its own where there is one for it; refused arguments need none.
  private static func result(
    of tool: any CallableTool, _ sent: JSONObject, _ checked: Result<Arguments, ToolError>, _ outside: OutsideCalls?,
    _ context: CallContext, _ logger: Logger
  ) -> (result: JSONObject, structured: JSONObject?) {
    guard let outside, let arguments = try? checked.get() else { return result(of: tool, checked, context, logger) }
    do {
      return try outside.answer(tool, sent, arguments, context)
    } catch {
      logger.debug("a tool call failed", metadata: ["tool": "\(tool.name)", "error": "\(error)"])
      return (ToolResult.failure(error), nil)
    }
  }

  private func startTaskRequest(
    _ id: RequestID, _ method: String, _ params: JSONObject, _ envelope: RequestEnvelope, _ path: ReplyPath
  ) throws(RPCError) {
    guard TaskExtension.isDeclared(envelope) else { throw TaskExtension.undeclared }
    guard let taskID = params["taskId"]?.string else {
      throw RPCError(.invalidParams, "Invalid params: `taskId` must be a string.")
    }
    let tasks = tasks
    try start(
      id, envelope, path, method == "tasks/get" ? .status : .waiting, changesSomething: method == "tasks/cancel"
    ) { _ in
      do {
        let isKnown = try method == "tasks/cancel" ? tasks.cancel(taskID) : true
        guard isKnown, let task = try tasks.task(taskID) else {
          let error = RPCError(.invalidParams, "Unknown task: \(taskID.prefix(200))")
          return OutboundMessage.error(error, to: id)
        }
        // A run asks for no input, so an update has nothing to deliver and is only acknowledged.
        let result = method == "tasks/get" ? TaskExtension.json(task, isNew: false) : [:]
        return OutboundMessage.result(Replies.complete(result, envelope), to: id)
      } catch let error as RunError {
        return OutboundMessage.error(RPCError(.internal, error.message), to: id)
      } catch {
        return OutboundMessage.error(RPCError(.internal, "The task cannot be read: \(error)"), to: id)
      }
    }
  }

  /// Answers a request on a thread of a pool.
  private func start(
    _ id: RequestID, _ envelope: RequestEnvelope, _ path: ReplyPath, _ effort: CallEffort, changesSomething: Bool,
    _ answer: @escaping @Sendable (CallContext) -> JSONValue
  ) throws(RPCError) {
    guard let handle = calls.open(id, path: path) else {
      throw RPCError(.invalidRequest, "Invalid request: a request with this `id` is still being answered.")
    }
    let pool = pools[effort]
    let bytes = lineBytes
    guard budget.take(bytes) else {
      let busy =
        "Requests of \(budget.maximumBytes) bytes are being answered, the most that are; try again when some have been."
      handle.reply(OutboundMessage.error(RPCError(.internal, busy), to: id))
      return
    }
    let turn = order.enter(changesSomething: changesSomething)
    let context = CallContext(handle: handle, envelope: envelope, waitSlots: waitSlots, turn: turn)
    let budget = budget
    let accepted = pool.submit {
      defer { budget.giveBack(bytes) }
      turn.waitForEarlier(until: Date(timeIntervalSinceNow: Self.maximumOrderSeconds))
      let message = answer(context)
      turn.settle()
      handle.reply(message)
    }
    if !accepted {
      budget.giveBack(bytes)
      let busy =
        "\(pool.maximumQueued) requests wait to be served, the most that do; try again when some have been answered."
      handle.reply(OutboundMessage.error(RPCError(.internal, busy), to: id))
    }
  }
}
