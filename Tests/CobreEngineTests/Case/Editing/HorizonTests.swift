import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

@Suite struct HorizonTests {
  /// The files of a template, cut.
  private func cut(
    _ template: CaseTemplate, to count: Int, also edits: [CaseEdit] = []
  ) throws -> (before: CaseFiles, revision: CaseRevision) {
    let directory = try TemporaryDirectory()
    _ = try template.write(to: directory.path + "/case")
    let files = CaseFiles(directory: directory.path + "/case")
    let before = try CaseRevision(files, edits: edits.isEmpty ? [] : edits).files
    let edit = CaseEdit(file: "stages.json", operation: .keepStages(count))
    return (before, try CaseRevision(before, edits: [edit]))
  }

  private func refusal(_ template: CaseTemplate, also edits: [CaseEdit]) throws -> String {
    do {
      _ = try cut(template, to: 2, also: edits)
      return ""
    } catch let failure as CaseEditFailure {
      return failure.problems.joined()
    }
  }

  /// Every template stays valid, has no more than the stages asked for, and no word of later ones.
  @Test(arguments: CaseTemplate.allCases) func templatesKeepTheirFirstStages(template: CaseTemplate) throws {
    let (before, revision) = try cut(template, to: 3)
    let whole = try #require(CaseReader.read(before).study)
    let report = CaseReader.read(revision.files)
    let study = try #require(report.study, "\(report.errors)")
    let dates = Set(whole.stages.map(\.start)).sorted()
    #expect(Set(study.stages.map(\.start)) == Set(dates.prefix(3)))
    #expect(study.stages.count == whole.stages.filter { $0.start < dates[3] }.count)
    #expect(study.hydros.count == whole.hydros.count)
    let later = Set(whole.stages.filter { $0.start >= dates[3] }.map { "\($0.id)" })
    for (path, bytes) in revision.files.contents where path.hasSuffix(".csv") {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      guard let column = lines.first?.firstIndex(of: "stage_id") else { continue }
      #expect(!lines.dropFirst().contains { later.contains(String($0[column])) }, "\(path)")
    }
  }

  /// 4.0 is stage 4, as for every other edit of rows.
  @Test func idsWithAPointAreIds() throws {
    let table = "scenarios/load_seasonal_stats.csv"
    let text = "bus_id,stage_id,mean_mw,std_mw\n1,2,90,0\n1,3.0,90,0\n1,4,90,0\n"
    let (_, revision) = try cut(.cascade, to: 3, also: [CaseEdit(file: table, operation: .content(text))])
    let kept = String(decoding: try #require(revision.files.contents[table]), as: UTF8.self)
    #expect(kept == "bus_id,stage_id,mean_mw,std_mw\n1,2,90,0\n")
  }

  /// Novomodelo's parameters name stages by their positions.
  @Test func parametersOfLaterStagesGo() throws {
    var draft = CaseDraft.monthly
    draft.parameters([
      ["id": 1, "name": "a", "kind": "per_stage", "values": [[0.0, 1.5], [1.0, 2.5]]],
      ["id": 2, "name": "b", "kind": "per_stage_block", "block_values": [[0, 0, 1.5], [1, 0, 2.5]]],
    ])
    let edit = CaseEdit(file: "stages.json", operation: .keepStages(1))
    let revision = try CaseRevision(CaseFiles(contents: draft.files), edits: [edit])
    let bytes = try #require(revision.files.contents["constraints/generic_parameters.json"])
    let kept = try JSONParser.parse(bytes).object?["scalar_parameters"]?.array ?? []
    #expect(kept.first?.object?["values"] == [[0.0, 1.5]])
    #expect(kept.last?.object?["block_values"] == [[0, 0, 1.5]])
  }

  @Test func asManyStagesAsThereAreChangeNothing() throws {
    let (before, revision) = try cut(.cascade, to: 12)
    #expect(revision.changedPaths == [] && revision.files.contents == before.contents)
    #expect(revision.changes.map(\.effect) == ["all 12 stages stay"])
  }

  @Test func whatFollowsTheLastStageForbidsIt() throws {
    func merge(_ file: String, _ patch: JSONValue) -> CaseEdit {
      CaseEdit(file: file, operation: .merge(at: "", patch: patch))
    }
    #expect(
      try refusal(.cascade, also: [merge("stages.json", ["policy_graph": ["type": "cyclic"]])])
        .contains("the policy graph is cyclic"))
    #expect(
      try refusal(.cascade, also: [merge("config.json", ["policy": ["boundary": ["path": "x", "source_stage": 1]]])])
        .contains("policy.boundary of config.json"))
  }

  @Test func wrongNumbersAreTold() throws {
    for text in ["0", "-1", "1.5", "\"2\""] {
      #expect(throws: CaseEditFailure.self) {
        try CaseEdit.list(try JSONParser.parse("[{\"file\": \"stages.json\", \"keep_stages\": \(text)}]").array ?? [])
      }
    }
    #expect(throws: CaseEditFailure.self) {
      try CaseEdit.list(try JSONParser.parse("[{\"file\": \"config.json\", \"keep_stages\": 2}]").array ?? [])
    }
  }
}
