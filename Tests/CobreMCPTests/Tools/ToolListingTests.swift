import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@Suite struct ToolListingTests {
  private func listing(_ server: ServerFixture) -> JSONValue { server.request("tools/list")["result"] ?? .null }

  private func names(_ listing: JSONValue) -> [String] {
    listing["tools"]?.array?.compactMap { $0["name"]?.string } ?? []
  }

  /// Hosts put the whole list before a model, with every conversation: the line in the longer era, with the pages that
  /// a client may know, with a long id, and with its end.
  @Test(arguments: [("all", 32 << 10), ("default", 16 << 10)], [false, true])
  func lineIsSmall(size: (toolsets: String, limit: Int), isModern: Bool) throws {
    let server = try ServerFixture(toolsets: size.toolsets)
    let apps: JSONValue = ["extensions": ["io.modelcontextprotocol/ui": ["mimeTypes": ["text/html;profile=mcp-app"]]]]
    if isModern {
      server.send([
        "jsonrpc": "2.0", "id": 2_147_483_647, "method": "tools/list",
        "params": [
          "_meta": [
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": apps,
          ]
        ],
      ])
    } else {
      _ = server.request("initialize", ["protocolVersion": "2025-11-25", "capabilities": apps])
      server.send(["jsonrpc": "2.0", "id": 2_147_483_647, "method": "tools/list"])
    }
    let answer = server.receive()
    #expect(answer["result"]?["tools"]?.array?.isEmpty == false)
    let bytes = answer.serialized().count + 1
    #expect(bytes <= size.limit, "\(size.toolsets): \(bytes) bytes")
    #expect(bytes > size.limit / 4)
  }

  /// Some models' tool interfaces refuse unions, exclusive bounds and bounds that need more than 32 bits.
  @Test func schemasHaveNothingThatModelInterfacesRefuse() throws {
    var faults: [String] = []
    func check(_ value: JSONValue, _ path: String) {
      for (key, inner) in value.object?.members.map({ ($0.key, $0.value) }) ?? [] {
        let place = "\(path).\(key)"
        if ["anyOf", "oneOf", "allOf", "exclusiveMinimum", "exclusiveMaximum", "$ref"].contains(key) {
          faults.append(place)
        }
        if key == "type", inner.array != nil { faults.append(place) }
        if let number = inner.number, abs(number) > 2_147_483_648 { faults.append(place) }
        check(inner, place)
      }
      for (index, inner) in (value.array ?? []).enumerated() { check(inner, "\(path)[\(index)]") }
    }
    let tools = listing(try ServerFixture())["tools"]?.array ?? []
    #expect(tools.count > 20)
    for tool in tools {
      check(tool["inputSchema"] ?? .null, tool["name"]?.string ?? "")
      #expect(tool["outputSchema"] == nil)
    }
    #expect(faults == [])
  }

  @Test func everyToolIsInOneGroupAndTheFirstOnesAreThere() throws {
    let all = names(listing(try ServerFixture()))
    let grouped = Toolset.allCases.flatMap(\.names)
    #expect(Set(grouped).count == grouped.count)
    #expect(Set(all).subtracting(grouped) == ["more_tools"])
    let first = names(listing(try ServerFixture(toolsets: "default")))
    #expect(Set(first) == Toolset.first.intersection(all))
    let runs = names(listing(try ServerFixture(toolsets: "runs")))
    #expect(Set(runs) == Set(Toolset.runs.names).intersection(all).union(["more_tools"]))
    #expect(throws: ToolError.self) { try Toolset.selection("default,run") }
    #expect(throws: ToolError.self) { try Toolset.selection("") }
  }

  /// Hosts that search for tools see names, first sentences and the instructions alone.
  @Test(arguments: ["water value", "deficit", "CVaR", "price", "how long", "why slow", "NEWAVE", "converged"])
  func wordsOfPeopleAreFound(words: String) throws {
    let server = try ServerFixture()
    let instructions = server.request("initialize", ["protocolVersion": "2025-11-25"])["result"]?["instructions"]?
      .string
    #expect(instructions?.contains(words) == true)
    #expect((instructions?.utf8.count ?? .max) < 2000)
  }

  @Test(arguments: [
    ("water value", "inspect_policy"), ("price", "query_results"), ("deficit", "query_results"), ("CVaR", "copy_case"),
    ("how long", "status"), ("converged", "convergence"), ("water values", "train"), ("NEWAVE", "convert_deck"),
    ("on other scenarios", "simulate"), ("without a file tool", "edit_case"),
  ])
  func firstSentencesSayWhatPeopleAsk(words: String, name: String) throws {
    let tools = listing(try ServerFixture())["tools"]?.array ?? []
    let description = try #require(tools.first { $0["name"] == .string(name) }?["description"]?.string)
    let sentences = description.split(separator: ".").prefix(1).joined()
    #expect(sentences.contains(words), "\(name): \(sentences)")
  }

  @Test func instructionsNameTheDirectoriesAndWhereToBegin() throws {
    let server = try ServerFixture(toolsets: "default")
    let text = try #require(
      server.request("initialize", ["protocolVersion": "2025-11-25"])["result"]?["instructions"]?.string)
    #expect(text.contains(server.allowed) && text.contains("Begin with create_case"))
    let reading = try ServerFixture(readOnly: true)
    let other = reading.request("initialize", ["protocolVersion": "2025-11-25"])["result"]?["instructions"]?.string
    #expect(other?.contains("read-only") == true && other?.contains("Begin with create_case") == false)
  }

  @Test func toolsThatAreNotListedCanBeCalledAndDescribed() throws {
    let server = try ServerFixture(toolsets: "default")
    #expect(!names(listing(server)).contains("list_runs"))
    #expect(server.structured("list_runs")["runs"] == [])
    let definition = server.structured("more_tools", ["tool": "list_runs"])["definition"]
    #expect(definition?["outputSchema"]?["properties"]?["runs"] != nil)
    #expect(server.errorText("more_tools", ["tool": "list_run"]).contains("\"list_runs\""))
    let groups = server.structured("more_tools")["toolsets"]?.array ?? []
    #expect(groups.count == Toolset.allCases.count)
    let listed = groups.flatMap { $0["tools"]?.array ?? [] }
    #expect(listed.contains { $0["name"] == "train" && $0["listed"] == true })
    #expect(listed.contains { $0["name"] == "delete_run" && $0["listed"] == false })
  }

  @Test func openingAGroupIsAnnouncedOnceInTheLegacyEra() throws {
    let server = try ServerFixture(toolsets: "default")
    _ = server.request("initialize", ["protocolVersion": "2025-11-25"])
    server.send([
      "jsonrpc": "2.0", "id": 900, "method": "tools/call",
      "params": ["name": "more_tools", "arguments": ["open": "runs"]],
    ])
    #expect(server.receive() == ["jsonrpc": "2.0", "method": "notifications/tools/list_changed"])
    let opened = server.receive()["result"]?["structuredContent"]?["opened"]?.array ?? []
    #expect(opened.contains("delete_run") && !opened.contains("train"))
    #expect(names(listing(server)).contains("delete_run"))
    let again = server.request("tools/call", ["name": "more_tools", "arguments": ["open": "runs"]])
    #expect(again["result"]?["structuredContent"]?["opened"] == [])
  }

  @Test func modernClientsAreToldWhereTheyListen() throws {
    let server = try ServerFixture(toolsets: "default")
    let meta: JSONValue = [
      "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": [:],
    ]
    func open(_ group: String, _ id: Int64) {
      server.send([
        "jsonrpc": "2.0", "id": .int(id), "method": "tools/call",
        "params": ["name": "more_tools", "arguments": ["open": .string(group)], "_meta": meta],
      ])
    }
    // Without a subscription nothing is announced.
    open("cases", 1)
    #expect(server.receive()["id"] == 1)
    server.send([
      "jsonrpc": "2.0", "id": "s", "method": "subscriptions/listen",
      "params": ["_meta": meta, "notifications": ["toolsListChanged": true, "promptsListChanged": true]],
    ])
    let acknowledged = server.receive()
    #expect(acknowledged["method"] == "notifications/subscriptions/acknowledged")
    #expect(acknowledged["params"]?["notifications"] == ["toolsListChanged": true])
    #expect(acknowledged["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == "s")
    open("runs", 2)
    let notice = server.receive()
    #expect(notice["method"] == "notifications/tools/list_changed")
    #expect(notice["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == "s")
    #expect(server.receive()["id"] == 2)
    // The id of an open subscription is taken; cancelled, it is free and silent.
    server.send(["jsonrpc": "2.0", "id": "s", "method": "tools/list", "params": ["_meta": meta]])
    #expect(server.receive()["error"]?["code"] == -32600)
    server.send(["jsonrpc": "2.0", "method": "notifications/cancelled", "params": ["requestId": "s"]])
    open("results", 3)
    #expect(server.receive()["id"] == 3)
  }
}
