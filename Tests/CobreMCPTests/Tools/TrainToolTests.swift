import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@testable import CobreRuns

@Suite struct TrainToolTests {
  /// What the call says about trajectories that walk together reaches the training, before what the case says.
  @Test(arguments: [(sent: 2, applied: 2), (0, nil), (nil, 3)] as [(sent: Int64?, applied: Int?)])
  func passesTogetherReachTheTraining(sent: Int64?, applied: Int?) throws {
    let server = try ServerFixture()
    let directory = server.allowed + "/one"
    _ = try CaseTemplate.singleHydro.write(to: directory)
    var study = try CaseInput(RunRequest(caseDirectory: directory), bounds: .anywhere).study
    study.configuration.training.passesTogether = 3
    var given: JSONObject = [:]
    given["passes_together"] = sent.map { .int($0) }
    let request = TrainTool.request(directory, try Arguments(given, parameters: TrainTool.request))
    let settings = RunSettings(request, configuration: study.configuration)
    #expect(settings.options(for: study).passesTogether == applied)
  }

  @Test func passesTogetherAreListedAndChecked() throws {
    let server = try ServerFixture(toolsets: "default")
    let tools = server.request("tools/list")["result"]?["tools"]?.array ?? []
    let train = try #require(tools.first { $0["name"] == "train" })
    #expect(train["inputSchema"]?["properties"]?["passes_together"]?["type"] == "integer")
    let directory = server.allowed + "/one"
    _ = try CaseTemplate.singleHydro.write(to: directory)
    let refused = server.errorText("train", ["case_dir": .string(directory), "passes_together": 100_001])
    #expect(refused.contains("passes_together") && refused.contains("0 to 100000"), "\(refused)")
    // The worker is missing here, so the run is made and fails.
    let run = server.structured(
      "train", ["case_dir": .string(directory), "passes_together": 2, "wait_seconds": 0, "backend": "local"])
    #expect(run["run_id"]?.string != nil)
  }
}
