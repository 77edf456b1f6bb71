internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Changes files of a case.
  struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes files of a case, all together or not at all, and checks what comes out.",
      discussion: """
        Edits are a JSON list of objects. Each names a file and one thing to do: merge (a JSON merge patch, RFC 7396, at the \
        part that `at` names, such as hydros[id=1].generation), remove, rows (by key), set and multiply with where, delete_rows, \
        or content. An edit that would break a valid case is refused. \(CaseCommand.exitCodes)
        """)

    @Argument(help: "The case directory.")
    var directory: String

    @OptionGroup var options: CaseCommand.Options

    func run() throws {
      let edits = try options.edits(required: true)
      let outcome = try CaseEditor().edit(try CaseCommand.resolved(directory), edits, options.editing)
      try CaseCommand.show(outcome, isDryRun: options.dryRun)
    }
  }

  /// Makes a variant of a case.
  struct Copy: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copies the files of a case into a new or empty directory, with edits applied on the way.",
      discussion: "Edits are those of `cobre-worker edit`. \(CaseCommand.exitCodes)")

    @Argument(help: "The case directory.")
    var directory: String

    @Argument(help: "The directory to make; it must be new or empty.")
    var target: String

    @OptionGroup var options: CaseCommand.Options

    func run() throws {
      let edits = try options.edits(required: false)
      let copied = try CaseEditor().copy(
        try CaseCommand.resolved(directory), to: URL(filePath: target).path, edits, options.editing)
      try CaseCommand.show(copied.outcome, isDryRun: options.dryRun)
    }
  }

  /// Shows files of a case.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the files of a case, or writes a part of one to stdout: JSON as it is, tables as CSV.",
      discussion: CaseCommand.exitCodes)

    @Argument(help: "The case directory.")
    var directory: String

    @Argument(help: "A file of the case, such as system/hydros.json; without it the files are listed.")
    var file: String?

    @Option(help: "Part of a JSON file, such as hydros[id=1] or stages[*].num_scenarios.")
    var at = ""

    @Option(name: .customLong("where"), help: "Column and value that rows of a table must have, such as hydro_id=1.")
    var matching: [String] = []

    @Option(help: "Rows or parts to pass over.")
    var offset = 0

    func validate() throws {
      guard offset >= 0 else { throw ValidationError("--offset must be at least 0; you gave \(offset).") }
      for text in matching where !text.contains("=") {
        throw ValidationError("--where must be written column=value; you gave \(text).")
      }
    }

    func run() throws {
      let files = CaseFiles(directory: try CaseCommand.resolved(directory))
      guard let file else {
        for entry in CaseExcerpt.entries(files) {
          ProgramOutput.print("\(entry.path)\t\(entry.bytes) bytes\t\(entry.summary)")
        }
        return
      }
      var columns = JSONObject()
      for text in matching {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        columns[String(parts[0])] = .string(String(parts[1]))
      }
      let excerpt = try CaseExcerpt(files, path: file, at: at, matching: columns, offset: offset, limit: .max / 8)
      ProgramOutput.print(excerpt.text, terminator: excerpt.text.hasSuffix("\n") ? "" : "\n")
    }
  }
}

/// What the commands that show and change cases share.
enum CaseCommand {
  static let exitCodes =
    "Exit codes: 65 there is no such case, the edits do not fit or the case would get errors, 74 it cannot be written."

  struct Options: ParsableArguments {
    @Option(help: "The edits as a JSON list, or the file that holds them; - or none for standard input.")
    var edits: String?

    @Flag(help: "Write nothing, only say what would come out.")
    var dryRun = false

    @Flag(help: "Write although a valid case gets errors.")
    var allowErrors = false

    var editing: CaseEditor.Options { CaseEditor.Options(isDryRun: dryRun, allowsErrors: allowErrors) }

    func edits(required: Bool) throws -> [CaseEdit] {
      if edits == nil, !required { return [] }
      let given = edits ?? "-"
      let isInline = given.drop(while: \.isWhitespace).first.map { $0 == "[" || $0 == "{" } ?? false
      let bytes: [UInt8]
      do {
        bytes =
          isInline
          ? Array(given.utf8)
          : given == "-"
            ? Array(try FileHandle.standardInput.readToEnd() ?? Data())
            : Array(try Data(contentsOf: URL(filePath: given)))
      } catch {
        throw CaseEditFailure(problems: ["The edits in \(given) cannot be read."])
      }
      let value: JSONValue
      do throws(JSONError) {
        value = try JSONParser.parse(bytes)
      } catch {
        throw CaseEditFailure(
          problems: ["The edits are no JSON: line \(error.line), column \(error.column): \(error.message)"])
      }
      // One edit needs no list around it.
      return try CaseEdit.list(value.array ?? [value])
    }
  }

  static func resolved(_ path: String) throws -> String {
    guard let directory = FilePath.resolve(path) else {
      throw CaseEditFailure(problems: ["There is no directory \(path)."])
    }
    return directory
  }

  private static let maximumFindings = 50

  static func show(_ outcome: CaseEditor.Outcome, isDryRun: Bool) throws {
    for change in outcome.changes { ProgramOutput.print("\(change.file): \(change.effect)") }
    let findings = outcome.report.errors + outcome.report.warnings
    for finding in findings.prefix(maximumFindings) { complain(finding.description) }
    if findings.count > maximumFindings { complain("… and \(findings.count - maximumFindings) more.") }
    let errors = outcome.report.errors.count
    if outcome.isApplied {
      ProgramOutput.print("Written; the case has \(errors) errors and \(outcome.report.warnings.count) warnings.")
    } else if isDryRun {
      ProgramOutput.print("Nothing was written; the case would have \(errors) errors.")
    } else {
      complain("Nothing was written: the case would get \(errors) errors. --allow-errors writes all the same.")
      throw ExitCode(65)
    }
  }

}
