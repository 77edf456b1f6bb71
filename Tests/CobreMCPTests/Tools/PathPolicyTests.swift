import CobreMCP
import Foundation
import Testing

@Suite struct PathPolicyTests {
  /// A directory tree that is removed again: `allowed/case`, `allowed/file`, `outside/case`, links between them.
  private final class Tree {
    let root: String

    init() throws {
      let base = FileManager.default.temporaryDirectory.appending(path: "cobre-paths-\(UUID().uuidString)")
      let manager = FileManager.default
      for folder in ["allowed/case", "allowed-not/case", "outside/case"] {
        try manager.createDirectory(at: base.appending(path: folder), withIntermediateDirectories: true)
      }
      try Data().write(to: base.appending(path: "allowed/file"))
      try manager.createSymbolicLink(
        atPath: base.appending(path: "allowed/out").path, withDestinationPath: "../outside/case")
      try manager.createSymbolicLink(
        atPath: base.appending(path: "outside/in").path, withDestinationPath: base.appending(path: "allowed/case").path)
      try manager.createSymbolicLink(atPath: base.appending(path: "allowed/loop").path, withDestinationPath: "loop")
      // The temporary directory itself may be reached through a link.
      root = base.resolvingSymlinksInPath().path
    }

    deinit {
      try? FileManager.default.removeItem(atPath: root)
    }
  }

  @Test func pathsInsideAreResolved() throws {
    let tree = try Tree()
    let policy = PathPolicy(allowed: ["\(tree.root)/allowed"], bases: ["\(tree.root)/allowed"])
    let expected = "\(tree.root)/allowed/case"
    for path in [expected, "case", "./case/", "case/../case", "\(tree.root)/outside/in"] {
      #expect(try policy.directory(path, argument: "case_dir") == expected)
    }
    #expect(try policy.directory(".", argument: "case_dir") == "\(tree.root)/allowed")
  }

  @Test(arguments: [
    "/ROOT/outside/case", "../outside/case", "out", "/", "/etc", "/ROOT/allowed-not/case", "../nowhere",
    "/ROOT/nowhere",
    "case/../../outside/case",
  ])
  func pathsOutsideAreRefusedAlikeWhetherTheyExistOrNot(path: String) throws {
    let tree = try Tree()
    let policy = PathPolicy(allowed: ["\(tree.root)/allowed"], bases: ["\(tree.root)/allowed"])
    let error = #expect(throws: ToolError.self) {
      try policy.directory(path.replacingOccurrences(of: "/ROOT", with: tree.root), argument: "case_dir")
    }
    #expect(error?.text.contains("must lie under \(tree.root)/allowed") == true)
  }

  @Test(arguments: [
    ("file", "must be a directory"), ("nothing", "there is no directory"), ("loop", "there is no directory"),
    ("a\u{0}b", "NUL"),
  ])
  func whatIsNotADirectoryIsRefused(path: String, words: String) throws {
    let tree = try Tree()
    let policy = PathPolicy(allowed: ["\(tree.root)/allowed"], bases: ["\(tree.root)/allowed"])
    let error = #expect(throws: ToolError.self) { try policy.directory(path, argument: "case_dir") }
    #expect(error?.text.contains(words) == true)
  }

  @Test func rootsInsideOthersAndMissingOnesAreLeftOut() throws {
    let tree = try Tree()
    let policy = PathPolicy(
      allowed: ["\(tree.root)/allowed/case", "\(tree.root)/allowed", "\(tree.root)/allowed", "\(tree.root)/nowhere"],
      bases: [])
    #expect(policy.roots == ["\(tree.root)/allowed"])
    #expect(throws: ToolError.self) { try policy.directory("case", argument: "case_dir") }
  }
}
