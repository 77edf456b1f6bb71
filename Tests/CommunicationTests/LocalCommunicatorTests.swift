import CobreCommunication
import Testing

@Suite struct LocalCommunicatorTests {
  @Test func gathersItsOwnContribution() throws {
    let communicator = LocalCommunicator()
    var received = [Double](repeating: 0, count: 3)
    try communicator.allgatherv([1.5, -0.0, .infinity], counts: [3], into: &received)
    #expect(received.map(\.bitPattern) == [1.5, -0.0, .infinity].map(\.bitPattern))
  }

  @Test func staysBrokenAfterAWrongCount() throws {
    let communicator = LocalCommunicator()
    var received = [Double](repeating: 0, count: 3)
    let error = #expect(throws: CommunicationError.self) {
      try communicator.allgatherv([1, 2, 3], counts: [1, 2], into: &received)
    }
    #expect(error?.code == .invalidArgument)
    #expect(throws: CommunicationError.self) { try communicator.barrier() }
  }

  @Test(arguments: [-1, 1, Int.max]) func refusesARootOutside(root: Int) {
    var value = 1.0
    let error = #expect(throws: CommunicationError.self) {
      try LocalCommunicator().broadcast(&value, root: root)
    }
    #expect(error?.code == .invalidArgument)
  }
}

@Suite struct ReductionTests {
  @Test func minimumAndMaximumCarryNaNAndSignedZero() {
    #expect(Reduction.minimum.combine(.nan, 1).isNaN)
    #expect(Reduction.minimum.combine(1, .nan).isNaN)
    #expect(Reduction.maximum.combine(.nan, -.infinity).isNaN)
    #expect(Reduction.minimum.combine(0.0, -0.0).sign == .minus)
    #expect(Reduction.minimum.combine(-0.0, 0.0).sign == .minus)
    #expect(Reduction.maximum.combine(0.0, -0.0).sign == .plus)
    #expect(Reduction.maximum.combine(-0.0, 0.0).sign == .plus)
    #expect(Reduction.minimum.combine(-.infinity, 1) == -.infinity)
    #expect(Reduction.sum.combine(.infinity, -.infinity).isNaN)
  }

  @Test func integersThatOverflowAreReported() {
    #expect(Reduction.sum.combine(Int64.max, 1) == nil)
    #expect(Reduction.sum.combine(Int64.max, -1) == Int64.max - 1)
    #expect(Reduction.minimum.combine(Int64.min, 1) == Int64.min)
    #expect(Reduction.maximum.combine(Int64.min, 1) == 1)
  }
}
