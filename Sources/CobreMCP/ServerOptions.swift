internal import CobreBase
internal import CobreEngine
package import CobreRuns
internal import Foundation

/// The options with which a server starts.
package struct ServerOptions: Sendable {
  /// Where runs are kept.
  ///
  /// Made when the first run starts.
  package var runsDirectory: String
  /// Directories under which a tool may read.
  package var paths: PathPolicy
  /// Bound of every `wait_seconds`.
  package var maximumWaitSeconds: Double
  /// Path of `cobre-worker`.
  package var workerExecutable: String
  /// What is granted to runs.
  package var limits: RunLimits
  /// Whether nothing may be started, changed or written.
  package var isReadOnly: Bool
  /// Names of the tools that are listed; nil for all.
  package var listedTools: Set<String>? = nil
  /// Sentences on directories with which the server could do nothing; empty where all is well.
  package private(set) var problems: [String] = []

  /// Completes what the user has left out.
  ///
  /// - Parameters:
  ///   - runsDirectory: nil for the user's state directory.
  ///   - allowedDirectories: empty for the working directory and the shipped examples.
  ///   - maximumWaitSeconds: bound of every `wait_seconds`.
  ///   - worker: nil for the one next to the server.
  ///   - limits: what is granted to runs.
  ///   - isReadOnly: whether nothing may be started, changed or written.
  ///   - environment: where the user's state directory is looked up.
  package init(
    runsDirectory: String?, allowedDirectories: [String], maximumWaitSeconds: Double, worker: String?,
    limits: RunLimits = RunLimits(), isReadOnly: Bool = false,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    let executable = Self.executablePath()
    let working = FileManager.default.currentDirectoryPath
    self.runsDirectory = Self.absolute(runsDirectory ?? Self.defaultRunsDirectory(environment), from: working)
    self.maximumWaitSeconds = maximumWaitSeconds
    self.limits = limits
    self.isReadOnly = isReadOnly
    self.workerExecutable =
      worker.map { Self.absolute($0, from: working) }
      ?? URL(filePath: executable).deletingLastPathComponent().appending(path: "cobre-worker").path

    let examples = Self.shippedExamples(of: executable)
    var allowed = allowedDirectories.map { Self.absolute($0, from: working) }
    // Claude Code starts its servers with the directory of the project in the environment.
    let project = environment["CLAUDE_PROJECT_DIR"].flatMap { path in
      allowedDirectories.isEmpty && path.hasPrefix("/") ? path : nil
    }
    if let project { allowed.append(project) }
    if allowedDirectories.isEmpty {
      // A host that starts its servers in the root directory has not meant to open everything.
      if working != "/", allowed.isEmpty { allowed.append(working) }
      if let examples { allowed.append(examples) }
    }
    let bases =
      [project ?? working] + (examples.map { [URL(filePath: $0).deletingLastPathComponent().path] } ?? [])
    // The shipped examples are shared by all users, so they are not changed unless the user names them.
    let kept = allowedDirectories.isEmpty ? [examples].compactMap { $0 } : []
    self.paths = PathPolicy(allowed: allowed, bases: bases, readOnly: kept)
    for directory in allowedDirectories where FilePath.resolve(Self.absolute(directory, from: working)) == nil {
      problems.append("--allow-dir \(directory): there is no such directory.")
    }
    if let problem = Self.problem(ofRunsDirectory: self.runsDirectory, isReadOnly: isReadOnly) {
      problems.append(problem)
    }
  }

  /// Why runs cannot be stored in a directory or read from it, or nil if no reason is known.
  private static func problem(ofRunsDirectory path: String, isReadOnly: Bool) -> String? {
    var isDirectory = ObjCBool(false)
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    if isThere, !isDirectory.boolValue { return "--runs-dir \(path): it is a file, not a directory." }
    guard !isThere, !isReadOnly else { return nil }
    // It is created when the first run starts, below the nearest existing parent.
    var parent = FilePath.parent(of: path)
    while parent != "/", !parent.isEmpty, !FileManager.default.fileExists(atPath: parent) {
      parent = FilePath.parent(of: parent)
    }
    let isProcess = parent == "/proc" || parent.hasPrefix("/proc/") || parent == "/sys" || parent.hasPrefix("/sys/")
    return isProcess || access(parent, W_OK) != 0
      ? "--runs-dir \(path): the directory cannot be made, since \(parent) cannot be written." : nil
  }

  private static func absolute(_ path: String, from working: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: working).appending(path: path).path
  }

  /// The user's directory as other programs find it: `HOME` may have been moved, which Foundation does not look at.
  package static func homeDirectory(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? NSHomeDirectory()
  }

  /// `$XDG_STATE_HOME/cobre/runs`, else `~/.local/state/cobre/runs`.
  private static func defaultRunsDirectory(_ environment: [String: String]) -> String {
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/cobre/runs" }
    return homeDirectory(environment) + "/.local/state/cobre/runs"
  }

  /// Path of this program.
  package static func executablePath() -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  /// The examples shipped with the server: `share/cobre/examples` of an installation, or `examples` of the package in
  /// whose build directory the server is.
  private static func shippedExamples(of executable: String) -> String? {
    var directory = URL(filePath: executable).deletingLastPathComponent()
    for _ in 0..<5 {
      directory.deleteLastPathComponent()
      let installed = directory.appending(path: "share/cobre/examples").path
      if FileManager.default.fileExists(atPath: installed) { return installed }
      let package = directory.appending(path: "Package.swift").path
      let examples = directory.appending(path: "examples").path
      if FileManager.default.fileExists(atPath: package), FileManager.default.fileExists(atPath: examples) {
        return examples
      }
    }
    return nil
  }
}
