import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct PolicyValueTests {
  /// Three cuts over two components: 100 − 2a − b, 60 − a, 40.
  private let pool = Policy.Pool(intercepts: [100, 60, 40], slopes: [-2, -1, -1, 0, 0, 0])

  @Test func theLargestCutDecides() throws {
    let low = try #require(pool.value(at: [5, 10], measure: .expectation))
    #expect(low == .init(cost: 80, slopes: [-2, -1], cuts: [0]))
    let middle = try #require(pool.value(at: [15, 40], measure: .expectation))
    #expect(middle == .init(cost: 45, slopes: [-1, 0], cuts: [1]))
    let high = try #require(pool.value(at: [50, 0], measure: .expectation))
    #expect(high == .init(cost: 40, slopes: [0, 0], cuts: [2]))
  }

  @Test func cutsThatAreOutOfUseDoNotCount() throws {
    var pool = pool
    pool.inactive = [0, 7]
    #expect(pool.value(at: [5, 10], measure: .expectation)?.cost == 55)
    pool.inactive = [0, 1, 2]
    #expect(pool.value(at: [5, 10], measure: .expectation) == nil)
  }

  /// Outcomes of probability 0.25 and 0.75 whose largest cuts at 10 are 30 and 50.
  @Test func cutsByOutcomeAreWeightedAsTheMeasureSays() throws {
    let pool = Policy.Pool(intercepts: [40, 70, 20, 10], slopes: [-1, -2, 0, 0], groups: 2)
    let mean = try #require(pool.value(at: [10], probabilities: [0.25, 0.75], measure: .expectation))
    #expect(mean == .init(cost: 0.25 * 30 + 0.75 * 50, slopes: [-1.75], cuts: [0, 1]))
    // The worst half is within the second outcome.
    let worst = try #require(
      pool.value(at: [10], probabilities: [0.25, 0.75], measure: .cvar(alpha: 0.5, lambda: 1)))
    #expect(worst == .init(cost: 50, slopes: [-2], cuts: [0, 1]))
  }

  /// At 80 and 0 the cuts give −60, −20 and 40.
  ///
  /// Without the third one the future still costs at least −5, whatever the state. With outcomes of 0.25 and 0.75 at 40
  /// the largest cuts are −10 and 20, of which the first counts as −4.
  @Test func theFutureCostsAtLeastItsFloor() throws {
    var pool = pool
    #expect(pool.value(at: [80, 0], measure: .expectation) { -5 }?.cost == 40)
    pool.inactive = [2]
    #expect(pool.value(at: [80, 0], measure: .expectation) { -5 } == .init(cost: -5, slopes: [0, 0], cuts: []))
    #expect(pool.value(at: [80, 0], measure: .expectation) { -50 } == .init(cost: -20, slopes: [-1, 0], cuts: [1]))
    let split = Policy.Pool(intercepts: [40, 70, 20, 20], slopes: [-1.25, -2, -1, 0], groups: 2)
    let mean = split.value(at: [40], probabilities: [0.25, 0.75], measure: .expectation) { -4 }
    #expect(mean == .init(cost: 14, slopes: [0], cuts: [3]))
  }

  @Test func numbersThatDoNotFitGiveNothing() {
    #expect(pool.value(at: [1], measure: .expectation) == nil)
    #expect(Policy.Pool().value(at: [1], measure: .expectation) == nil)
    let pool = Policy.Pool(intercepts: [1, 2], slopes: [0, 0], groups: 2)
    #expect(pool.value(at: [1], probabilities: [1], measure: .expectation) == nil)
  }
}
