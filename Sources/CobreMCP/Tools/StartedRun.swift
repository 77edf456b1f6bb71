package import CobreBase
internal import CobreEngine
package import CobreRuns

/// What the tools that set a run going share: how a call is made repeatable, how long it waits, what it answers.
package enum StartedRun {
  /// Longest wait of a call whose client can be given a task.
  private static let handOverSeconds = 0.25

  /// Makes a call repeatable.
  package static let name = Parameter(RunOption.runName)

  /// How long a call waits, at most `maximum` seconds.
  package static func wait(maximum: Double) -> Parameter {
    Parameter(
      "wait_seconds", .number(0...maximum), default: .double(min(20, maximum)),
      brief: "Seconds to wait for the end; 0 returns at once.",
      "How long to wait for the end before returning what is known, in seconds. 0 returns at once.")
  }

  /// Schema of the answer: a run, and what the call had to do with it.
  package static func schema(isNamed: Bool = true, required: [String]) -> JSONObject {
    var properties = RunView.summarySchema
    if isNamed { properties["created"] = Schema.boolean("False where run_name named a run that was there already") }
    properties["waited_seconds"] = Schema.number("Time this call waited")
    return Schema.object(properties, required: ["run_id", "state", "next"] + required)
  }

  /// Waits as the arguments ask, then reports the state of the run.
  ///
  /// - Parameters:
  ///   - run: the run as it was found or created.
  ///   - created: whether this call created it, or nil if it never does.
  ///   - arguments: the arguments of the call.
  ///   - maximumWait: bound of every wait, in s.
  ///   - context: the call.
  ///   - runs: the service of the run.
  /// - Returns: what `schema` describes.
  /// - Throws: `RunError`.
  package static func answer(
    _ run: RunSnapshot, created: Bool? = nil, _ arguments: Arguments, maximumWait: Double, _ context: CallContext,
    _ runs: RunService
  ) throws -> JSONObject {
    context.turn.settle()
    var seconds = arguments.number("wait_seconds") ?? 0
    // A client that knows tasks gets the handle at once and waits by itself; only a run that is over already is
    // answered.
    if TaskExtension.isDeclared(context.envelope) { seconds = min(seconds, handOverSeconds) }
    let (run, waited) = try BoundedWait(runs: runs).wait(run, seconds: seconds, context)
    var result = RunView.summary(run)
    if let created { result["created"] = .bool(created) }
    result["waited_seconds"] = .seconds(waited)
    result["next"] = .string(RunAdvice.next(run, maximumWait: maximumWait))
    return result
  }
}
