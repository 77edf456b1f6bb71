package import CobreBase
internal import CobreCase
internal import CobreEngine
package import CobreRuns
internal import Foundation

/// Values that may complete what a user types into a prompt or the address of a resource (`completion/complete`).
package struct CompletionStore: Sendable {
  private let runs: RunService
  private let paths: PathPolicy

  package init(runs: RunService, paths: PathPolicy) {
    self.runs = runs
    self.paths = paths
  }

  /// Values of one answer, at most, as the specification limits them.
  private static let maximumValues = 100
  private static let maximumRuns = 1000

  /// Result of `completion/complete`; throws `RPCError` for what is malformed.
  ///
  /// An argument of which nothing is known has no values, which is no error.
  package func complete(_ params: JSONObject) throws -> JSONObject {
    guard let reference = params["ref"]?.object, let kind = reference["type"]?.string,
      kind == "ref/prompt" ? reference["name"]?.string != nil : reference["uri"]?.string != nil,
      kind == "ref/prompt" || kind == "ref/resource"
    else {
      throw RPCError(.invalidParams, "Invalid params: `ref` must name a prompt or the address of a resource.")
    }
    guard let argument = params["argument"]?.object, let name = argument["name"]?.string,
      let typed = argument["value"]?.string
    else {
      throw RPCError(.invalidParams, "Invalid params: `argument` must have the texts `name` and `value`.")
    }
    let known = params["context"]?["arguments"]?.object ?? [:]
    let matching = Self.matching(candidates(name, known), typed)
    let values = matching.prefix(Self.maximumValues)
    return [
      "completion": [
        "values": .array(values.map { .string($0) }), "total": .int(Int64(matching.count)),
        "hasMore": .bool(matching.count > values.count),
      ]
    ]
  }

  /// Candidates that begin with what was typed, then those that hold it, each in their order.
  private static func matching(_ candidates: [String], _ typed: String) -> [String] {
    let text = typed.lowercased()
    guard !text.isEmpty else { return candidates }
    let first = candidates.filter { $0.lowercased().hasPrefix(text) }
    return first + candidates.filter { !$0.lowercased().hasPrefix(text) && $0.lowercased().contains(text) }
  }

  private func candidates(_ name: String, _ known: JSONObject) -> [String] {
    switch name {
    case "run_id": runIDs
    case "case_dir": caseDirectories
    case "plant", "hydro": study(known)?.hydros.map(\.name) ?? []
    case "bus": study(known)?.buses.map(\.name) ?? []
    case "file": DescribedFormat.allCases.flatMap { $0.files.map(\.path) }
    default: []
    }
  }

  /// Names of runs before ids, the newest first.
  private var runIDs: [String] {
    let found = (try? runs.list(limit: Self.maximumRuns)) ?? []
    return found.compactMap(\.runName) + found.map(\.runID)
  }

  /// The case that the other arguments name, directly or by a run.
  ///
  /// The default is the case of the newest run.
  private func study(_ known: JSONObject) -> StudyCase? {
    let directory: String?
    if let path = known["case_dir"]?.string {
      directory = try? paths.directory(path, argument: "case_dir")
    } else {
      let run = (try? runs.snapshot(runID: known["run_id"]?.string)) ?? nil
      directory = run?.caseDirectory
    }
    return directory.flatMap { CaseReader.read(directory: $0, bounds: paths.caseBounds).study }
  }

  /// Depth below an allowed directory, and directories in all, that are looked through for cases.
  private static let maximumDepth = 4
  private static let maximumDirectories = 2000

  /// Directories with `config.json` under the allowed ones; hidden ones and links are passed over.
  private var caseDirectories: [String] {
    var found: [String] = []
    var left = Self.maximumDirectories
    func visit(_ directory: String, _ depth: Int) {
      guard left > 0, let entries = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return }
      left -= 1
      if entries.contains(CaseFileName.config.path) {
        found.append(directory)
        return
      }
      guard depth < Self.maximumDepth else { return }
      for entry in entries.sorted() where !entry.hasPrefix(".") {
        var status = stat()
        let path = "\(directory)/\(entry)"
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { visit(path, depth + 1) }
      }
    }
    for root in paths.roots { visit(root, 0) }
    return found
  }
}
