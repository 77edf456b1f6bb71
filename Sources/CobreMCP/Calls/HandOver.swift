package import CobreBase
internal import CobreEngine
internal import Foundation

/// Lets a call go on as a task once its client has waited long enough.
package struct HandOver: Sendable {
  /// Result and structured part of a call, as `Dispatcher.result` gives them.
  package typealias Answer = (result: JSONObject, structured: JSONObject?)

  package enum Outcome: Sendable {
    case answered(Answer)
    case task(TaskState)
  }

  private let tool: any CallableTool
  private let tasks: any TaskStore
  private let calls: CallTable
  private let pool: CallPool
  private let longest: Double

  /// - Parameters:
  ///   - tool: what is called.
  ///   - tasks: keeps the tasks.
  ///   - calls: those in flight.
  ///   - pool: whose threads compute.
  ///   - longest: seconds after which a call that has become no task is given up.
  package init(
    _ tool: any CallableTool, _ tasks: any TaskStore, _ calls: CallTable, _ pool: CallPool, longest: Double
  ) {
    self.tool = tool
    self.tasks = tasks
    self.calls = calls
    self.pool = pool
    self.longest = longest
  }

  /// How often a call is asked whether its client still wants it, in s.
  private static let interval = 0.05

  /// Computes on another thread of the pool, and waits for that.
  ///
  /// - Parameters:
  ///   - context: of the call.
  ///   - seconds: to wait before the call becomes a task.
  ///   - compute: answers the call.
  /// - Returns: the answer, or the task where it has not come in time; where no task can be kept, the answer all the
  ///   same, or a failure after the longest wait.
  package func answer(
    _ context: CallContext, after seconds: Double, _ compute: @escaping @Sendable (CallContext) -> Answer
  ) -> Outcome {
    // The task is there before its work begins where nothing is waited for.
    let handle = CallHandle(path: .nowhere, onRelease: {}, onEnd: {})
    let atOnce = seconds <= 0 ? tasks.begin(tool: tool.name, handle: handle) : nil
    if seconds <= 0, atOnce == nil { return .answered(compute(context)) }
    let inner = CallContext(
      handle: handle, envelope: context.envelope, waitSlots: context.waitSlots, turn: context.turn)
    let desk = Desk(task: atOnce?.id)
    let leave = calls.enter()
    let isAccepted = pool.submit { [self] in
      defer { leave() }
      let answer = compute(inner)
      if let id = desk.put(answer) { keep(answer, as: id) }
    }
    guard isAccepted else {
      leave()
      guard let atOnce else { return .answered(compute(context)) }
      _ = tasks.end(
        atOnce.id, result: ToolResult.failure(ToolError("The server is busy; call \(tool.name) again later.")),
        successor: nil)
      return .task(atOnce)
    }
    if let atOnce { return .task(atOnce) }
    let began = ContinuousClock.now
    // When the call is to become a task, in s; nil once that was tried.
    var due: Double? = min(seconds, longest)
    var elapsed = 0.0
    repeat {
      let step = min(Self.interval, (due ?? longest) - elapsed)
      if let answer = desk.answer(until: Date(timeIntervalSinceNow: step)) { return .answered(answer) }
      if context.handle.isUnwanted { handle.cancel() }
      elapsed = began.duration(to: .now).seconds
      guard let time = due, elapsed >= time else { continue }
      due = nil
      guard let task = tasks.begin(tool: tool.name, handle: handle) else { continue }
      // What came while the task was made is kept as its result, so that the task is not left open.
      if let answer = desk.give(to: task.id) { keep(answer, as: task.id) }
      return .task(task)
    } while elapsed < longest
    handle.cancel()
    return .answered((ToolResult.failure(late), nil))
  }

  private var late: ToolError {
    ToolError(
      "\(tool.name) gave no answer within \(Int(min(longest, 1e9).rounded(.up))) s and was told to stop. Call list_runs to "
        + "see whether a run has begun; if not, call \(tool.name) again later.")
  }

  private func keep(_ answer: Answer, as id: String) {
    let next = answer.structured.flatMap { tasks.task(for: $0, of: tool.name) }?.id
    guard !tasks.end(id, result: answer.result, successor: next), let next else { return }
    // The task was cancelled, and so is the run that has begun meanwhile.
    _ = try? tasks.cancel(next)
  }
}

/// Where the thread that computes leaves its answer for the one that waits.
private final class Desk: @unchecked Sendable {
  // Both are read and written under `condition`.
  private let condition = NSCondition()
  private var held: HandOver.Answer?
  private var task: String?

  init(task: String?) { self.task = task }

  /// Leaves the answer; returns the task that it belongs to, nil where the call is still waited for.
  func put(_ answer: HandOver.Answer) -> String? {
    condition.lock()
    defer { condition.unlock() }
    held = answer
    condition.broadcast()
    return task
  }

  /// The answer, if it comes in time.
  func answer(until deadline: Date) -> HandOver.Answer? {
    condition.lock()
    defer { condition.unlock() }
    while held == nil, condition.wait(until: deadline) {}
    return held
  }

  /// Says that the answer belongs to a task; returns it where it has come already.
  func give(to id: String) -> HandOver.Answer? {
    condition.lock()
    defer { condition.unlock() }
    task = id
    return held
  }
}
