internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

/// What a command says whose work has no iterations: a line at its beginning, a line for each part, a line at its end.
///
/// With `csv` stdout has a table of the parts alone, with `json` an object for each line. Where stdout belongs to what
/// the command writes there, all of it goes to stderr.
struct WorkLog {
  private let form: LogForm
  private let ownsOutput: Bool
  private let began = ContinuousClock.now

  /// The end of a command: what a person reads after "done", and the same for programs.
  typealias End = (sentence: String, members: JSONObject)

  /// Carries out a command between its first and its last line.
  ///
  /// - Parameters:
  ///   - form: as the option says.
  ///   - ownsOutput: whether stdout is free for these lines.
  ///   - speaks: whether this process tells of the work; of several ranks one does.
  ///   - beginning: what the command does, such as "exports RUN to OUT", and the same for programs.
  ///   - columns: names of the columns of a part.
  ///   - body: does it.
  /// - Throws: `ExitCode`, once the reason is on stderr.
  static func run(
    _ form: LogForm, ownsOutput: Bool = true, speaks: Bool = true, _ beginning: (sentence: String, members: JSONObject),
    columns: [String] = [], _ body: (WorkLog) throws -> End
  ) throws {
    let log = WorkLog(form: form, ownsOutput: ownsOutput)
    var members: JSONObject = ["event": "start", "engine_version": .string(engineVersion)]
    for (name, value) in beginning.members.members { members[name] = value }
    if speaks {
      log.remark("cobre-worker \(engineVersion) \(beginning.sentence)", members)
      if form == .csv, !columns.isEmpty, ownsOutput { ProgramOutput.write(CSVText.row(columns)) }
    }
    do {
      let end = try body(log)
      guard speaks else { return }
      let seconds = (ContinuousClock.now - log.began) / .seconds(1)
      members = ["event": "end", "exit_code": 0, "elapsed_seconds": .double(seconds)]
      for (name, value) in end.members.members { members[name] = value }
      let words = end.sentence.isEmpty ? "" : "; \(end.sentence)"
      log.remark("done\(words); " + String(format: "%.2f s", seconds), members)
    } catch {
      guard let failure = CommandFailure(error) else { throw error }
      for sentence in failure.sentences { complain(sentence) }
      if speaks, form == .json {
        log.remark(
          "",
          [
            "event": "end", "exit_code": .int(Int64(failure.code)),
            "error": .string(failure.sentences.joined(separator: "\n")),
          ])
      }
      throw ExitCode(failure.code)
    }
  }

  /// Tells of a part: a line of text, or its members by their columns.
  func part(_ line: String, _ members: JSONObject) {
    switch form {
    case .text: target(line)
    case .csv:
      guard ownsOutput else { return }
      let cells = members.members.map { $0.value == .null ? nil : $0.value.string ?? $0.value.text() }
      ProgramOutput.write(CSVText.row(cells))
    case .json:
      var event: JSONObject = ["event": "part"]
      for (name, value) in members.members { event[name] = value }
      target(JSONValue.object(event).text())
    }
  }

  /// Whether a person reads it.
  var isText: Bool { form == .text }

  private var target: (String) -> Void { ownsOutput ? { ProgramOutput.print($0) } : { ProgramOutput.complain($0) } }

  private func remark(_ line: String, _ members: JSONObject) {
    switch form {
    case .text: target(line)
    case .csv: ProgramOutput.complain(line)
    case .json: target(JSONValue.object(members).text())
    }
  }

}
