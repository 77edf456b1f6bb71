internal import ArgumentParser
internal import CobreBase
internal import CobreMCP
internal import Foundation

/// Writes the skills as files.
struct SkillsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "skills",
    abstract: "Writes the skills that the server offers as files, for clients that read them from a folder.")

  @Argument(help: "Folder, in which each skill gets a folder with SKILL.md; files of that name are replaced.")
  var folder: String

  func run() throws {
    for skill in Skill.all {
      let directory = URL(filePath: folder).appending(path: skill.name)
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let file = directory.appending(path: "SKILL.md")
      try Data(skill.text.utf8).write(to: file, options: .atomic)
      ProgramOutput.print(file.path)
    }
  }
}
