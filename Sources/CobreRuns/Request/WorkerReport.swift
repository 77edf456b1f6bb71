/// What `cobre-worker capabilities` says of a program, or why it says nothing.
package struct WorkerReport: Sendable, Equatable {
  package private(set) var version: String?
  package private(set) var solvers: [String] = []
  /// What keeps it from running, as the end of a sentence; nil where nothing does.
  package private(set) var problem: String?

  private static let limitSeconds = 10.0

  /// Starts the program at a path and waits for its words, some seconds at most.
  package init(of worker: String) {
    let answer = ProbeCommand.run(
      worker, ["capabilities"], environment: ChildProcess.environment(), limitSeconds: Self.limitSeconds)
    guard case .ended(.exited(0), let output) = answer else {
      problem = answer.words
      return
    }
    for line in output.split(separator: "\n") {
      if line.hasPrefix("version ") { version = String(line.dropFirst("version ".count)) }
      if line.hasPrefix("solver ") { solvers.append(String(line.dropFirst("solver ".count))) }
    }
    if version == nil { problem = "is another program" }
  }
}
