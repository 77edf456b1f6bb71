package import CobreCase
internal import CobreEngine

/// A run with all that questions about it are answered from.
package struct RunEvidence: Sendable {
  package let snapshot: RunSnapshot
  package let manifest: RunManifest
  package let store: RunStore
  /// The case as the run computed with it; nil where its files are gone or others by now.
  package let study: StudyCase?
  /// Where a policy of another run, which this one simulates, may be.
  let directory: RunDirectory

  /// - Parameters:
  ///   - directory: the directory of the run.
  ///   - bounds: where its case may be.
  /// - Throws: `RunError` where there is no run, or its database cannot be read.
  package init(_ directory: RunDirectory, bounds: CaseBounds = .anywhere) throws {
    self.directory = directory
    guard directory.exists else { throw directory.absence() }
    manifest = try RunManifest.read(from: directory.manifestPath)
    store = try directory.openStore()
    snapshot = try RunSnapshot.read(directory, manifest: manifest, store: store)
    // Facts of the case are an addition. A run can be diagnosed without them.
    study = (try? manifest.study(bounds: bounds)).map { [manifest] in manifest.settings.adapted($0) }
  }

  /// The case, where an answer cannot do without it.
  ///
  /// - Throws: `RunError` that says why it is not there.
  package func requiredStudy() throws -> StudyCase {
    guard let study else {
      throw RunError(
        .invalidCase,
        "The case \(manifest.request.caseDirectory) cannot be read any more, or is another than run \(snapshot.runID) was "
          + "computed on. Put its files back.")
    }
    return study
  }
}

extension RunService {
  /// All that questions about a run are answered from.
  ///
  /// - Throws: `RunError` where there is no such run or its database cannot be read.
  package func evidence(runID: String) throws -> RunEvidence {
    try RunEvidence(required(runID), bounds: caseBounds)
  }
}
