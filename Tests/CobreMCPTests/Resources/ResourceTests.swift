import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@Suite struct ResourceTests {
  private static let meta: JSONObject = [
    "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": [:],
  ]

  @Test func everyListedResourceCanBeRead() throws {
    let server = try ServerFixture()
    let listed = try #require(server.request("resources/list")["result"]?["resources"]?.array)
    #expect(listed.count > CaseFileName.allCases.count)
    for entry in listed {
      let uri = try #require(entry["uri"])
      let contents = server.request("resources/read", ["uri": uri])["result"]?["contents"]?.array
      #expect(contents?.count == 1)
      #expect(contents?.first?["uri"] == uri)
      #expect(contents?.first?["mimeType"] == entry["mimeType"])
      #expect((contents?.first?["text"]?.string?.utf8.count ?? 0) > 100)
    }
  }

  @Test func schemaResourcesAreTheWholeSchemas() throws {
    let server = try ServerFixture()
    let reply = server.request("resources/read", ["uri": "cobre://schemas/config.json"])
    let text = try #require(reply["result"]?["contents"]?.array?.first?["text"]?.string)
    let schema = try JSONParser.parse(text)
    #expect(schema["title"]?.string == "config.json")
    #expect(schema["additionalProperties"] == .bool(false))
    let training = schema["properties"]?["training"]
    #expect(training?["required"] == ["forward_passes", "stopping_rules"])
    #expect(training?["properties"]?["forward_passes"]?["minimum"] == .int(1))
    #expect(training?["properties"]?["tree_seed"] != nil)
  }

  @Test func filesOfNovomodeloHaveAddressesOfTheirOwn() throws {
    let server = try ServerFixture()
    func text(_ uri: String) throws -> String {
      let reply = server.request("resources/read", ["uri": .string(uri)])
      return try #require(reply["result"]?["contents"]?.array?.first?["text"]?.string)
    }
    for file in NovomodeloFile.allCases {
      let schema = try JSONParser.parse(text("cobre://schemas/novomodelo/\(file.path)"))
      #expect(schema == SchemaDocument.schema(DescribedFile(file)))
      #expect(try text("cobre://documentation/novomodelo-case-format/\(file.path)").hasPrefix("# `\(file.path)`"))
    }
    #expect(try text("cobre://documentation/novomodelo-case-format").contains("tailrace_curves.parquet"))
  }

  @Test(arguments: [
    "cobre://runs/run_aaaaaaaaaaaaaaaaaaaaaaaaaa/summary", "cobre://runs/../../etc/passwd", "cobre://schemas/../x",
    "file:///etc/passwd", "", "cobre://runs/run_aaaaaaaaaaaaaaaaaaaaaaaaaa/secret",
    "cobre://documentation/case-format/", "cobre://schemas/novomodelo/", "cobre://schemas/novomodelo/system/x.csv",
  ])
  func unknownAddressesAreNotFoundInBothEras(uri: String) throws {
    let server = try ServerFixture()
    let legacy = server.request("resources/read", ["uri": .string(uri)])["error"]
    #expect(legacy?["code"] == -32002)
    #expect(legacy?["data"]?["uri"] == .string(uri))
    let modern = server.request("resources/read", ["uri": .string(uri), "_meta": .object(Self.meta)])["error"]
    #expect(modern?["code"] == -32602)
    #expect(modern?["data"]?["uri"] == .string(uri))
  }

  @Test func modernReadsSayHowLongTheyHold() {
    let harness = DispatcherHarness()
    let meta = JSONValue.object(Self.meta).text()
    let read = harness.answer(
      #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"test://static-text","_meta":\#(meta)}}"#)
    #expect(read["result"]?["ttlMs"] == 7)
    #expect(read["result"]?["cacheScope"] == "private")
    #expect(read["result"]?["resultType"] == "complete")
    let listed = harness.answer(
      #"{"jsonrpc":"2.0","id":2,"method":"resources/list","params":{"_meta":\#(meta)}}"#)
    #expect(listed["result"]?["ttlMs"] == 0)
    let missing = harness.answer(#"{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{}}"#)
    #expect(missing["error"]?["code"] == -32602)
    let templates = harness.answer(#"{"jsonrpc":"2.0","id":4,"method":"resources/templates/list"}"#)["result"]
    #expect(templates?["resourceTemplates"]?.array?.count == RunResources.Part.allCases.count)
  }
}
