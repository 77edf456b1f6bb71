import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Testing

@Suite struct CreateCaseToolTests {
  @Test(arguments: CaseTemplate.allCases)
  func everyTemplateIsWrittenAndValidWithoutAWarning(template: CaseTemplate) throws {
    let server = try ServerFixture()
    let made = server.structured(
      "create_case", ["template": .string(template.rawValue), "directory": .string("\(server.allowed)/new/case")])
    let directory = try #require(made["case_dir"]?.string)
    #expect(directory == "\(server.allowed)/new/case")
    let names = made["files"]?.array?.compactMap { $0.string }
    #expect(names == template.files().keys.sorted())
    let report = server.structured("validate_case", ["case_dir": .string(directory)])
    #expect(report["valid"] == true)
    #expect(report["warnings"] == 0)
    // What is there already is never touched.
    let again = server.errorText("create_case", ["template": "cascade", "directory": .string(directory)])
    #expect(again.contains("not empty"))
    #expect(server.structured("validate_case", ["case_dir": .string(directory)])["valid"] == true)
  }

  @Test func directoriesOutsideAreRefusedAndNothingIsWrittenThere() throws {
    let server = try ServerFixture { root in
      let manager = FileManager.default
      try manager.createDirectory(atPath: root + "/outside", withIntermediateDirectories: true)
      try manager.createSymbolicLink(atPath: root + "/allowed/link", withDestinationPath: "../outside")
      try Data("x".utf8).write(to: URL(filePath: root + "/allowed/file"))
    }
    for path in [
      "\(server.root)/outside", "\(server.allowed)/link", "\(server.allowed)/link/case", "/nowhere/case",
      "\(server.allowed)/../outside/case",
    ] {
      let text = server.errorText("create_case", ["template": "cascade", "directory": .string(path)])
      #expect(text.contains("must lie under \(server.allowed)"), "\(path): \(text)")
    }
    let file = server.errorText("create_case", ["template": "cascade", "directory": .string(server.allowed + "/file")])
    #expect(file.contains("Not a directory"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: server.root + "/outside") == [])
  }

  /// All users may read the shipped examples, but none may write them.
  @Test func readOnlyRootsAreNotWritten() throws {
    let server = try ServerFixture()
    let paths = PathPolicy(allowed: [server.allowed], bases: [server.allowed], readOnly: [server.allowed])
    #expect(try paths.directory(".", argument: "case_dir") == server.allowed)
    #expect(throws: ToolError.self) {
      let directory = try paths.outputDirectory("new", argument: "directory")
      _ = directory.path
    }
  }
}
