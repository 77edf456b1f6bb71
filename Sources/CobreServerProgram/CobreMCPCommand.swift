package import ArgumentParser
internal import CobreEngine
internal import CobreMCP
internal import Foundation
internal import Logging

/// The program that speaks with clients.
package struct CobreMCPCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "cobre-mcp",
    abstract: "Trains hydrothermal dispatch policies for MCP clients, over stdin and stdout.",
    version: engineVersion)

  @Option(help: "Directory in which runs are kept (default: the user's state directory, cobre/runs in it).")
  var runsDir: String?

  @Option(
    help:
      "Directory under which cases may be read; repeatable (default: the working directory and the shipped examples).")
  var allowDir: [String] = []

  @Option(help: "Longest time that a call waits for a run, in seconds.")
  var maxWaitSeconds: Double = 45

  @Option(
    help: "Least level that is logged to stderr: trace, debug, info, notice, warning, error or critical.",
    transform: { text in
      guard let level = Logger.Level(rawValue: text) else {
        let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--log-level must be one of \(known); you gave \(text).")
      }
      return level
    })
  var logLevel: Logger.Level = .notice

  @Option(help: "Ended runs that are kept; the oldest beyond are removed when another starts (default: all).")
  var keepRuns: Int?

  @Option(help: "Megabytes that all runs may occupy before the oldest ended ones are removed (default: no limit).")
  var maxDisk: Int?

  @Option(help: "Runs that compute at the same time; others are queued.")
  var maxRuns: Int = 8

  @Option(help: "Rank processes of one run, at most.")
  var maxWorkers: Int = 256

  @Option(help: "Megabytes of memory that one rank may use before its run fails (default: no limit).")
  var maxMemoryPerRank: Int?

  @Option(help: "Wall time in seconds after which a run is ended (default: no limit).")
  var maxWallSeconds: Double?

  @Flag(help: "Start, change and write nothing: only tools that read are offered.")
  var readOnly = false

  @Option(help: "Path of cobre-worker (default: beside the server).")
  var worker: String?

  package init() {}

  package func validate() throws {
    guard (0...86400).contains(maxWaitSeconds) else {
      throw ValidationError("--max-wait-seconds must be from 0 to 86400; you gave \(maxWaitSeconds).")
    }
    if let maxWallSeconds, !(maxWallSeconds >= 1 && maxWallSeconds <= 31_536_000) {
      throw ValidationError("--max-wall-seconds must be from 1 to 31536000 (a year); you gave \(maxWallSeconds).")
    }
    for (name, value) in [
      ("--keep-runs", keepRuns), ("--max-disk", maxDisk), ("--max-runs", maxRuns), ("--max-workers", maxWorkers),
      ("--max-memory-per-rank", maxMemoryPerRank),
    ] {
      guard let value, !(1...1_000_000_000).contains(value) else { continue }
      throw ValidationError("\(name) must be from 1 to 1000000000; you gave \(value).")
    }
  }

  /// Reads the arguments of the process and serves its standard input and output; returns only for help and version.
  package static func main() {
    let descriptors = ProtocolDescriptors.take()
    do {
      var command = try parseAsRoot()
      guard let server = command as? CobreMCPCommand else {
        descriptors.giveBack()
        try command.run()
        return
      }
      server.serve(descriptors)
    } catch {
      // Help and version belong on stdout; no client is listening yet.
      descriptors.giveBack()
      exit(withError: error)
    }
  }

  private func serve(_ descriptors: ProtocolDescriptors) -> Never {
    let level = logLevel
    LoggingSystem.bootstrap { label in
      var handler = ForbearingLogHandler(label: label)
      handler.logLevel = level
      return handler
    }
    let options = ServerOptions(
      runsDirectory: runsDir, allowedDirectories: allowDir, maximumWaitSeconds: maxWaitSeconds, worker: worker,
      limits: RunLimits(
        runsAtOnce: maxRuns, workers: maxWorkers, secondsPerRun: maxWallSeconds,
        rankMemoryBytes: maxMemoryPerRank.map { $0 << 20 }, keptRuns: keepRuns, diskBytes: maxDisk.map { $0 << 20 }),
      isReadOnly: readOnly)
    for problem in options.problems { FileHandle.standardError.write(Data("cobre-mcp: \(problem)\n".utf8)) }
    if !options.problems.isEmpty { _exit(64) }
    if isatty(descriptors.input) != 0 {
      FileHandle.standardError.write(
        Data(
          "cobre-mcp waits for an MCP client on its standard input; `cobre-mcp --help` says how to set one up.\n".utf8))
    }
    Server(options: options, logger: Logger(label: "cobre-mcp")).serve(
      input: descriptors.input, output: descriptors.output)
    // Threads may still wait for runs; leaving without unwinding them is what the client expects, and fast.
    _exit(0)
  }
}
