import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import CobreRuns
import Foundation
import Testing

@testable import CobreMCP

/// Tools that draw, write files or start simulations.
@Suite struct ResultFilesTests {
  private func server(
    readOnly: Bool = false, detail: SimulationDetail = .statistics, _ adjust: (String) throws -> Void = { _ in }
  ) throws -> (ServerFixture, String) {
    var id = ""
    let server = try ServerFixture(readOnly: readOnly) { root in
      try adjust(root)
      id = try StoredRun(in: root + "/runs", caseDirectory: root + "/allowed/case", detail: detail).id
    }
    return (server, id)
  }

  @Test func plotsAreImagesWithALineOfTextAndNothingElse() throws {
    let (server, id) = try server(detail: .stages)
    // The case has no battery.
    #expect(server.errorText("plot", ["kind": "battery"]).contains("no battery"))
    for kind in RunChart.Kind.allCases where kind != .battery {
      let result = server.call("plot", ["kind": .string(kind.rawValue)])
      #expect(result["isError"] == false && result["structuredContent"] == nil, "\(kind)")
      let content = try #require(result["content"]?.array)
      #expect(content.map { $0["type"] } == ["text", "image"])
      #expect(content[0]["text"]?.string?.contains(id) == true)
      #expect(content[1]["mimeType"] == "image/png")
      let image = try #require(Data(base64Encoded: content[1]["data"]?.string ?? ""))
      #expect(image.starts(with: [0x89, 0x50, 0x4E, 0x47]) && image.count < 300_000)
    }
  }

  @Test func chartsOfSingleValuesAskForThem() throws {
    let (server, _) = try server()
    for kind in ["spaghetti", "price_duration"] {
      #expect(server.errorText("plot", ["kind": .string(kind)]).contains("detail \"stages\""), "\(kind)")
    }
    #expect(server.errorText("plot", ["kind": "value_function", "stage": 99]).contains("from 0 to"))
    #expect(server.errorText("plot", ["kind": "value_function", "id": 999]).contains("no hydro plant 999"))
  }

  /// The document has the numbers of the database, by month.
  @Test func aChartIsADocumentOfVegaLiteToo() throws {
    let (server, id) = try server()
    let file = server.allowed + "/storage.vl.json"
    _ = server.structured("save_plot", ["kind": "storage", "file": .string(file)])
    let document = try JSONParser.parse(String(contentsOfFile: file, encoding: .utf8))
    let layers = document["layer"]?.array ?? []
    let mean = try #require(layers.first { $0["description"] == "mean" })
    let values = mean["data"]?["values"]?.array ?? []
    let store = try RunStore.openForReading(server.runsDirectory + "/\(id)/run.sqlite")
    let stored = try store.means(kind: "hydro", name: "storage")
    let shown: [Double] = values.compactMap { $0["value"]?.number }
    let own = Dictionary(grouping: stored, by: \.entity).values.map { rows in rows.compactMap(\.mean) }
    #expect(own.contains(shown))
    let months: [String] = values.compactMap { $0["x"]?.string }
    #expect(months.count == shown.count)
    #expect(months.allSatisfy { $0.count == 7 })
    #expect(layers.contains { $0["description"] == "least and largest" })
  }

  /// Each run has its leading lines and its band; limits are there once.
  @Test func runsAreDrawnOnTopOfEachOther() throws {
    var other = ""
    let (server, id) = try server(detail: .stages) { root in
      other = try StoredRun(
        in: root + "/runs", caseDirectory: root + "/allowed/case", iterations: 5, detail: .stages
      ).id
    }
    for (kind, lines, bands) in [
      ("storage", 2, 2), ("convergence", 4, 2), ("price_duration", 2, 0), ("value_function", 2, 0), ("spaghetti", 2, 0),
    ] {
      let file = "\(server.allowed)/\(kind).vl.json"
      let saved = server.structured(
        "save_plot",
        ["kind": .string(kind), "run_id": .string(id), "overlay": [.string(other)], "file": .string(file)])
      #expect(saved["description"]?.string?.contains(other) == true, "\(kind)")
      let document = try JSONParser.parse(String(contentsOfFile: file, encoding: .utf8))
      let names = (document["layer"]?.array ?? []).compactMap { $0["description"]?.string }
      let own = names.filter { $0.contains(", run_") }
      #expect(own.count == lines + bands, "\(kind): \(names)")
      #expect(own.count { $0.hasSuffix(", \(other.prefix(24))") } == (lines + bands) / 2, "\(kind): \(names)")
      #expect(names.contains("least and largest") == (kind == "storage"), "\(kind): \(names)")
    }
    let refused = server.errorText("plot", ["kind": "generation", "overlay": [.string(other)]])
    #expect(refused.contains("by `id`"))
    #expect(server.errorText("plot", ["kind": "storage", "overlay": ["nobody"]]).contains("No run has"))
  }

  /// Half the weight is at 10 and more, nine tenths at 5 and more.
  @Test func durationsCountHours() {
    let curve = RunChart.duration([(5, 400), (20, 100), (1, 100), (10, 400)])
    #expect(curve.count == 101)
    #expect(curve[0] == 20 && curve[10] == 20 && curve[11] == 10)
    #expect(curve[50] == 10 && curve[51] == 5)
    #expect(curve[90] == 5 && curve[91] == 1 && curve[100] == 1)
    #expect(RunChart.duration([(3, 1)]).allSatisfy { $0 == 3 })
  }

  /// The curve is that of the blocks, each as long as it lasts.
  @Test func priceDurationIsOverTheHoursOfBlocks() throws {
    let (server, id) = try server(detail: .blocks)
    let file = server.allowed + "/prices.vl.json"
    _ = server.structured("save_plot", ["kind": "price_duration", "file": .string(file)])
    let document = try JSONParser.parse(String(contentsOfFile: file, encoding: .utf8))
    let layer = try #require(document["layer"]?.array?.first)
    let shown: [Double] = (layer["data"]?["values"]?.array ?? []).compactMap { $0["value"]?.number }
    let title = try #require(document["title"]?.string)
    let study = try #require(CaseReader.read(directory: server.allowed + "/case").study)
    let bus = try #require(study.buses.first { title.contains("bus \($0.id) ") })
    let store = try RunStore.openForReading(server.runsDirectory + "/\(id)/run.sqlite")
    let values = try store.singleValues(kind: "bus", name: "marginal_cost", entity: bus.id)
    #expect(Set(values.map(\.block)).count == study.stages[0].blocks.count)
    // A price for every hour, sorted; the hours of all stages and scenarios follow each other.
    let hours = values.flatMap { value in
      [Double](repeating: value.value, count: Int(study.stages[value.stage].blocks[max(0, value.block)].hours))
    }.sorted(by: >)
    for percent in [5, 25, 50, 75, 95] {
      #expect(shown[percent] == hours[(hours.count * percent + 99) / 100 - 1], "\(percent) %")
    }
    #expect(shown.first == hours.first && shown.last == hours.last)
    #expect(document["layer"]?.array?.first?["encoding"]?["x"]?["title"]?.string == "share of all hours in %")
  }

  @Test func elementsAreChosenById() throws {
    let (server, _) = try server()
    let plants = server.structured("inspect_policy")["water_values"]?["rows"]?.array ?? []
    let id = try #require(plants.last?.array?.first?.int)
    let plot = server.call("plot", ["kind": "storage", "id": .int(Int64(id))])
    #expect(plot["content"]?.array?.first?["text"]?.string?.contains("hydro plant \(id) ") == true)
    let thermal = server.errorText("plot", ["kind": "generation", "of": "thermal", "id": 999])
    #expect(thermal.contains("no generation of a thermal 999") && thermal.contains("There are"))
  }

  @Test func plotsAreSavedIntoNewFilesUnderAllowedDirectories() throws {
    let (server, _) = try server { root in
      let manager = FileManager.default
      try manager.createDirectory(atPath: root + "/outside", withIntermediateDirectories: true)
      try manager.createSymbolicLink(atPath: root + "/allowed/link", withDestinationPath: "../outside")
      try manager.createSymbolicLink(atPath: root + "/allowed/link.svg", withDestinationPath: "../outside/x.svg")
    }
    let file = server.allowed + "/figures/a b.svg"
    let arguments: JSONObject = ["kind": "storage", "file": .string(file)]
    let result = server.call("save_plot", arguments)
    #expect(result["structuredContent"]?["file"] == .string(file))
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains("<svg") && result["structuredContent"]?["bytes"] == .int(Int64(text.utf8.count)))
    let link = try #require(result["content"]?.array?.last)
    #expect(link["type"] == "resource_link" && link["uri"]?.string?.hasSuffix("/figures/a%20b.svg") == true)
    #expect(server.errorText("save_plot", arguments).contains("Choose another name"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    for path in [
      server.root + "/outside/x.svg", server.allowed + "/link/x.svg", server.allowed + "/../outside/x.svg",
      server.allowed + "/link.svg", "/etc/x.svg", server.allowed + "/x.gif", server.allowed + "/.svg",
      server.allowed + "/a\u{0}.svg", server.allowed + "/case",
    ] {
      #expect(server.errorText("save_plot", ["kind": "storage", "file": .string(path)]) != "", "\(path)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: server.root + "/outside") == [])
  }

  @Test func exportsHoldEveryRowAndAppearWhole() throws {
    let (server, id) = try server(detail: .blocks)
    let directory = server.allowed + "/exports/all"
    let made = server.structured("export_results", ["directory": .string(directory), "format": "both"])
    #expect(made["directory"] == .string(directory), "\(made)")
    let counts = try RunStore.openForReading(server.runsDirectory + "/\(id)/run.sqlite").rowCounts()
    for (file, table) in [
      ("convergence.csv", "convergence"), ("simulation_scenarios.csv", "simulation_scenario"), ("cuts.csv", "cut"),
      ("simulation_statistics.csv", "simulation_statistics"), ("simulation_values.csv", "simulation_value"),
    ] {
      let text = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
      let lines = text.split(separator: "\n")
      #expect(lines.count - 1 == counts[table], "\(file)")
      #expect(Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }).count == 1, "\(file)")
    }
    let header = try String(contentsOfFile: directory + "/cuts.csv", encoding: .utf8).prefix { $0 != "\n" }
    #expect(header.hasPrefix("stage,position,iteration,intercept,storage["))
    #expect(try RunStore.openForReading(directory + "/run.sqlite").rowCounts() == counts)
    #expect(try FileManager.default.contentsOfDirectory(atPath: server.allowed + "/exports") == ["all"])
    // Nothing is left of the copy in the run's directory.
    let own = try FileManager.default.contentsOfDirectory(atPath: server.runsDirectory + "/\(id)")
    #expect(!own.contains { $0.hasSuffix(".part") })

    #expect(server.errorText("export_results", ["directory": .string(directory)]).contains("not empty"))
    let small = server.errorText(
      "export_results", ["directory": .string(server.allowed + "/small"), "format": "sqlite", "max_megabytes": 1])
    // The values of all blocks take more than a megabyte, and where they do not the export is there.
    #expect(small.contains("larger than 1 MB") != FileManager.default.fileExists(atPath: server.allowed + "/small"))
    for path in [server.root + "/outside", "/etc/export", server.allowed + "/../outside", server.allowed + "/a\u{0}b"] {
      #expect(server.errorText("export_results", ["directory": .string(path)]) != "", "\(path)")
      #expect(!FileManager.default.fileExists(atPath: server.root + "/outside"))
    }
  }

  /// The figures themselves are held against the model in Tests/python/test_novomodelo_results.py.
  @Test func tablesOfNovomodeloAreWrittenWholeInFolders() throws {
    let (server, id) = try server(detail: .blocks)
    let directory = server.allowed + "/novomodelo"
    let made = server.structured(
      "export_results", ["directory": .string(directory), "format": "novomodelo"])
    let files = made["files"]?.array ?? []
    let names = files.compactMap { $0["name"]?.string }
    for name in ["costs", "hydros", "thermals", "buses"] {
      #expect(names.contains("simulation/\(name)"), "\(name)")
      let first = "\(directory)/simulation/\(name)/scenario_id=0000/data.parquet"
      #expect(FileManager.default.fileExists(atPath: first))
    }
    #expect(names.contains("training/convergence.parquet") && names.contains("simulation/paths.parquet"))
    for file in files {
      let path = "\(directory)/\(file["name"]?.string ?? "")"
      let folders = try? FileManager.default.contentsOfDirectory(atPath: path)
      let parts = folders?.map { "\(path)/\($0)/data.parquet" } ?? [path]
      let bytes = try parts.reduce(0) { try $0 + Data(contentsOf: URL(filePath: $1)).count }
      #expect(bytes == file["bytes"]?.int)
    }
    let counts = try RunStore.openForReading(server.runsDirectory + "/\(id)/run.sqlite").rowCounts()
    let convergence = files.first { $0["name"] == "training/convergence.parquet" }
    #expect(convergence?["rows"]?.int == counts["convergence"])
    // Without figures by scenario there are the tables of the training and of the case alone.
    let (other, _) = try self.server()
    let without = other.structured(
      "export_results", ["directory": .string(other.allowed + "/x"), "format": "novomodelo"])
    let rest = without["files"]?.array?.compactMap { $0["name"]?.string } ?? []
    #expect(rest.contains("training/convergence.parquet") && !rest.contains { $0.hasPrefix("simulation/") })
  }

  @Test func simulationsAreRefusedWhereTheyCannotBe() throws {
    let (server, id) = try server()
    func text(_ arguments: JSONObject) -> String {
      var all: JSONObject = ["run_id": .string(id), "scenarios": 5, "num_workers": 1, "wait_seconds": 0]
      for (name, value) in arguments.members { all[name] = value }
      return server.errorText("simulate", all)
    }
    #expect(text(["scheme": "historical"]).contains("past inflows"))
    #expect(text(["scheme": "external"]).contains("tables of scenarios"))
    #expect(text(["scheme": "other"]).contains("in_sample"))
    #expect(text(["scenarios": 0]).contains("1 to 1000000"))
    #expect(text(["run_id": "run_aaaaaaaaaaaaaaaaaaaaaaaaaa"]).contains("no run"))
    #expect(text(["case_dir": "/etc"]).contains("must lie under"))
    _ = try CaseTemplate.singleHydro.write(to: server.allowed + "/other")
    #expect(text(["case_dir": .string(server.allowed + "/other")]).contains("other reservoirs"))
    // The worker is missing here, so the run is made and fails.
    let run = server.structured(
      "simulate", ["run_id": .string(id), "scenarios": 5, "wait_seconds": 0, "backend": "local"])
    #expect(run["policy_of"] == .string(id) && run["iteration_limit"] == 0)
    #expect(text(["run_id": run["run_id"] ?? .null]).contains("no policy of its own"))
  }

  @Test func aServerThatOnlyReadsHasTheReadingToolsAlone() throws {
    let (server, id) = try server(readOnly: true)
    for (tool, arguments) in [
      ("simulate", ["run_id": .string(id), "scenarios": 2]), ("export_results", ["directory": "x"]),
      ("save_plot", ["kind": "storage", "file": "x.svg"]),
    ] as [(String, JSONObject)] {
      #expect(server.errorText(tool, arguments).contains("--read-only"), "\(tool)")
    }
    #expect(server.call("plot", ["kind": "storage"])["isError"] == false)
    for tool in ["convergence", "describe_results", "inspect_policy"] {
      #expect(server.structured(tool)["run_id"] == .string(id), "\(tool)")
    }
  }

  @Test(arguments: [
    "convergence", "describe_results", "query_results", "compare_runs", "inspect_policy", "simulate", "plot",
    "save_plot", "export_results", "diagnose_run",
    "explain_price", "explain_cost", "explain_violation", "report",
  ])
  func hostileArgumentsGetASentence(tool: String) throws {
    let server = try ServerFixture()
    let odd: [JSONValue] = [
      .string(String(repeating: "x", count: 20_001)), .string("a\u{0}b"), .string("../../etc/passwd"), -1, 1e300,
      9_223_372_036_854_775_807, [], [:], true, .array(.init(repeating: "x", count: 300)), ["a": .array([1])],
    ]
    let names = [
      "run_id", "sql", "limit", "max_bytes", "points", "run_ids", "state", "share", "stage", "offset", "scenarios",
      "seed",
      "kind", "id", "of", "overlay", "file", "directory", "format", "max_megabytes", "case_dir", "wait_seconds",
      "no_such",
    ]
    for name in names {
      for value in odd {
        let result = server.call(tool, [name: value])
        let text = result["content"]?.array?.first?["text"]?.string ?? ""
        #expect(result["isError"] == true && text.hasSuffix("."), "\(tool) \(name): \(text.prefix(200))")
        #expect(text.utf8.count <= 8192)
      }
    }
  }
}
