internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreRuns

extension CobreWorker {
  /// Starts a supervised run, as the server does, with every option of the tool `train`.
  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Starts a run in the background and prints its id; a server on the same runs directory sees it.")

    @Argument(help: "The directory of the case; with --from it may be left out.")
    var caseDirectory: String?

    @Option(help: "The directory of the runs.")
    var runsDir: String

    @OptionGroup var processes: ProcessFlags
    @OptionGroup var flags: TrainingFlags

    @Option(help: "Seconds to wait for the end of the run.")
    var wait = 0.0

    func validate() throws {
      guard wait >= 0 && wait <= 31_536_000 else {
        throw ValidationError("--wait must be from 0 to 31536000 seconds; \(wait) was given.")
      }
    }

    func run() throws {
      let service = RunService(runsDirectory: runsDir, workerExecutable: ownPath())
      let request = RunRequest(caseDirectory: caseDirectory ?? "", flags: [processes, flags])
      let (started, created) = try service.start(request)
      let deadline = ContinuousClock.now + .seconds(wait)
      let snapshot = wait > 0 ? try service.wait(runID: started.runID, until: deadline) : started
      let line = "\(snapshot.runID) \(snapshot.state.rawValue) \(created ? "created" : "found")\n"
      ProgramOutput.write(line)
    }
  }
}
