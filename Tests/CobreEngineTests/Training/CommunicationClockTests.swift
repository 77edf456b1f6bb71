import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct CommunicationClockTests {
  @Test func `what a rank stays longer than the last to come it waits`() {
    // Rank 1 is last in the first call, rank 0 in the second, both at once in the third.
    #expect(CommunicationClock.waits([[50, 7, 4], [20, 30, 4]]) == [30, 23])
    #expect(CommunicationClock.waits([[5, 6]]) == [0])
    #expect(CommunicationClock.waits([[], []]) == [0, 0])
  }

  @Test func `stays are taken once, in ns`() {
    var clock = CommunicationClock()
    clock.add(.nanoseconds(3))
    clock.add(.seconds(2) + .nanoseconds(5))
    #expect(clock.takeStays() == [3, 2_000_000_005])
    #expect(clock.takeStays() == [])
  }
}
