import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Testing

@Suite struct CompletionTests {
  private func values(_ server: ServerFixture, _ name: String, _ typed: String, _ known: JSONObject = [:]) -> [String] {
    let reply = server.request(
      "completion/complete",
      [
        "ref": ["type": "ref/prompt", "name": "water_value"],
        "argument": ["name": .string(name), "value": .string(typed)], "context": ["arguments": .object(known)],
      ])
    return reply["result"]?["completion"]?["values"]?.array?.compactMap(\.string) ?? []
  }

  @Test func runsCasesPlantsBusesAndFilesAreCompleted() throws {
    let server = try ServerFixture { root in
      _ = try CaseTemplate.cascade.write(to: root + "/allowed/cases/river")
      _ = try CaseTemplate.twoAreas.write(to: root + "/allowed/cases/areas")
      _ = try CaseTemplate.cascade.write(to: root + "/outside/secret")
    }
    let river = server.allowed + "/cases/river"
    let run = try StoredRun(in: server.runsDirectory, caseDirectory: river, iterations: 1, scenarios: 0)
    #expect(values(server, "run_id", "run_") == [run.id])
    #expect(values(server, "case_dir", "") == [server.allowed + "/cases/areas", river])
    #expect(values(server, "case_dir", "RIVER") == [river])
    let names = try #require(CaseReader.read(directory: river).study).hydros.map(\.name)
    #expect(values(server, "plant", "") == names)
    #expect(values(server, "plant", String(names[0].prefix(2)).lowercased()).first == names[0])
    let areas = try #require(CaseReader.read(directory: server.allowed + "/cases/areas").study)
    #expect(
      values(server, "bus", "", ["case_dir": .string(server.allowed + "/cases/areas")]) == areas.buses.map(\.name))
    #expect(values(server, "bus", "", ["case_dir": .string(server.root + "/outside/secret")]) == [])
    #expect(values(server, "file", "system/hy").contains("system/hydros.json"))
    #expect(values(server, "stage", "1") == [])
  }

  @Test(arguments: [
    "{}", #"{"ref":{"type":"ref/prompt","name":"x"}}"#,
    #"{"ref":{"type":"ref/tool","name":"x"},"argument":{"name":"a","value":""}}"#,
    #"{"ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"a","value":3}}"#,
  ])
  func malformedRequestsAreRefused(text: String) throws {
    let server = try ServerFixture()
    let params = try #require(try JSONParser.parse(text).object)
    #expect(server.request("completion/complete", params)["error"]?["code"] == -32602)
  }
}

@Suite struct ElicitationTests {
  private static func meta(_ capabilities: JSONValue) -> JSONValue {
    [
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": capabilities,
    ]
  }

  private func served() throws -> (ServerFixture, String) {
    let server = try ServerFixture()
    let run = try StoredRun(
      in: server.runsDirectory, template: .cascade, caseDirectory: server.allowed + "/case", iterations: 1, scenarios: 0
    )
    return (server, run.id)
  }

  private func delete(_ server: ServerFixture, _ id: String, _ more: JSONObject) -> JSONValue {
    var params: JSONObject = ["name": "delete_run", "arguments": ["run_id": .string(id)]]
    for (key, value) in more.members { params[key] = value }
    return server.request("tools/call", params)["result"] ?? .null
  }

  private func isThere(_ server: ServerFixture, _ id: String) -> Bool {
    FileManager.default.fileExists(atPath: server.runsDirectory + "/" + id)
  }

  @Test func modernClientsAreAskedByTheAnswerAndCallAgain() throws {
    let (server, id) = try served()
    let able = Self.meta(["elicitation": ["form": [:]]])
    let asked = delete(server, id, ["_meta": able])
    #expect(asked["resultType"] == "input_required")
    let request = asked["inputRequests"]?["confirm"]
    #expect(request?["method"] == "elicitation/create" && request?["params"]?["mode"] == "form")
    #expect(request?["params"]?["message"]?.string?.contains(id) == true)
    #expect(request?["params"]?["requestedSchema"]?["required"] == ["confirm"])
    for response: JSONValue in [
      ["action": "decline"], ["action": "cancel"], ["action": "accept", "content": ["confirm": false]], "yes",
    ] {
      let refused = delete(server, id, ["_meta": able, "inputResponses": ["confirm": response]])
      #expect(refused["isError"] == true && isThere(server, id))
    }
    let done = delete(
      server, id, ["_meta": able, "inputResponses": ["confirm": ["action": "accept", "content": ["confirm": true]]]])
    #expect(done["structuredContent"]?["deleted"] == true && !isThere(server, id))
  }

  @Test func clientsThatCannotShowAQuestionAreNotAsked() throws {
    for capabilities: JSONValue in [[:], ["elicitation": ["url": [:]]]] {
      let (server, id) = try served()
      let done = delete(server, id, ["_meta": Self.meta(capabilities)])
      #expect(done["structuredContent"]?["deleted"] == true && !isThere(server, id))
    }
    let (server, id) = try served()
    #expect(delete(server, id, [:])["structuredContent"]?["deleted"] == true)
  }

  /// A run that cannot be deleted is refused without a question.
  @Test func unknownRunsAreRefusedAtOnce() throws {
    let server = try ServerFixture()
    let refused = delete(server, "run_" + String(repeating: "a", count: 26), ["_meta": Self.meta(["elicitation": [:]])])
    #expect(refused["isError"] == true)
  }

  @Test(arguments: [true, false])
  func legacyClientsAreAskedByARequest(confirms: Bool) throws {
    let (server, id) = try served()
    _ = server.request(
      "initialize", ["protocolVersion": "2025-11-25", "capabilities": ["elicitation": [:]]])
    server.send([
      "jsonrpc": "2.0", "id": 70, "method": "tools/call",
      "params": ["name": "delete_run", "arguments": ["run_id": .string(id)]],
    ])
    let question = server.receive()
    #expect(question["method"] == "elicitation/create" && question["params"]?["mode"] == nil)
    let questionID = try #require(question["id"])
    // Others are served while the user thinks.
    #expect(server.structured("list_runs")["runs"]?.array?.count == 1)
    // Replies to what was never asked are passed over.
    server.send([
      "jsonrpc": "2.0", "id": "cobre-question-99", "result": ["action": "accept", "content": ["confirm": true]],
    ])
    server.send([
      "jsonrpc": "2.0", "id": questionID, "result": ["action": "accept", "content": ["confirm": .bool(confirms)]],
    ])
    let reply = server.receive()
    #expect(reply["id"] == 70 && reply["result"]?["isError"] == .bool(!confirms))
    #expect(isThere(server, id) == !confirms)
  }
}
