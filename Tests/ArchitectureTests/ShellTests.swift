import Testing

/// No program is started through a shell: arguments are arrays, and only one file starts processes.
@Suite struct ShellTests {
  private static let shells = [
    "/bin/sh", "/bin/bash", "system(", "popen(", "Process()", "execl(", "execvp(", "wordexp(",
  ]

  @Test func nothingIsStartedThroughAShell() {
    var faults: [String] = []
    for file in SourceTree.sources {
      for (number, line) in file.lines.enumerated() {
        for shell in Self.shells where line.contains(shell) && !line.contains("linearSystem(") {
          faults.append("\(file.path):\(number + 1): \(shell)")
        }
      }
    }
    #expect(faults == [])
  }

  @Test func processesAreStartedInOnePlace() {
    let starters = SourceTree.sources.filter { file in
      file.path.hasSuffix(".swift") && file.lines.contains { $0.contains("cobre_platform_spawn(") }
    }
    #expect(starters.map(\.path) == ["Sources/CobreRuns/Supervisor/ChildProcess.swift"])
  }
}
