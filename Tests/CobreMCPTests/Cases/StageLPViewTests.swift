import CobreEngine
import CobreMCP
import CobreTestSupport
import Testing

/// How big the stage problems of a case are, as a client sees it.
@Suite struct StageLPViewTests {
  @Test func sizesOfAnExample() throws {
    let directory = ReferenceCollection.packageRoot + "/examples/four-areas"
    let study = try #require(CaseReader.read(directory: directory).study)
    let sizes = try #require(StageLPSize.stages(of: study))
    let view = JSONValue.object(CaseView.json(study))["stage_problems"]
    #expect(view?["columns"] == .int(Int64(sizes[0].columns)))
    let stages = view?["by_stage"]?.array ?? []
    #expect(stages.first?["first_stage"] == .int(0))
    #expect(stages.last?["last_stage"] == .int(Int64(sizes.count - 1)))
    for (key, all) in [
      ("smallest_coefficient", sizes.map(\.smallestCoefficient).min()),
      ("largest_coefficient", sizes.map(\.largestCoefficient).max()),
    ] {
      let values = stages.compactMap { $0[key]?.number }
      #expect(values.count == stages.count)
      #expect((key == "smallest_coefficient" ? values.min() : values.max()) == all)
      #expect(view?[key]?.number == all)
    }
    #expect(JSONValue.object(CaseView.json(study))["fitted_planes"] == [])
  }
}
