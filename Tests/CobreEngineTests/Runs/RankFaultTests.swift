import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct RankFaultTests {
  @Test(arguments: ["9:1:backward:2", "19:0:start:0"]) func faultsThatCount(text: String) {
    #expect(RankFault(text) != nil)
  }

  @Test(arguments: [
    "", "9", "9:1:backward", "9:1:backward:2:3", "15:1:backward:2", "9:x:backward:2", "9:1:nowhere:2", "9:1:backward:",
    "99999999999999999999:1:backward:2", "9:1:backward:2 ",
  ])
  func everythingElseDoesNot(text: String) {
    #expect(RankFault(text) == nil)
  }

  @Test func placesAreSentences() {
    let place = RankStatus(pid: 1, part: .backward, iteration: 3, stage: 5)
    #expect(place.words == "in the backward pass of iteration 3 at stage 5")
    #expect(RankStatus(pid: 1, part: .forward, iteration: 3).words == "in the forward pass of iteration 3")
  }
}
