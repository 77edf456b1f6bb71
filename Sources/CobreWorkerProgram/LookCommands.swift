internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

extension CobreWorker {
  /// Everything that is wrong with a case.
  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks a case and lists all that is wrong with it.",
      discussion: "Exit codes: 0 the case can be trained, 65 it has errors.")

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(name: .customLong("log"), help: "text, csv or json.")
    var form = LookForm.text

    func run() throws {
      let report = CaseReader.read(directory: caseDirectory)
      let counts =
        Figures.count(report.errors.count, "error") + ", " + Figures.count(report.warnings.count, "warning") + ", "
        + Figures.count(report.notes.count, "note")
      switch form {
      case .json:
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for finding in report.findings { try show(encoder.encode(finding) + Data("\n".utf8)) }
      case .csv:
        show(
          CSVText.row(["severity", "code", "file", "location", "kind", "id", "name", "value", "message", "suggestion"]))
        for finding in report.findings {
          show(
            CSVText.row([
              finding.severity.rawValue, "\(finding.code)", finding.file, finding.location, finding.entity?.kind,
              finding.entity?.id.map { "\($0)" }, finding.entity?.name, finding.value, finding.message,
              finding.suggestion,
            ]))
        }
      case .text:
        form.head("checks \(caseDirectory)")
        for finding in report.findings { show(finding.description + "\n") }
        show("\(caseDirectory) \(report.study == nil ? "cannot be trained" : "is valid"): \(counts)\n")
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

    @Option(name: .customLong("log"), help: "text, csv or json.")
    var form = LookForm.text

    func run() throws {
      let study = try study(of: caseDirectory)
      form.head("describes \(caseDirectory)")
      try LookForm.show(DescribedCase(study), form)
      form.foot("\(caseDirectory) is valid")
    }
  }

  /// How a run stands.
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tells how a run stands, also one that computes or was killed.",
      discussion: "Exit codes: 0, or 64 where there is no run.")

    @Argument(help: .run)
    var runDirectory: String

    @Option(name: .customLong("log"), help: "text, csv or json.")
    var form = LookForm.text

    func run() throws {
      let run = try RunSnapshot.read(in: RunDirectory(named: runDirectory))
      form.head("looks at \(runDirectory)")
      try LookForm.show(run, form)
      if let verdict = RunVerdict.sentence(run) { form.foot(verdict) }
      form.foot("\(run.runID) is \(run.state.rawValue), \(run.iteration) of \(run.iterationLimit) iterations")
    }
  }
}

/// How a command shows what it has looked up.
enum LookForm: String, ExpressibleByArgument, CaseIterable {
  case text
  case csv
  case json

  /// The first line of a text: who speaks, and of what.
  func head(_ words: String) {
    if self == .text { CobreWorkerProgram.show("cobre-worker \(engineVersion) \(words)\n") }
  }

  /// The last line of a text.
  func foot(_ words: String) {
    if self == .text { CobreWorkerProgram.show(words + "\n") }
  }

  /// Shows a value as one JSON object, with a line for each of its members, or as a table of names and values.
  static func show(_ value: some Encodable, _ form: LookForm) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let bytes = try encoder.encode(value)
    guard form != .json, case .object(let object) = try JSONParser.parse(Array(bytes)) else {
      return CobreWorkerProgram.show(bytes + Data("\n".utf8))
    }
    if form == .csv {
      CobreWorkerProgram.show(CSVText.row(["name", "value"]))
      return list("", .object(object))
    }
    var lines: [String] = []
    for (name, member) in object.members { append(name, member, to: &lines, indent: "") }
    CobreWorkerProgram.show((lines.joined(separator: "\n") + "\n"))
  }

  /// Rows of single values, named by the way to them, such as `ranks.0.state`.
  private static func list(_ name: String, _ value: JSONValue) {
    let prefix = name.isEmpty ? "" : name + "."
    switch value {
    case .object(let object): for (key, member) in object.members { list(prefix + key, member) }
    case .array(let items): for (index, item) in items.enumerated() { list(prefix + "\(index)", item) }
    case .null: CobreWorkerProgram.show(CSVText.row([name, nil]))
    default: CobreWorkerProgram.show(CSVText.row([name, value.string ?? value.text()]))
    }
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

func show(_ bytes: Data) { ProgramOutput.write([UInt8](bytes)) }

func show(_ text: String) { ProgramOutput.write(text) }

func complain(_ line: String) { ProgramOutput.complain(line) }

/// A case in numbers, with the size of its state, which follows from the fitted inflow model.
private struct DescribedCase: Encodable {
  private enum CodingKeys: String, CodingKey {
    case stateDimension
  }

  private let description: CaseDescription
  private let stateDimension: Int

  init(_ study: StudyCase) {
    description = CaseDescription(study)
    stateDimension = InflowProcess(study: study).layout.dimension
  }

  func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(stateDimension, forKey: .stateDimension)
  }
}
