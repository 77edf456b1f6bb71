import CobreBase
import CobreCase
import CobreCommunication
import CobreEngine
import CobreMCP
import Foundation
import Testing

@Suite struct SkillTests {
  private static let meta: JSONValue = [
    "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": [:],
  ]

  /// FIPS 180-4, appendix of examples: the digest of "abc".
  @Test func digestIsThatOfTheStandard() {
    #expect(
      Digest(of: Array("abc".utf8)).hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest(of: []).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func skillsAreListedReadAndVerified() throws {
    let server = try ServerFixture()
    let listed = server.request("skills/list", ["_meta": Self.meta])["result"]
    #expect(listed?["resultType"] == "complete" && (listed?["ttlMs"]?.int ?? -1) >= 0)
    let skills = try #require(listed?["skills"]?.array)
    #expect(skills.count == 4)
    for skill in skills {
      let uri = try #require(skill["uri"]?.string)
      let name = try #require(skill["frontmatter"]?["name"]?.string)
      #expect(uri.hasSuffix("/\(name)/SKILL.md"))
      let got = server.request("skills/get", ["uri": .string(uri), "_meta": Self.meta])["result"]
      #expect(got?["skill"] == skill)
      let read = server.request("resources/read", ["uri": .string(uri)])["result"]?["contents"]?.array?.first
      let text = try #require(read?["text"]?.string)
      let file = try #require(skill["resources"]?.array?.first)
      #expect(file["uri"] == .string(uri) && file["size"] == .int(Int64(text.utf8.count)))
      #expect(file["digest"]?.string == "sha256:" + Digest(of: Array(text.utf8)).hexadecimal)
      // What the file says of itself is what the entry says.
      let description = try #require(skill["frontmatter"]?["description"]?.string)
      #expect(text.hasPrefix("---\nname: \(name)\ndescription: \(description)\n---\n\n# "))
      // Agent Skills: names of lower case letters, digits and hyphens; a colon and a blank would begin a value in YAML.
      #expect(name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil && description.utf8.count <= 1024)
      #expect(!description.contains(": ") && !description.contains(" #"))
    }
    #expect(
      server.request("skills/get", ["uri": "skill://other/SKILL.md", "_meta": Self.meta])["error"]?["code"] == -32602)
    #expect(server.request("skills/list")["error"]?["code"] == -32601)
  }

  /// The plugin carries the same files; `cobre-mcp skills plugin/skills` writes them.
  @Test(arguments: Skill.all.map(\.name))
  func thePluginHasTheSameFiles(name: String) throws {
    let skill = try #require(Skill.all.first { $0.name == name })
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "plugin/skills/\(name)/SKILL.md")
    #expect(try String(contentsOf: file, encoding: .utf8) == skill.text)
  }

  /// Every tool that a skill names is there, but for those that it names with a condition.
  @Test(arguments: Skill.all.map(\.name))
  func skillsNameToolsThatThereAre(name: String) throws {
    let skill = try #require(Skill.all.first { $0.name == name })
    let known = Set(Toolset.allCases.flatMap(\.names) + ["more_tools"])
    let words = skill.body.matches(of: /`([a-z]+_[a-z_]+)`/).map { String($0.1) }
    let verbs = words.filter {
      $0.hasPrefix("explain_") || $0.hasPrefix("diagnose_") || $0.hasSuffix("_case") || $0.hasSuffix("_runs")
    }
    for word in verbs { #expect(known.contains(word), "\(word)") }
  }
}
