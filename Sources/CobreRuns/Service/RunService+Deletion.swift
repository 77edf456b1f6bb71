internal import CobreEngine
internal import Foundation

extension RunService {
  /// Removes a run that has ended, with all its files.
  package func delete(runID text: String) throws {
    try requireWriting()
    let runID = try identify(text)
    let directory = try required(runID)
    let index = try index()
    try index.locked {
      if let state = Self.obstacle(directory) {
        throw RunError(.wrongState, "Run \(runID) is \(state). Cancel it and wait for its end, then delete it.")
      }
      if let reader = try readers(index)[runID] {
        throw RunError(
          .wrongState,
          "Run \(reader.id) is \(reader.state) and \(reader.use) run \(runID). Wait for its end or cancel it, "
            + "then delete this one.")
      }
      try remove(directory, runID, index)
    }
  }

  /// Removes the oldest ended runs beyond what the limits keep, and returns their ids.
  @discardableResult
  package func prune() throws -> [String] {
    guard !isReadOnly, limits.keptRuns != nil || limits.diskBytes != nil, let index = try existingIndex() else {
      return []
    }
    return try index.locked {
      var ended: [(id: String, bytes: Int)] = []
      var total = 0
      let read = try readers(index)
      for runID in try index.runs() {
        let directory = directory(runID)
        let bytes = Self.size(of: directory)
        total += bytes
        if read[runID] == nil && Self.obstacle(directory) == nil { ended.append((runID, bytes)) }
      }
      var removed: [String] = []
      // Oldest first, which are at the end of the list.
      while let oldest = ended.last,
        ended.count > limits.keptRuns ?? .max || total > limits.diskBytes ?? .max
      {
        try remove(directory(oldest.id), oldest.id, index)
        total -= oldest.bytes
        removed.append(oldest.id)
        ended.removeLast()
      }
      return removed
    }
  }

  /// The runs that read another one, or will when they begin, by the run that they read.
  private func readers(_ index: RunsIndex) throws -> [String: (id: String, state: String, use: String)] {
    var found: [String: (id: String, state: String, use: String)] = [:]
    for runID in try index.activeRuns() {
      let directory = directory(runID)
      // One whose request cannot be read cannot go on either.
      guard let settings = try? RunManifest.read(from: directory.manifestPath).settings else { continue }
      guard let source = settings.policy?.run ?? settings.continuation?.run else { continue }
      guard let state = Self.obstacle(directory) else { continue }
      found[source] = (runID, state, settings.policy == nil ? "goes on from" : "simulates the policy of")
    }
    return found
  }

  private func remove(_ directory: RunDirectory, _ runID: String, _ index: RunsIndex) throws {
    // Renamed first: if the removal stops half way, an incomplete run is never listed.
    let removedPath = runsDirectory + "/.removed-" + runID
    guard rename(directory.path, removedPath) == 0 else {
      throw RunError(.storage, "Cannot remove \(directory.path): \(String(cString: strerror(errno))).")
    }
    try index.remove(runID: runID)
    try RunDirectory(path: removedPath).remove()
  }

  /// The state in which a run must not be removed.
  ///
  /// `nil` if it may.
  ///
  /// A run with damaged files has no state that could forbid it, unless a process still computes it.
  private static func obstacle(_ directory: RunDirectory) -> String? {
    if let state = try? RunSnapshot.read(directory, logLines: 0).state, !state.isFinal { return state.rawValue }
    // Who has written down its end is about to go.
    let deadline = Clocks.uptime() + 0.5
    while directory.isSupervised {
      if Clocks.uptime() > deadline { return "still looked after by a supervisor" }
      usleep(20_000)
    }
    return nil
  }

  /// Bytes of the files of a run, those in folders included.
  private static func size(of directory: RunDirectory) -> Int {
    let files = FileManager.default.subpaths(atPath: directory.path) ?? []
    return files.reduce(0) { total, file in
      var status = stat()
      return lstat(directory.path + "/" + file, &status) == 0 ? total + Int(status.st_blocks) * 512 : total
    }
  }
}
