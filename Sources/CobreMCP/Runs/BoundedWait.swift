internal import CobreEngine
package import CobreRuns

/// Waits for the end of a run for a call, within all limits, and sends the client signs of life.
package struct BoundedWait: Sendable {
  package let runs: RunService

  package init(runs: RunService) {
    self.runs = runs
  }

  /// A wait is made of pieces of this length, so that signs of life are sent although nothing changes.
  private static let piece = Duration.seconds(5)

  /// The run after a wait of at most a number of seconds (0 does not wait), and the seconds waited.
  package func wait(
    _ run: RunSnapshot, seconds: Double, _ context: CallContext
  ) throws -> (run: RunSnapshot, waited: Double) {
    guard seconds > 0, !run.state.isFinal else { return (run, 0) }
    guard context.waitSlots.take() else {
      context.notes.add(
        "This call did not wait: \(context.waitSlots.count) calls wait already, the most that do at once.")
      return (run, 0)
    }
    defer { context.waitSlots.giveBack() }
    let start = ContinuousClock.now
    let deadline = start + .seconds(seconds)
    var progress = ProgressReporter(token: context.envelope.progressToken, handle: context.handle)
    Self.report(run, &progress)
    var latest = run
    while !latest.state.isFinal && !context.handle.shouldStopWaiting && ContinuousClock.now < deadline {
      let next = min(deadline, ContinuousClock.now + Self.piece)
      latest = try runs.wait(
        runID: run.runID, from: latest, until: next, isCancelled: { context.handle.shouldStopWaiting },
        observe: { Self.report($0, &progress) })
      Self.report(latest, &progress)
    }
    return (latest, start.duration(to: .now) / .seconds(1))
  }

  private static func report(_ run: RunSnapshot, _ progress: inout ProgressReporter) {
    // The message contains the id because it is all that a user still sees after a time-out.
    var message = "run \(run.runID) \(run.state.rawValue), iteration \(run.iteration)/\(run.iterationLimit)"
    if let bound = run.lowerBound { message += ", lower bound \(bound)" }
    progress.report(step: run.iteration, total: run.iterationLimit, message: message)
  }
}
