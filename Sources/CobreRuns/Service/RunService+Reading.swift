internal import Foundation

extension RunService {
  /// The database of a run, for reading.
  package func store(runID: String) throws -> RunStore {
    try required(runID).openStore()
  }

  /// Carries out a statement of a client over a run's database (see `QueryProcess`).
  package func query(
    _ sql: String, runID: String, limits: QueryLimits, isCancelled: () -> Bool = { false }
  ) throws -> QueryResult {
    try QueryProcess.run(
      sql, in: try store(runID: runID).path, worker: workerExecutable, limits: limits, isCancelled: isCancelled)
  }

  /// The stretches of a run between its request, each resume and its end.
  package func episodes(runID: String) throws -> [RunEpisode] { try store(runID: runID).episodes() }

  /// What was asked of a run and decided when it was created.
  package func manifest(runID: String) throws -> RunManifest {
    try RunManifest.read(from: try required(runID).manifestPath)
  }

  /// The ends of the logs of a run, each as valid text without control characters.
  ///
  /// At most `lines` lines of each log, and logs of the first `files` ranks.
  package func logs(runID: String, lines: Int, files: Int) throws -> [(name: String, lines: [String])] {
    let directory = try required(runID)
    let workers = try RunManifest.read(from: directory.manifestPath).workers
    let names = ["supervisor.log", "mpiexec.log"] + (0..<max(0, workers)).prefix(files).map { "rank-\($0).log" }
    return names.compactMap { name in
      let tail = LogTail.read(directory.path + "/" + name, lines: lines)
      return tail.isEmpty ? nil : (name, tail)
    }
  }
}
