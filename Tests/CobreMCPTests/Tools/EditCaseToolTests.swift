import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Testing

@Suite struct EditCaseToolTests {
  private func withCase(readOnly: Bool = false) throws -> (ServerFixture, String) {
    let server = try ServerFixture(readOnly: readOnly) { root in
      _ = try CaseTemplate.cascade.write(to: root + "/allowed/case")
      _ = try CaseTemplate.cascade.write(to: root + "/outside")
    }
    return (server, server.allowed + "/case")
  }

  @Test func aCaseIsReadChangedCopiedAndValidatedByToolsAlone() throws {
    let (server, path) = try withCase()
    let listed = server.structured("read_case_file", ["case_dir": .string(path)])
    #expect(listed["files"]?.array?.contains { $0["file"] == "system/hydros.json" } == true)
    let read = server.structured(
      "read_case_file", ["case_dir": .string(path), "file": "stages.json", "at": "stages[*].num_scenarios"])
    #expect(read["total"] == 12)
    let edit: JSONValue = [["file": "stages.json", "at": "stages[*]", "merge": ["num_scenarios": 4]]]
    let dry = server.structured("edit_case", ["case_dir": .string(path), "edits": edit, "dry_run": true])
    #expect(dry["applied"] == false && dry["valid"] == true && dry["errors"] == 0)
    let done = server.structured("edit_case", ["case_dir": .string(path), "edits": edit])
    #expect(done["applied"] == true && done["files"] == ["stages.json"])
    let again = server.structured(
      "read_case_file", ["case_dir": .string(path), "file": "stages.json", "at": "stages[3].num_scenarios"])
    #expect(again["text"] == "4")
    let copied = server.structured(
      "copy_case",
      [
        "case_dir": .string(path), "directory": .string(server.allowed + "/few"),
        "edits": [["file": "stages.json", "at": "stages[*]", "merge": ["num_scenarios": 2]]],
      ])
    #expect(copied["applied"] == true && copied["case_dir"] == .string(server.allowed + "/few"))
    #expect(server.structured("validate_case", ["case_dir": .string(server.allowed + "/few")])["valid"] == true)
    let broken = server.structured(
      "edit_case",
      [
        "case_dir": .string(path),
        "edits": [["file": "stages.json", "at": "stages[2]", "merge": ["num_scenarios": -4]]],
      ])
    #expect(broken["applied"] == false && broken["valid"] == false && broken["findings"]?.array?.isEmpty == false)
  }

  @Test func placesOutsideAreRefused() throws {
    let (server, path) = try withCase()
    let outside = server.root + "/outside"
    let edits: JSONValue = [["file": "stages.json", "at": "stages[*]", "merge": ["num_scenarios": 4]]]
    for text in [
      server.errorText("edit_case", ["case_dir": .string(outside), "edits": edits]),
      server.errorText("copy_case", ["case_dir": .string(outside), "directory": .string(server.allowed + "/x")]),
      server.errorText("copy_case", ["case_dir": .string(path), "directory": .string(server.root + "/y")]),
      server.errorText("read_case_file", ["case_dir": .string(outside), "file": "config.json"]),
    ] {
      #expect(text.contains("must lie under \(server.allowed)"), "\(text)")
    }
    #expect(!FileManager.default.fileExists(atPath: server.root + "/y"))
    let climbing = server.errorText("read_case_file", ["case_dir": .string(path), "file": "../../outside/config.json"])
    #expect(climbing.contains("no such file"))
  }

  @Test func aReadOnlyServerReadsAndChangesNothing() throws {
    let (server, path) = try withCase(readOnly: true)
    let read = server.structured("read_case_file", ["case_dir": .string(path), "file": "config.json"])
    #expect(read["count"] == 1)
    let edits: JSONValue = [["file": "config.json", "remove": true]]
    #expect(server.errorText("edit_case", ["case_dir": .string(path), "edits": edits]).contains("--read-only"))
    #expect(
      server.errorText("copy_case", ["case_dir": .string(path), "directory": .string(server.allowed + "/z")])
        .contains("--read-only"))
  }

  @Test func runsOfTheCaseAreNamed() throws {
    let (server, path) = try withCase()
    let run = try StoredRun(in: server.runsDirectory, caseDirectory: path, iterations: 1, scenarios: 0)
    let edits: JSONValue = [["file": "stages.json", "at": "stages[*]", "merge": ["num_scenarios": 4]]]
    let done = server.structured("edit_case", ["case_dir": .string(path), "edits": edits])
    #expect(done["runs"]?.array?.first?["run_id"] == .string(run.id))
    #expect(done["next"]?.string?.contains("resumed only with its former files") == true)
  }
}
