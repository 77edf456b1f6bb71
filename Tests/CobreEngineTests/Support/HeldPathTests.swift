import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

struct HeldPathTests {
  @Test func `a place knows whether something else of this process has it open`() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] { try Data(name.utf8).write(to: URL(filePath: directory.path + "/" + name)) }
    var states: [Bool] = []
    let place = try HeldPath(directory.path + "/a")
    states.append(place.isOpen)
    let other = try HeldPath(directory.path + "/b").openForReading()
    states.append(place.isOpen)
    let descriptor = try place.openForReading()
    states.append(place.isOpen)
    close(descriptor)
    close(other)
    states.append(place.isOpen)
    #expect(states == [false, false, true, false])
  }
}
