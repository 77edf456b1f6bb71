import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Synchronization
import Testing

@Suite struct ProgressReporterTests {
  /// Steps reported at moments, in seconds.
  ///
  /// Gives the values that were sent.
  private static func sent(token: JSONValue?, _ reports: [(seconds: Double, step: Int)]) -> [JSONValue] {
    let messages = Mutex<[JSONValue]>([])
    let handle = CallHandle(
      path: .direct(Outlet { message in messages.withLock { $0.append(message) } }), onRelease: {}, onEnd: {})
    let start = ContinuousClock.now
    let now = Mutex(start)
    var reporter = ProgressReporter(token: token, handle: handle) { now.withLock { $0 } }
    for report in reports {
      now.withLock { $0 = start + .seconds(report.seconds) }
      reporter.report(step: report.step, total: 100, message: "run r")
    }
    handle.reply("done")
    reporter.report(step: 99, total: 100, message: "too late")
    return messages.withLock { $0 }.dropLast().map { $0 }
  }

  @Test func valuesIncreaseStrictlyAndAreSpaced() {
    let messages = Self.sent(
      token: 16,
      [
        (0, 0), (0.1, 1), (0.5, 2), (1.2, 3), (2, 3), (5, 3), (11.5, 3), (12, 2), (22, 3), (22.1, 4), (23.1, 4),
        (23.2, 5),
      ])
    let values = messages.compactMap { $0["params"]?["progress"]?.number }
    #expect(values.count == messages.count)
    #expect(values.count == 5)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
    #expect(
      values.map { $0.rounded(.down) } == [0, 3, 3, 3, 4] || values.map { $0.rounded(.down) } == [0, 3, 3, 3, 5])
    #expect(messages.allSatisfy { $0["params"]?["progressToken"] == 16 })
    #expect(messages.allSatisfy { $0["params"]?["total"] == 100 })
  }

  @Test func withoutATokenNothingIsSent() {
    #expect(Self.sent(token: nil, [(0, 0), (5, 1)]) == [])
  }
}
