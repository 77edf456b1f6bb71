internal import CobreEngine
internal import CobreRuns
package import Logging

/// Tool calls that are answered by a process of their own: another start of the server's program with the same options.
///
/// What such a call costs depends on files that anyone may have written, so it is ended from outside: at its limit, and at
/// once when it is cancelled. Only tools that change nothing are answered that way.
package struct OutsideCalls: Sendable {
  /// Name of the program's command that answers one call.
  package static let command = "answer"
  /// Largest answer that is read, in bytes; charts are the largest.
  private static let maximumAnswer = 32 << 20

  private let program: String
  private let options: [String]
  private let seconds: Double

  /// - Parameters:
  ///   - program: path of the server's program.
  ///   - options: with which the server was started.
  ///   - seconds: after which a call is ended.
  package init(program: String, options: [String], seconds: Double) {
    self.program = program
    self.options = options
    self.seconds = seconds
  }

  /// Has a call answered.
  ///
  /// - Parameters:
  ///   - tool: its name.
  ///   - arguments: as they were sent.
  ///   - context: of the call.
  /// - Returns: the result, and its structured part where there is one.
  /// - Throws: `RunError` where the process gave no answer in time.
  func answer(
    _ tool: String, _ arguments: JSONObject, _ context: CallContext
  ) throws -> (result: JSONObject, structured: JSONObject?) {
    let limit = seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
    let answer = try WorkerExchange(
      command: Self.command, subject: "call", worker: program, options: options, inheritsEnvironment: true
    ).ask(
      [
        "tool": .string(tool), "arguments": .object(arguments), "version": .string(context.envelope.version.rawValue),
        "seconds": .double(seconds),
      ],
      seconds: seconds, maximumAnswer: Self.maximumAnswer,
      late: "The call took longer than the \(limit) s that this server grants (--max-call-seconds). Ask for less.",
      remedy: "The server goes on.", isCancelled: { context.handle.isUnwanted })
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
    guard let exchange = WorkerExchange.Served(maximum: maximumAnswer), let name = exchange.request["tool"]?.string,
      let arguments = exchange.request["arguments"]?.object, let seconds = exchange.request["seconds"]?.number,
      let version = exchange.request["version"]?.string.flatMap({ ProtocolVersion(rawValue: $0) }),
      let envelope = try? RequestEnvelope(method: "tools/call", params: [:], negotiated: version)
    else { return 64 }
    exchange.restrict(seconds: seconds, data: nil)
    let tools = ToolBox.ofServer(
      runs: options.runService, paths: options.paths, maximumWait: 0, readOnly: options.isReadOnly)
    guard let tool = tools.tool(named: name), tool.runsOutside else { return 64 }
    let context = CallContext(
      handle: CallHandle(path: .nowhere, onRelease: {}, onEnd: {}), envelope: envelope, waitSlots: WaitSlots(count: 1),
      turn: CallOrder().enter(changesSomething: false))
    let checked = Result { () throws(ToolError) in try Arguments(arguments, parameters: tool.parameters) }
    let (result, structured) = Dispatcher.result(of: tool, checked, context, logger)
    return exchange.reply(["result": .object(result), "structured": structured.map { .object($0) } ?? .null])
  }
}

extension ServerOptions {
  /// The runs on which a server with these options works.
  var runService: RunService {
    RunService(
      runsDirectory: runsDirectory, workerExecutable: workerExecutable, limits: limits, caseBounds: paths.caseBounds,
      isReadOnly: isReadOnly)
  }
}
