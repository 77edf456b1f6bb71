import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

@Suite struct CaseEditorTests {
  /// A case of the template `cascade` on the disk.
  private func written(_ template: CaseTemplate = .cascade) throws -> (TemporaryDirectory, String) {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/case"
    _ = try template.write(to: path)
    return (directory, path)
  }

  private func edits(_ text: String) throws -> [CaseEdit] {
    try CaseEdit.list(try JSONParser.parse(text).array ?? [])
  }

  private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

  private func contents(_ path: String) -> [String: [UInt8]] { CaseFiles(directory: path).contents }

  @Test func severalFilesAreChangedTogether() throws {
    let (directory, path) = try written()
    _ = directory
    let before = contents(path)
    let outcome = try CaseEditor().edit(
      path,
      try edits(
        """
        [{"file": "config.json", "at": "training", "merge": {"forward_passes": 7}},
         {"file": "stages.json", "at": "stages[*]", "merge": {"num_scenarios": 3}},
         {"file": "scenarios/inflow_seasonal_stats.csv", "where": {"stage_id": 0}, "multiply": {"mean_m3s": 0.5}}]
        """))
    #expect(outcome.isApplied && outcome.report.study != nil && !outcome.hadErrors)
    #expect(outcome.files == ["config.json", "scenarios/inflow_seasonal_stats.csv", "stages.json"])
    #expect(outcome.changes.map(\.effect).first == "1 value merged")
    let study = try #require(CaseReader.read(directory: path).study)
    #expect(study.configuration.training.forwardPasses == 7)
    let counts = try CaseExcerpt(
      CaseFiles(directory: path), path: "stages.json", at: "stages[*].num_scenarios", limit: 1000)
    #expect(counts.text.split(separator: "\n").map(String.init) == Array(repeating: "3", count: 12))
    for (file, bytes) in contents(path) where !outcome.files.contains(file) { #expect(bytes == before[file]) }
    // Nothing is left besides the files of the case.
    let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter {
      $0.contains(".part") || $0.contains(".old")
    }
    #expect(names == [])
  }

  @Test func anEditThatDoesNotFitLeavesEverythingAsItWas() throws {
    let (directory, path) = try written()
    _ = directory
    let before = contents(path)
    do {
      _ = try CaseEditor().edit(
        path,
        try edits(
          """
          [{"file": "config.json", "at": "training", "merge": {"forward_passes": 7}},
           {"file": "hydros.json", "at": "hydros[id=1]", "merge": {}},
           {"file": "system/hydros.json", "at": "hydros[id=99]", "remove": true}]
          """))
      Issue.record("it was accepted")
    } catch let failure as CaseEditFailure {
      #expect(failure.problems.count == 2)
      #expect(failure.problems.first?.contains("did you mean \"system/hydros.json\"") == true)
      #expect(failure.problems.last?.hasPrefix("Edit 3, system/hydros.json: no element has id 99") == true)
    }
    #expect(contents(path) == before)
  }

  @Test func aValidCaseIsNotBrokenUnlessAllowed() throws {
    let (directory, path) = try written()
    _ = directory
    let before = contents(path)
    let breaking = try edits(#"[{"file": "config.json", "at": "training", "merge": {"forward_passes": -1}}]"#)
    let refused = try CaseEditor().edit(path, breaking)
    #expect(!refused.isApplied && refused.report.errors.count == 1 && contents(path) == before)
    let dry = try CaseEditor().edit(path, breaking, CaseEditor.Options(isDryRun: true, allowsErrors: true))
    #expect(!dry.isApplied && contents(path) == before)
    let allowed = try CaseEditor().edit(path, breaking, CaseEditor.Options(allowsErrors: true))
    #expect(allowed.isApplied && contents(path) != before)
    // A broken case may be corrected step by step.
    let step = try CaseEditor().edit(path, try edits(#"[{"file": "config.json", "merge": {"seed": 4, "foo": 1}}]"#))
    #expect(step.isApplied && step.hadErrors)
  }

  @Test func filesAreAddedReplacedAndRemoved() throws {
    let (directory, path) = try written()
    _ = directory
    let history = "hydro_id,date,value_m3s\\n1,2020-01-01,5\\n"
    let editor = CaseEditor()
    let added = try editor.edit(
      path, try edits(#"[{"file": "scenarios/inflow_history.csv", "content": "\#(history)"}]"#),
      CaseEditor.Options(allowsErrors: true))
    #expect(added.isApplied && added.changes.first?.effect == "new file")
    #expect(text(path + "/scenarios/inflow_history.csv") == "hydro_id,date,value_m3s\n1,2020-01-01,5\n")
    _ = try editor.edit(
      path, try edits(#"[{"file": "scenarios/inflow_history.csv", "remove": true}]"#),
      CaseEditor.Options(allowsErrors: true))
    #expect(!FileManager.default.fileExists(atPath: path + "/scenarios/inflow_history.csv"))
    #expect(CaseReader.read(directory: path).findings.isEmpty)
  }

  @Test func linksAreReplacedAndDirectoriesOutsideRefused() throws {
    let (directory, path) = try written()
    let outside = directory.path + "/outside.json"
    try FileManager.default.moveItem(atPath: path + "/config.json", toPath: outside)
    try FileManager.default.createSymbolicLink(atPath: path + "/config.json", withDestinationPath: outside)
    let before = text(outside)
    let change = try edits(#"[{"file": "config.json", "at": "training", "merge": {"forward_passes": 9}}]"#)
    let resolved = try #require(FilePath.resolve(path))
    #expect(try CaseEditor().edit(path, change).isApplied)
    #expect(text(outside) == before && text(path + "/config.json").contains("\"forward_passes\": 9"))
    #expect(throws: OutputDirectory.Failure.self) {
      try CaseEditor(writable: [resolved + "/nowhere"]).edit(path, change)
    }
  }

  @Test func copiesAreCompleteAndChangedOnTheWay() throws {
    let (directory, path) = try written()
    let before = contents(path)
    let target = directory.path + "/variants/dry"
    let dry = try edits(
      #"[{"file": "scenarios/inflow_seasonal_stats.csv", "where": {}, "multiply": {"mean_m3s": 0.8}}]"#)
    let copied = try CaseEditor().copy(path, to: target, dry)
    #expect(copied.path == target && copied.outcome.isApplied)
    #expect(contents(path) == before)
    let (old, new) = (
      try #require(CaseReader.read(directory: path).study), try #require(CaseReader.read(directory: target).study)
    )
    #expect(new.hydros == old.hydros)
    #expect(Set(contents(target).keys) == Set(before.keys))
    #expect(
      contents(target).filter { $0.value != before[$0.key] }.map(\.key) == ["scenarios/inflow_seasonal_stats.csv"])
    #expect(throws: OutputDirectory.Failure.self) { try CaseEditor().copy(path, to: target) }
  }

  @Test func excerptsComeInParts() throws {
    let (directory, path) = try written()
    _ = directory
    let files = CaseFiles(directory: path)
    let file = "scenarios/inflow_seasonal_stats.csv"
    var offset = 0
    var rows: [Substring] = []
    var header = ""
    repeat {
      let part = try CaseExcerpt(files, path: file, offset: offset, limit: 200)
      let lines = part.text.split(separator: "\n")
      header = String(lines[0])
      rows += lines.dropFirst().map { Substring(String($0)) }
      #expect(part.text.utf8.count <= 200 && part.count > 0)
      offset = part.offset + part.count
      if offset >= part.total { break }
    } while true
    #expect(([Substring(header)] + rows).joined(separator: "\n") + "\n" == text(path + "/" + file))
    let part = try CaseExcerpt(files, path: "system/hydros.json", at: "hydros[0].id", limit: 100)
    #expect(part.total == 1 && Int(part.text) != nil)
    #expect(throws: CaseEditFailure.self) { try CaseExcerpt(files, path: "../config.json", limit: 100) }
  }

  @Test(arguments: [
    #"[]"#, #"[3]"#, #"[{}]"#, #"[{"file": "config.json"}]"#, #"[{"file": "config.json", "merge": 3}]"#,
    #"[{"file": "config.json", "merge": {}, "content": ""}]"#, #"[{"file": "config.json", "rows": []}]"#,
    #"[{"file": "config.json", "where": {}, "merge": {}}]"#, #"[{"file": "config.json", "mrege": {}}]"#,
    #"[{"file": "config.json", "remove": "yes"}]"#, #"[{"file": 4, "remove": true}]"#,
  ])
  func malformedEditsAreRefused(text: String) throws {
    #expect(throws: CaseEditFailure.self) { try edits(text) }
  }
}
