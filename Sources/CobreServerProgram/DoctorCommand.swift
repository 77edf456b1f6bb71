internal import ArgumentParser
internal import CobreBase
internal import CobreMCP

/// Looks whether everything that runs need is here.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks whether all that runs need is here: worker, libraries, memory, communication, directories.",
    discussion: "Takes the options of the server. Exit code 1 where something is bad; a note is no reason to stop.")

  @ParentCommand var server: CobreMCPCommand

  func run() throws {
    let checks = Doctor(options: server.flags.serverOptions).checks()
    for check in checks {
      ProgramOutput.print("[\(check.verdict.rawValue)] \(check.name): \(check.sentence)")
      if let remedy = check.remedy { ProgramOutput.print("      → \(remedy)") }
    }
    let bad = checks.filter { $0.verdict == .bad }.count
    let notes = checks.filter { $0.verdict == .hint }.count
    ProgramOutput.print(
      bad == 0 ? "Runs can be trained here (\(notes) notes)." : "\(bad) of \(checks.count) checks are bad.")
    if bad > 0 { throw ExitCode(1) }
  }
}
