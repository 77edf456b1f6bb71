package import CobreBase
internal import CobreEngine

/// Progress notifications of one call: strictly increasing, not too many, and a sign of life in between.
///
/// Belongs to the thread of its call.
package struct ProgressReporter: ~Copyable {
  /// At most one notification in this time.
  private static let spacing = Duration.seconds(1)
  /// Hosts end a call that stays silent.
  ///
  /// Silence is never longer than this.
  private static let heartbeat = Duration.seconds(10)

  private let token: JSONValue?
  private let handle: CallHandle
  private let clock: () -> ContinuousClock.Instant
  private var lastSent: ContinuousClock.Instant?
  private var lastStep = -1
  private var beats = 0

  /// Reports for the client's progress token.
  ///
  /// Without one nothing is sent.
  package init(
    token: JSONValue?, handle: CallHandle, clock: @escaping () -> ContinuousClock.Instant = { .now }
  ) {
    self.token = token
    self.handle = handle
    self.clock = clock
  }

  /// Reports that `step` of `total` steps are done, if it is time to.
  package mutating func report(step: Int, total: Int?, message: String) {
    guard let token, step >= lastStep else { return }
    let now = clock()
    if let lastSent {
      let silence = lastSent.duration(to: now)
      guard silence >= (step > lastStep ? Self.spacing : Self.heartbeat) else { return }
    }
    beats = step > lastStep ? 0 : beats + 1
    lastStep = step
    lastSent = now
    // A sign of life must increase the value too: it nears the next step without reaching it.
    let fraction = Double(beats) / Double(beats + 1)
    var params: JSONObject = [
      "progressToken": token,
      "progress": beats == 0 ? .int(Int64(step)) : .double(Double(step) + fraction),
      "message": .string(message),
    ]
    if let total, total > step { params["total"] = .int(Int64(total)) }
    handle.notify(OutboundMessage.notification("notifications/progress", params))
  }
}
