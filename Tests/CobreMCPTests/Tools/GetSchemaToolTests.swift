import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@Suite struct GetSchemaToolTests {
  @Test func allFilesAreListedAndEachHasASchemaThatFits() throws {
    let server = try ServerFixture()
    let files = try #require(server.structured("get_schema")["files"]?.array)
    #expect(files.count == CaseFileName.allCases.count)
    #expect(files.filter { $0["required"] == true }.count == 8)
    for name in CaseFileName.allCases {
      let result = server.call("get_schema", ["file": .string(name.path)])
      let schema = result["structuredContent"]?["schema"]
      #expect(schema?["title"]?.string == name.path)
      #expect((schema?["columns"] ?? schema?["properties"]) != nil)
      #expect((result["content"]?.array?.first?["text"]?.string?.utf8.count ?? .max) < 8192, "\(name.path)")
    }
  }

  @Test func partsAreGivenInFull() throws {
    let server = try ServerFixture()
    let part = server.structured("get_schema", ["file": "config.json", "part": "training.stopping_rules"])
    #expect(part["reduced"] == false)
    #expect(part["schema"]?["type"] == "array")
    #expect(part["schema"]?.text().contains("bound_stalling") == true)
    let reservoir = server.structured("get_schema", ["file": "system/hydros.json", "part": "hydros.reservoir"])
    #expect(reservoir["schema"]?["properties"]?["max_storage_hm3"] != nil)
    let wrong = server.errorText("get_schema", ["file": "config.json", "part": "trainin"])
    #expect(wrong.contains("training") && wrong.contains("simulation"))
  }

  @Test func documentationNamesEveryColumnAndKey() throws {
    let server = try ServerFixture()
    let table = server.structured(
      "get_schema", ["file": "scenarios/inflow_seasonal_stats.csv", "form": "documentation"])
    for column in ["hydro_id", "stage_id", "mean_m3s", "std_m3s"] {
      #expect(table["documentation"]?.string?.contains("| `\(column)` |") == true)
    }
    let stages = server.structured("get_schema", ["file": "stages.json", "form": "documentation"])
    for key in ["stages[].blocks[].hours", "policy_graph.annual_discount_rate", "season_definitions.seasons[].label"] {
      #expect(stages["documentation"]?.string?.contains("| `\(key)` |") == true, "\(key)")
    }
    #expect(
      server.structured("get_schema", ["form": "documentation"])["documentation"]?.string?.contains("hm3") == true)
  }

  @Test func theFormatOfNovomodeloIsDescribedToo() throws {
    let server = try ServerFixture()
    let listed = server.structured("get_schema", ["format": "novomodelo"])
    let files = try #require(listed["files"]?.array)
    #expect(listed["format"] == "novomodelo" && files.count == NovomodeloFile.allCases.count)
    #expect(files.contains { $0["file"] == "system/tailrace_curves.parquet" && $0["required"] == false })
    for file in NovomodeloFile.allCases {
      let result = server.call("get_schema", ["format": "novomodelo", "file": .string(file.path)])
      let schema = result["structuredContent"]?["schema"]
      #expect(schema?["title"]?.string == file.path)
      #expect((schema?["columns"] ?? schema?["properties"]) != nil)
      #expect((result["content"]?.array?.first?["text"]?.string?.utf8.count ?? .max) < 8192, "\(file.path)")
    }
    let groups = server.structured(
      "get_schema", ["format": "novomodelo", "file": "system/hydros.json", "part": "hydros.unit_groups"])
    #expect(groups["schema"]?.text().contains("max_turbined_m3s") == true)
    let table = server.structured(
      "get_schema",
      ["format": "novomodelo", "file": "constraints/hydro_bounds.parquet", "form": "documentation"])
    #expect(table["documentation"]?.string?.contains("| `water_withdrawal_m3s` |") == true)
    let overview = server.structured("get_schema", ["format": "novomodelo", "form": "documentation"])
    #expect(overview["documentation"]?.string?.contains("ZSTD") == true)
    // Cobre's own format has no such file, and says where it belongs.
    let wrong = server.errorText("get_schema", ["file": "system/tailrace_curves.parquet"])
    #expect(wrong.contains("\"novomodelo\""))
  }
}
