package import CobreBase
internal import CobreCommunication
internal import CobreEngine

/// Instructions for a piece of work with this server, as clients that know Agent Skills take them.
package struct Skill: Sendable {
  /// Lower case, digits and hyphens: also the name of its directory.
  package let name: String
  /// What it is for and when to use it; hosts decide by this sentence.
  package let description: String
  /// The instructions, in Markdown.
  package let body: String

  package static let all = [buildACase, readWaterValues, whyIsItSlow, bringANewaveDeck]

  /// The file `SKILL.md`.
  package var text: String { "---\nname: \(name)\ndescription: \(description)\n---\n\n\(body)\n" }
}

/// Skills over MCP: the extension `io.modelcontextprotocol/skills` (SEP-2640), and the same files as resources.
package enum SkillExtension {
  package static let identifier = "io.modelcontextprotocol/skills"
  private static let scheme = "skill://"
  private static let mimeType = "text/markdown"

  /// Address of the file of a skill; the last part before the file is its name, as the extension asks.
  package static func uri(_ skill: Skill) -> String { "\(scheme)cobre/\(skill.name)/SKILL.md" }

  /// The result of `skills/list`.
  package static var listing: JSONObject { ["skills": .array(Skill.all.map { .object(entry($0)) })] }

  /// The result of `skills/get`; nil for an address that is no skill's.
  package static func get(_ uri: String) -> JSONObject? {
    Skill.all.first { self.uri($0) == uri }.map { ["skill": .object(entry($0))] }
  }

  private static func entry(_ skill: Skill) -> JSONObject {
    let bytes = Array(skill.text.utf8)
    return [
      "uri": .string(uri(skill)),
      "frontmatter": ["name": .string(skill.name), "description": .string(skill.description)],
      "resources": [
        [
          "uri": .string(uri(skill)), "digest": .string("sha256:" + Digest(of: bytes).hexadecimal),
          "size": .int(Int64(bytes.count)),
        ]
      ],
    ]
  }

  package static let links = Skill.all.map {
    ResourceLink(uri: uri($0), name: $0.name, title: $0.name, description: $0.description, mimeType: mimeType)
  }

  package static func read(_ uri: String) -> ResourceContents? {
    Skill.all.first { self.uri($0) == uri }.map {
      ResourceContents(
        uri: uri, mimeType: mimeType, text: $0.text, lifetimeMilliseconds: Replies.listLifetimeMilliseconds)
    }
  }
}
