import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import CobreRuns
import Foundation
import Testing

/// Tools that read what a run has found.
@Suite struct ResultToolsTests {
  /// A server with one run of the case `case`.
  private func server(_ adjust: (String) throws -> Void = { _ in }) throws -> (ServerFixture, String) {
    var id = ""
    let server = try ServerFixture(worker: ServerFixture.builtWorker) { root in
      try adjust(root)
      id = try StoredRun(in: root + "/runs", caseDirectory: root + "/allowed/case").id
    }
    return (server, id)
  }

  private static let reading: [(tool: String, arguments: JSONObject)] = [
    ("describe_results", [:]), ("describe_results", ["table": "cut"]),
    ("query_results", ["sql": "SELECT * FROM simulation_statistics", "limit": 2000]),
    ("convergence", [:]), ("inspect_policy", [:]), ("inspect_policy", ["share": 0.5, "stage": 3]),
    ("status", [:]), ("list_runs", [:]), ("diagnose_run", [:]),
    ("explain_price", ["stage": 3]), ("explain_cost", [:]), ("explain_violation", ["scenarios": 4]),
  ]

  @Test func answersSayTheSameInBothFormsAndStaySmall() throws {
    let (server, id) = try server()
    for (tool, arguments) in Self.reading {
      let result = server.call(tool, arguments)
      let text = result["content"]?.array?.first?["text"]?.string ?? ""
      #expect(result["isError"] == false, "\(tool): \(text)")
      #expect(try JSONParser.parse(text) == result["structuredContent"], "\(tool)")
      let limit = tool == "describe_results" ? 6144 : 8192
      #expect(text.utf8.count <= limit, "\(tool): \(text.utf8.count) bytes")
      if tool != "list_runs" { #expect(result["structuredContent"]?["run_id"] == .string(id)) }
    }
    let large = server.structured(
      "query_results", ["sql": "SELECT * FROM simulation_statistics", "limit": 2000, "max_bytes": 100_000])
    #expect((large["row_count"]?.int ?? 0) > 100)
  }

  @Test func withoutARunEveryToolSaysWhatToDo() throws {
    let server = try ServerFixture()
    for (tool, arguments) in Self.reading where tool != "status" && tool != "list_runs" {
      #expect(server.errorText(tool, arguments).contains("Call train"), "\(tool)")
      var named = arguments
      named["run_id"] = "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"
      #expect(server.errorText(tool, named).contains("list_runs"), "\(tool)")
    }
    #expect(server.errorText("plot", ["kind": "storage"]).contains("Call train"))
  }

  @Test func aRunThatHasNotBegunHasNoResults() throws {
    let server = try ServerFixture(worker: ServerFixture.builtWorker) { root in
      _ = try StoredRun(in: root + "/runs", caseDirectory: root + "/allowed/case", iterations: 0)
    }
    #expect(server.structured("convergence")["convergence"]?["iterations"] == 0)
    #expect(server.structured("inspect_policy")["next"]?.string?.contains("no cuts yet") == true)
    #expect(server.structured("describe_results")["next"]?.string?.contains("no simulation yet") == true)
    #expect(server.structured("query_results", ["sql": "SELECT * FROM cut"])["rows"] == [])
    #expect(server.errorText("plot", ["kind": "convergence"]).contains("no iteration yet"))
    #expect(server.errorText("plot", ["kind": "generation"]).contains("no simulation yet"))
    let scenarios: JSONObject = ["run_id": server.structured("status")["run_id"] ?? .null, "scenarios": 3]
    #expect(server.errorText("simulate", scenarios).contains("when it has ended"))
  }

  @Test func theFirstAndTheLastIterationAreAlwaysThere() throws {
    let server = try ServerFixture(worker: ServerFixture.builtWorker) { root in
      _ = try StoredRun(
        in: root + "/runs", template: .singleHydro, caseDirectory: root + "/allowed/case", iterations: 9, scenarios: 0)
    }
    for points in 2...9 {
      let table = server.structured("convergence", ["points": .int(Int64(points))])["convergence"]
      let iterations = table?["rows"]?.array?.compactMap { $0.array?.first?.int } ?? []
      #expect(iterations.count == points && iterations.first == 1 && iterations.last == 9)
      #expect(iterations == iterations.sorted() && Set(iterations).count == points)
      #expect(table?["iterations"] == 9)
    }
    #expect(server.structured("convergence", ["since_iteration": 7])["convergence"]?["rows"]?.array?.count == 2)
    // Nine iterations have no tenth.
    #expect(server.structured("convergence")["last_gain"]?.isNull == true)
  }

  @Test func theLastGainIsTheRiseOverATenth() throws {
    let server = try ServerFixture(worker: ServerFixture.builtWorker) { root in
      _ = try StoredRun(
        in: root + "/runs", template: .cascade, caseDirectory: root + "/allowed/case", iterations: 20, scenarios: 0)
    }
    let full = server.structured("convergence")
    let bounds = full["convergence"]?["rows"]?.array?.compactMap { $0.array?[1].number } ?? []
    let gain = (bounds[19] - bounds[17]) / max(1, abs(bounds[19]))
    // However few rows are shown.
    #expect(full["last_gain"]?.number == gain)
    #expect(server.structured("convergence", ["points": 2])["last_gain"]?.number == gain)
  }

  /// The cost to go is the largest cut, worked out here from the cuts as stored.
  ///
  /// The value of water its slope.
  @Test func thePolicyIsWhatItsCutsSay() throws {
    let (server, id) = try server()
    let store = try RunStore.openForReading(server.runsDirectory + "/\(id)/run.sqlite")
    let storages = [11: 900.0, 12: 300, 21: 2000, 31: 4000, 32: 100, 33: 500, 41: 1000]
    var state: JSONObject = [:]
    let view = server.structured("inspect_policy", ["share": 0.25, "stage": 2])
    let rows = try #require(view["water_values"]?["rows"]?.array)
    for row in rows { #expect(abs((row[3]?.number ?? 0) - 0.25) < 1e-12) }
    let ids = rows.compactMap { $0[0]?.int }
    for (position, plant) in ids.enumerated() {
      state[String(plant)] = .double(storages[plant] ?? Double(100 * (position + 1)))
    }
    let values = ids.map { state[String($0)]?.number ?? 0 }
    var largest = -Double.infinity
    var slopes: [Double] = []
    try store.visitCuts(stage: 2) { cut in
      let height = zip(cut.slopes, values).reduce(cut.intercept) { $0 + $1.0 * $1.1 }
      if height > largest { (largest, slopes) = (height, cut.slopes) }
      return true
    }
    let found = server.structured("inspect_policy", ["state": .object(state), "stage": 2])
    #expect(abs((found["cost_to_go"]?.number ?? 0) - largest) <= 1e-9 * abs(largest))
    let waters = found["water_values"]?["rows"]?.array?.compactMap { $0[4]?.number } ?? []
    #expect(waters.count == ids.count && zip(waters, slopes).allSatisfy { $0 == -$1 })
    // More water never makes the future dearer.
    let (empty, full) = (
      server.structured("inspect_policy", ["share": 0])["cost_to_go"]?.number ?? 0,
      server.structured("inspect_policy", ["share": 1])["cost_to_go"]?.number ?? 0
    )
    #expect(empty > full)
    #expect(found["case_changed"] == false)
    let end = server.structured(
      "inspect_policy", ["stage": .int(Int64((found["stages"]?["rows"]?.array?.count ?? 1) - 1))])
    #expect(end["next"]?.string?.contains("no cuts after this stage") == true)
    #expect(server.errorText("inspect_policy", ["stage": 99]).contains("from 0 to"))
    #expect(server.errorText("inspect_policy", ["state": ["x": 1]]).contains("storage["))
  }

  @Test func aReportIsOneFileThatNeedsNoNetwork() throws {
    let (server, id) = try server()
    let path = server.allowed + "/reports/run.html"
    let answer = server.structured("report", ["run_ids": [.string(id)], "file": .string(path)])
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(answer["file"] == .string(path) && answer["bytes"]?.int == page.utf8.count)
    #expect(!page.contains("http://") || page.components(separatedBy: "http://").count == 2)
    #expect(page.components(separatedBy: "<script").count == 3 && page.contains("default-src 'none'"))
    for word in ["Convergence", "Storages", "Prices", "Water values", "Diagnosis", "Settings and origin"] {
      #expect(page.contains(word), "\(word)")
    }
    // The data are JSON that no name of a case can end.
    let start = try #require(page.range(of: "id=\"data\">")).upperBound
    let end = try #require(page.range(of: "</script>", range: start..<page.endIndex)).lowerBound
    let data = try JSONParser.parse(String(page[start..<end]))
    #expect((data["sections"]?.array?.count ?? 0) >= 9)
    #expect(
      server.errorText("report", ["run_ids": [.string(id)], "file": .string(path)]).contains("nothing is overwritten"))
    #expect(server.errorText("report", ["run_ids": [.string(id)], "file": "a.txt"]).contains(".html"))
    #expect(
      server.errorText("report", ["run_ids": [.string(id)], "file": "/nowhere/x.html"]).contains("must lie under"))
  }

  /// The page by address is that of the file; hosts that show apps get one that reads its data from the server.
  @Test func aReportIsAResourceAndAnAppToo() throws {
    let (server, id) = try server()
    let answer = server.structured("report", ["run_ids": [.string(id)]])
    #expect(answer["file"] == nil && answer["resource"] == .string("cobre://reports/\(id)"))
    func read(_ uri: String) -> JSONValue {
      server.request("resources/read", ["uri": .string(uri)])["result"]?["contents"]?.array?.first ?? .null
    }
    let page = read("cobre://reports/\(id)")
    #expect(page["mimeType"] == "text/html" && page["text"]?.string?.contains("<!DOCTYPE html>") == true)
    let data = try JSONParser.parse(read("cobre://reports/\(id)/data")["text"]?.string ?? "")
    #expect((data["sections"]?.array?.count ?? 0) >= 9)
    let app = read("ui://cobre/report")
    #expect(app["mimeType"] == "text/html;profile=mcp-app" && app["_meta"]?["ui"] != nil)
    #expect(app["text"]?.string?.contains("ui/initialize") == true)
    for uri in ["cobre://reports/", "cobre://reports/\(id),\(id)", "cobre://reports/../x", "ui://cobre/other"] {
      #expect(read(uri).isNull, "\(uri)")
    }
  }

  /// The tool names its page to clients that show pages, and to no other.
  @Test func onlyHostsThatShowPagesHearOfThem() throws {
    let server = try ServerFixture()
    func page() -> JSONValue? {
      let tools = server.request("tools/list")["result"]?["tools"]?.array ?? []
      return tools.first { $0["name"] == "report" }?["_meta"]?["ui"]?["resourceUri"]
    }
    #expect(page() == nil)
    func initialize(_ types: JSONValue) {
      _ = server.request(
        "initialize",
        [
          "protocolVersion": "2025-11-25", "clientInfo": ["name": "x", "version": "1"],
          "capabilities": ["extensions": ["io.modelcontextprotocol/ui": ["mimeTypes": types]]],
        ])
    }
    initialize(["text/html;profile=mcp-app"])
    #expect(page() == "ui://cobre/report")
    initialize(["text/other"])
    #expect(page() == nil)
  }

  @Test func aRunIsDiagnosedFromItsRecords() throws {
    let (server, id) = try server()
    let found = server.structured("diagnose_run")
    #expect(found["run_id"] == .string(id))
    let store = try RunStore.openForReading(server.runsDirectory + "/\(id)/run.sqlite")
    let rows = try store.convergence(since: 0)
    let forward = rows.reduce(0) { $0 + $1.forwardSeconds }
    #expect(abs((found["time"]?["forward_seconds"]?.number ?? -1) - forward) < 1e-3)
    #expect(found["lps"]?["solved"]?.int == rows.reduce(0) { $0 + $1.solves })
    // Three iterations of two passes leave six cuts after each of the stages but the last.
    #expect(found["cuts"]?["most_of_a_stage"] == 6 && found["cuts"]?["fewest_of_a_stage"] == 6)
    #expect(found["converged"]?.string?.contains("fewer than ten iterations") == true)
    #expect((found["options"]?.array?.count ?? 9) <= 2)
    #expect((found["lps"]?["largest_coefficient"]?.number ?? 0) > 1)
  }

  @Test func aCaseThatHasChangedIsToldOf() throws {
    let (server, id) = try server()
    let path = server.allowed + "/case/config.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try (text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    #expect(server.structured("inspect_policy")["case_changed"] == true)
    try FileManager.default.removeItem(atPath: path)
    #expect(server.errorText("inspect_policy").contains("cannot be read any more"))
    #expect(server.structured("convergence")["run_id"] == .string(id))
  }

  @Test func runsAreComparedByWhatDiffers() throws {
    var ids: [String] = []
    let server = try ServerFixture(worker: ServerFixture.builtWorker) { root in
      for (name, iterations) in [("a", 2), ("a", 3), ("b", 2)] {
        let template: CaseTemplate = name == "a" ? .singleHydro : .cascade
        ids.append(
          try StoredRun(
            in: root + "/runs", template: template, caseDirectory: root + "/allowed/\(name)", iterations: iterations,
            scenarios: 2
          ).id)
      }
    }
    func compare(_ positions: [Int]) -> JSONValue {
      server.structured("compare_runs", ["run_ids": .array(positions.map { .string(ids[$0]) })])
    }
    let same = compare([0, 1])
    #expect(same["same_case"] == true)
    #expect(same["differences"] == ["iterations": [2, 3]])
    #expect(same["runs"]?.array?.map { $0["run_id"] } == [.string(ids[0]), .string(ids[1])])
    #expect(same["runs"]?[0]?["lower_bound"] == server.structured("status", ["run_id": .string(ids[0])])["lower_bound"])
    // One more iteration on the same scenarios: the interval is that of the paired differences.
    let costs = same["results"]?[0]?["rows"]?.array?.first?.array
    #expect(costs?[3] == "cost, mean")
    #expect(costs?[6].number == same["runs"]?[0]?["mean_cost"]?.number)
    #expect(costs?[7].number == same["runs"]?[1]?["mean_cost"]?.number)
    #expect(same["results"]?[0]?["common_noise"] == true)
    let other = compare([2, 0])
    #expect(other["same_case"] == false)
    #expect(other["differences"]?.object?.keys == ["case_dir"])
    #expect(other["case_differences"]?[0]?["rows"]?.array?.isEmpty == false)
    #expect(server.errorText("compare_runs", ["run_ids": [.string(ids[0])]]).contains("2 to 10"))
    #expect(server.errorText("compare_runs", ["run_ids": [.string(ids[0]), .string(ids[0])]]).contains("twice"))
    #expect(server.errorText("compare_runs", ["run_ids": [.string(ids[0]), "x"]]).contains("run_"))
  }
}

extension JSONValue {
  fileprivate subscript(index: Int) -> JSONValue? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }
}
