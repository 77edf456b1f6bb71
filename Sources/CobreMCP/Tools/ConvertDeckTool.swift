package import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreRuns

/// `convert_deck`: a case of a deck of NEWAVE or DECOMP.
package struct ConvertDeckTool: Tool {
  let paths: PathPolicy

  package init(paths: PathPolicy) { self.paths = paths }

  package let name = "convert_deck"
  package let title = "Convert a deck into a case"

  package var description: String {
    """
    Convert a NEWAVE or DECOMP deck into a new case directory, by the program novomodelo-bridge; without it the \
    answer says how to install it. Its messages come as findings. A deck that cannot be converted is a normal answer \
    with converted: false. Call validate_case, then train.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }
  /// The conversion has a limit of its own, which ends before.
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.converting }

  package var parameters: [Parameter] {
    [
      Parameter(
        "model", .choice(DeckConversion.Model.allCases.map(\.rawValue)), required: true,
        "Program of the deck."),
      Parameter(
        "deck_dir", .text(maximumLength: 4096), required: true,
        "Directory that holds caso.dat."),
      Parameter(
        "directory", .text(maximumLength: 4096), required: true,
        brief: "New or empty directory, e.g. cases/august.",
        "New or empty directory for the case, absolute or relative to the server's working directory, e.g. "
          + "\"cases/august\"."),
      Parameter(
        "time_limit_seconds", .integer(1...3600), default: 600, "Seconds at most."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "converted": Schema.boolean("Whether there is a case now"),
        "case_dir": Schema.text("Directory of the case, for the other tools"),
        "counts": ["type": "object", "description": "Elements by kind"],
        "findings": Schema.list(
          of: ["type": "object"], "What the program said, errors first: severity, code, message, notes, suggestion"),
        "omitted": Schema.integer("Findings after the last one listed"),
        "valid": Schema.boolean("Whether train would accept the case"),
        "errors": Schema.integer("Errors that validate_case lists for the case"),
        "warnings": Schema.integer("Warnings that validate_case lists for the case"),
        "next": Schema.text("What to do next"),
      ], required: ["converted", "findings", "next"])
  }

  /// Findings listed, at most, and the bytes of text after which the list ends.
  private static let maximumFindings = 40
  private static let maximumBytes = 6000

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    guard let model = arguments.text("model").flatMap({ DeckConversion.Model(rawValue: $0) }) else {
      throw ToolError("`model` is required.")
    }
    let deck = try paths.directory(arguments.text("deck_dir") ?? "", argument: "deck_dir")
    // Searched first, so that nothing is created if it is not installed.
    let conversion = try translating { () throws(DeckConversion.Failure) in try DeckConversion() }
    var staged = try paths.stagedDirectory(arguments.text("directory") ?? "", argument: "directory")
    let target = staged.stagingPath
    context.change.leave(WorkerExchange.Leftover(directory: target))
    let seconds = Double(arguments.integer("time_limit_seconds") ?? 600)
    let outcome = try translating { () throws(DeckConversion.Failure) in
      try conversion.convert(
        deck, model, into: target, seconds: seconds,
        started: { context.change.leave(WorkerExchange.Leftover(directory: target, program: $0)) },
        isCancelled: { context.handle.shouldStopWaiting })
    }
    var result: JSONObject = ["converted": .bool(outcome.isConverted)]
    listFindings(outcome.messages, in: &result)
    guard outcome.isConverted else {
      result["next"] = "Correct the deck by what the findings say, and call convert_deck again."
      return result
    }
    let report = CaseReader.read(directory: target, bounds: paths.caseBounds)
    try context.change.begin()
    let directory = try staged.publish()
    result["case_dir"] = .string(directory)
    result["counts"] = .object(JSONObject(outcome.counts.map { ($0.kind, .int(Int64($0.number))) }))
    result["valid"] = .bool(report.study != nil)
    result["errors"] = .int(Int64(report.errors.count))
    result["warnings"] = .int(Int64(report.warnings.count))
    result["next"] = .string(
      report.study == nil
        ? "Call validate_case with this case_dir for what keeps it from being trained."
        : "Call describe_case or train with this case_dir.")
    return result
  }

  private func translating<T>(_ body: () throws(DeckConversion.Failure) -> T) throws(ToolError) -> T {
    do throws(DeckConversion.Failure) { return try body() } catch { throw ToolError(error.sentence) }
  }

  private func listFindings(_ messages: [DeckConversion.Message], in result: inout JSONObject) {
    let ranks = ["error": 0, "warning": 1]
    let ordered = messages.enumerated().sorted {
      (ranks[$0.element.severity] ?? 2, $0.offset) < (ranks[$1.element.severity] ?? 2, $1.offset)
    }.map(\.element)
    var listed: [JSONValue] = []
    var bytes = 0
    for message in ordered.prefix(Self.maximumFindings) {
      var finding: JSONObject = [
        "severity": .string(message.severity), "code": .string(message.code), "message": .string(message.sentence),
      ]
      if !message.notes.isEmpty { finding["notes"] = .array(message.notes.map { .string($0) }) }
      if let remedy = message.remedy { finding["suggestion"] = .string(remedy) }
      bytes += JSONValue.object(finding).serialized().count
      if bytes > Self.maximumBytes && !listed.isEmpty { break }
      listed.append(.object(finding))
    }
    result["findings"] = .array(listed)
    result["omitted"] = .int(Int64(ordered.count - listed.count))
  }
}
