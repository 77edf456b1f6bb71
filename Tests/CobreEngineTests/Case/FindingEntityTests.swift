import CobreBase
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite("Elements of findings") struct FindingEntityTests {
  private func entity(_ code: Int, _ edit: @escaping @Sendable (inout CaseDraft) -> Void) -> Finding.Entity? {
    BrokenCase("", code, "", base: .valley, edit).read().findings.first { $0.code == code }?.entity
  }

  @Test("rows of tables and entries of lists are about the element whose id they hold, with its name")
  func rowsAndEntries() {
    let east = Finding.Entity(kind: "bus", id: 4, name: "EAST")
    let upper = Finding.Entity(kind: "hydro", id: 2, name: "UPPER")
    // A word in place of a number, a number that is none, an unknown stage.
    #expect(entity(203) { $0.replace(F.loadStats, "4,1,28.0,0.0", "4,1,x,0.0") } == east)
    #expect(entity(204) { $0.replace(F.inflowStats, "2,1,35.0,7.5", "2,1,nan,7.5") } == upper)
    #expect(entity(307) { $0.replace(F.loadStats, "4,1,28.0,0.0", "4,9,28.0,0.0") } == east)
    #expect(entity(207) { $0.replace(F.loadStats, "4,1,28.0,0.0", "4,0,28.0,0.0") } == east)
    #expect(
      entity(308) { $0.set(F.loadFactors, "load_factors[0].block_factors[0].block_id", 2) }?.kind == "bus")
    #expect(entity(205) { $0.set(F.loadFactors, "load_factors[0].stage_id", .null) }?.id == 1)
  }

  @Test("what is about no element says none")
  func noElement() {
    #expect(entity(203) { $0.set(F.config, "training.forward_passes", "x") } == nil)
  }

  @Test("of a missing directory the neighbours are named, where they may be seen")
  func neighbours() throws {
    let directory = try TemporaryDirectory()
    for name in ["north", "south"] {
      try FileManager.default.createDirectory(atPath: directory.path + "/" + name, withIntermediateDirectories: true)
    }
    let open = CaseReader.read(directory: directory.path + "/nroth")
    #expect(open.findings.first?.message.contains("there are north, south. Did you mean north?") == true)
    let closed = CaseReader.read(directory: directory.path + "/nroth", bounds: CaseBounds(under: ["/nowhere"]))
    #expect(closed.findings.first?.message == "The case directory does not exist.")
  }
}
