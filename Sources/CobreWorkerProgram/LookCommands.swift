internal import ArgumentParser
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Everything that is wrong with a case.
  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks a case and lists all that is wrong with it.",
      discussion: "Exit codes: 0 the case can be trained, 65 it has errors.")

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(name: .customLong("log"), help: "text or json.")
    var form = LookForm.text

    func run() throws {
      let report = CaseReader.read(directory: caseDirectory)
      let counts = (report.errors.count, report.warnings.count, report.notes.count)
      if form == .json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for finding in report.findings { try show(encoder.encode(finding) + Data("\n".utf8)) }
      } else {
        for finding in report.findings { show(Data((finding.description + "\n").utf8)) }
        let verdict = report.study == nil ? "cannot be trained" : "is valid"
        show(
          Data("\(caseDirectory) \(verdict): \(counts.0) errors, \(counts.1) warnings, \(counts.2) notes\n".utf8))
      }
      if report.study == nil { throw ExitCode(65) }
    }
  }

  /// What a case is, in numbers.
  struct Describe: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tells what a case holds: elements, stages, state, noise, capacities and what its settings ask for.",
      discussion: "Exit codes: 0, or 65 where the case has errors.")

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(name: .customLong("log"), help: "text or json.")
    var form = LookForm.text

    func run() throws {
      let report = CaseReader.read(directory: caseDirectory)
      guard let study = report.study else {
        for finding in report.errors.prefix(100) { complain(finding.description) }
        throw ExitCode(65)
      }
      try LookForm.show(CaseDescription(study), form)
    }
  }

  /// How a run stands.
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tells how a run stands, also one that computes or was killed.",
      discussion: "Exit codes: 0, or 64 where there is no run.")

    @Argument(help: ArgumentHelp("The directory of the run.", valueName: "run"))
    var runDirectory: String

    @Option(name: .customLong("log"), help: "text or json.")
    var form = LookForm.text

    func run() throws {
      do {
        let run = try RunSnapshot.read(in: RunDirectory(path: RunDirectory.resolve(runDirectory) ?? runDirectory))
        try LookForm.show(run, form)
      } catch let error as RunError {
        complain(error.message)
        throw ExitCode(error.code == .storage ? 74 : 64)
      }
    }
  }
}

/// How a command shows what it has looked up.
enum LookForm: String, ExpressibleByArgument, CaseIterable {
  case text
  case json

  /// Shows a value as one JSON object, or with a line for each of its members.
  static func show(_ value: some Encodable, _ form: LookForm) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let bytes = try encoder.encode(value)
    guard form == .text, case .object(let object) = try JSONParser.parse(Array(bytes)) else {
      return CobreWorkerProgram.show(bytes + Data("\n".utf8))
    }
    var lines: [String] = []
    for (name, member) in object.members { append(name, member, to: &lines, indent: "") }
    CobreWorkerProgram.show(Data((lines.joined(separator: "\n") + "\n").utf8))
  }

  private static func append(_ name: String, _ value: JSONValue, to lines: inout [String], indent: String) {
    switch value {
    case .object(let object):
      lines.append("\(indent)\(name):")
      for (key, member) in object.members { append(key, member, to: &lines, indent: indent + "  ") }
    case .array(let list) where list.contains { $0.object != nil || $0.string != nil }:
      lines.append("\(indent)\(name):")
      for item in list { lines.append("\(indent)  - \(item.string ?? item.text())") }
    default: lines.append("\(indent)\(name): \(value.string ?? value.text())")
    }
  }
}

func show(_ bytes: Data) { FileHandle.standardOutput.write(bytes) }

func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
