internal import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation
package import Logging

/// Tool calls that are answered by a process of their own: another start of the server's program with the same options.
///
/// What such a call costs depends on files that anyone may have written, so it is ended from outside: at its limit, and
/// at once when it is cancelled. A process that has begun to change something is left to end by itself (see
/// `CallChange`).
package struct OutsideCalls: Sendable {
  /// Name of the program's command that answers one call.
  package static let command = "answer"
  /// Largest answer that is read, in bytes; charts are the largest.
  private static let maximumAnswer = 32 << 20

  private let program: String
  private let options: [String]
  private let seconds: Double
  private let writableRoots: [String]

  /// Processor seconds of a transaction of a tool that has begun to change a run, and reads no more than its record.
  private static let changeSeconds = 20.0

  /// `patience` of tools that start runs, and of those that solve programs: estimates, explanations and reports.
  package static let longer = 5.0
  /// `patience` of an export, which writes as much as there is.
  package static let exporting = 10.0
  /// `patience` of a conversion, whose program has a limit of its own.
  package static let converting = 60.0

  /// - Parameters:
  ///   - program: path of the server's program.
  ///   - options: with which the server was started.
  ///   - seconds: after which a call is ended.
  ///   - writableRoots: directories under which calls may write.
  package init(program: String, options: [String], seconds: Double, writableRoots: [String]) {
    self.program = program
    self.options = options
    self.seconds = seconds
    self.writableRoots = writableRoots
  }

  /// Seconds after which a call is ended.
  func longest(_ tool: any CallableTool, _ checked: Arguments) -> Double { seconds * tool.patience(checked) }

  /// Has a call answered.
  ///
  /// - Parameters:
  ///   - tool: what is called.
  ///   - sent: its arguments as they were sent.
  ///   - checked: the same.
  ///   - context: of the call.
  /// - Returns: the result, and its structured part where there is one.
  /// - Throws: `RunError` where the process gave no answer in time, and what waiting for a run throws.
  func answer(
    _ tool: any CallableTool, _ sent: JSONObject, _ checked: Arguments, _ context: CallContext
  ) throws -> (result: JSONObject, structured: JSONObject?) {
    guard let tool = tool as? any StartingTool else { return try ask(tool, sent, checked, context) }
    var sent = sent
    sent["wait_seconds"] = nil
    let begun = try ask(tool, sent, checked, context)
    guard let members = begun.structured else { return begun }
    return Dispatcher.form(try tool.follow(members, checked, context), context)
  }

  private func ask(
    _ tool: any CallableTool, _ arguments: JSONObject, _ checked: Arguments, _ context: CallContext
  ) throws -> (result: JSONObject, structured: JSONObject?) {
    let seconds = longest(tool, checked)
    let limit = seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
    let roots = writableRoots
    let answer = try WorkerExchange(
      command: Self.command, subject: "call", worker: program, options: options, inheritsEnvironment: true
    ).ask(
      [
        "tool": .string(tool.name), "arguments": .object(arguments),
        "version": .string(context.envelope.version.rawValue),
        "seconds": .double(seconds),
      ],
      seconds: seconds, maximumAnswer: Self.maximumAnswer,
      late: "The call took longer than the \(limit) s that this server grants it (--max-call-seconds). Ask for less.",
      remedy: "The server goes on.",
      // Removing much takes its time, and the call has ended.
      clean: { left in Thread.detachNewThread { left.remove(under: roots) } },
      isCancelled: { context.handle.isUnwanted })
    guard let result = answer["result"]?.object else {
      throw RunError(.limit, "The process of the call gave no answer that can be read.")
    }
    return (result, answer["structured"]?.object)
  }

  /// Answers the call for which this process was started.
  ///
  /// - Parameters:
  ///   - options: of the server.
  ///   - logger: of the process.
  /// - Returns: the exit code.
  package static func serve(_ options: ServerOptions, _ logger: Logger) -> Int32 {
    guard let served = WorkerExchange.Served(maximum: maximumAnswer) else { return 64 }
    let exchange = ServedCall(served)
    guard let name = exchange.request["tool"]?.string, let arguments = exchange.request["arguments"]?.object,
      let seconds = exchange.request["seconds"]?.number,
      let version = exchange.request["version"]?.string.flatMap({ ProtocolVersion(rawValue: $0) }),
      let envelope = try? RequestEnvelope(method: "tools/call", params: [:], negotiated: version)
    else { return 64 }
    exchange.restrict(seconds)
    let tools = ToolBox.ofServer(
      runs: options.runService, paths: options.paths, maximumWait: 0, readOnly: options.isReadOnly)
    guard let tool = tools.tool(named: name), tool.runsOutside else { return 64 }
    RunStore.boundReading(seconds: seconds, includesWriting: true)
    let readsRecords = tool is any StartingTool || tool is DeleteRunTool
    let context = CallContext(
      handle: CallHandle(path: .nowhere, onRelease: {}, onEnd: {}), envelope: envelope, waitSlots: WaitSlots(count: 1),
      turn: CallOrder().enter(changesSomething: false),
      change: CallChange(
        begin: {
          try exchange.beginChange()
          // From here on nothing else ends it.
          if readsRecords { RunStore.boundReading(seconds: changeSeconds, includesWriting: true) }
        }, leave: { exchange.leave($0) }))
    let checked = Result { () throws(ToolError) in try Arguments(arguments, parameters: tool.parameters) }
    let (result, structured) = Dispatcher.result(of: tool, checked, context, logger)
    return exchange.reply(["result": .object(result), "structured": structured.map { .object($0) } ?? .null])
  }
}

/// The call that this process answers, for closures that may be called from any thread.
private final class ServedCall: Sendable {
  private let served: WorkerExchange.Served

  init(_ served: consuming WorkerExchange.Served) { self.served = served }

  var request: JSONValue { served.request }

  func restrict(_ seconds: Double) { served.restrict(wallSeconds: seconds) }

  func beginChange() throws { try served.beginChange() }

  func leave(_ leftover: WorkerExchange.Leftover) { served.leave(leftover) }

  func reply(_ answer: JSONValue) -> Int32 { served.reply(answer) }
}

extension ServerOptions {
  /// The runs on which a server with these options works.
  var runService: RunService {
    RunService(
      runsDirectory: runsDirectory, workerExecutable: workerExecutable, limits: limits, caseBounds: paths.caseBounds,
      isReadOnly: isReadOnly)
  }
}
