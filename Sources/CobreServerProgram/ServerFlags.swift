internal import ArgumentParser
internal import CobreEngine
internal import CobreMCP
internal import CobreRuns
internal import Foundation
internal import Logging

/// The options of the server, which `doctor` takes too.
struct ServerFlags: ParsableArguments {
  static let defaultToolsets = "default"

  @Option(help: "Directory in which runs are kept (default: the user's state directory, cobre/runs in it).")
  var runsDir: String?

  @Option(
    help:
      "Directory under which cases may be read and written; repeatable (default: the working directory and the shipped examples)."
  )
  var allowDir: [String] = []

  @Option(help: "Longest time that a call waits for a run, in seconds.")
  var maxWaitSeconds: Double = 45

  @Option(
    help: ArgumentHelp(
      "Longest time that a call may take besides waiting for a run, in seconds.",
      discussion:
        "Starts of runs, estimates, explanations and reports get 5 times, exports 10 times, conversions 60 times as long."
    ))
  var maxCallSeconds: Double = 60

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

  @Option(
    help: ArgumentHelp(
      "Groups of tools that are listed: default, all, cases, runs, results or explain, separated by commas.",
      discussion: "Unlisted tools can be called by name all the same."))
  var toolsets = Self.defaultToolsets

  @Option(help: "Path of cobre-worker (default: next to the server).")
  var worker: String?

  func validate() throws {
    guard (0...86400).contains(maxWaitSeconds) else {
      throw ValidationError("--max-wait-seconds must be from 0 to 86400; you gave \(maxWaitSeconds).")
    }
    guard (0.01...86400).contains(maxCallSeconds) else {
      throw ValidationError("--max-call-seconds must be from 0.01 to 86400; you gave \(maxCallSeconds).")
    }
    if let maxWallSeconds, !(maxWallSeconds >= 1 && maxWallSeconds <= 31_536_000) {
      throw ValidationError("--max-wall-seconds must be from 1 to 31536000 (a year); you gave \(maxWallSeconds).")
    }
    do throws(ToolError) {
      _ = try Toolset.selection(toolsets)
    } catch {
      throw ValidationError(error.text)
    }
    for (name, value) in [
      ("--keep-runs", keepRuns), ("--max-disk", maxDisk), ("--max-runs", maxRuns), ("--max-workers", maxWorkers),
      ("--max-memory-per-rank", maxMemoryPerRank),
    ] {
      guard let value, !(1...1_000_000_000).contains(value) else { continue }
      throw ValidationError("\(name) must be from 1 to 1000000000; you gave \(value).")
    }
  }

  var serverOptions: ServerOptions {
    var options = ServerOptions(
      runsDirectory: runsDir, allowedDirectories: allowDir, maximumWaitSeconds: maxWaitSeconds, worker: worker,
      limits: RunLimits(
        runsAtOnce: maxRuns, workers: maxWorkers, secondsPerRun: maxWallSeconds,
        rankMemoryBytes: maxMemoryPerRank.map { $0 << 20 }, keptRuns: keepRuns, diskBytes: maxDisk.map { $0 << 20 }),
      isReadOnly: readOnly)
    // Checked by `validate` before.
    options.listedTools = (try? Toolset.selection(toolsets)) ?? nil
    return options
  }
}
