internal import CobreEngine
internal import Foundation

/// Runs that were made elsewhere and whose directories were put into this runs directory: by ranks started by hand, by
/// a launcher, or on another machine.
extension RunService {
  /// Takes in the directories of runs that the index does not know.
  ///
  /// A run is known by the id in its `run.json`, so its directory must have that name. One that waited for a supervisor
  /// counts as cancelled, since nothing may compute only because its files were copied; `resume` starts it, as it does
  /// all others. Call it before runs are listed.
  func adoptStrangers() throws {
    guard !isReadOnly, let index = try indexForLooking() else { return }
    let entered = try index.entered()
    let entries = try entries().filter { RunIdentifier.isValid($0) && !entered.contains($0) }
    guard !entries.isEmpty else { return }
    try index.locked {
      // A run that another process was just creating is entered by now.
      for entry in entries where try !index.holds(entry) {
        let directory = directory(entry)
        // One that cannot be read yet is looked at again with the next list.
        guard let manifest = try? RunManifest.read(from: directory.manifestPath), manifest.runID == entry else {
          continue
        }
        try endIfWaiting(directory)
        try index.adopt(manifest)
      }
    }
  }

  /// Takes in a run that is named by its id.
  ///
  /// - Throws: `RunError` where its directory is not that of a run of this id.
  func admit(_ directory: RunDirectory, _ runID: String) throws {
    guard !isReadOnly, !isKnown(runID) else { return }
    do {
      guard let index = try indexForLooking(), try !index.holds(runID) else { return remember(runID) }
    } catch let error as RunError where error.code == .storage {
      // On a full disk the index cannot even be read; the run can.
      return
    }
    let manifest = try RunManifest.read(from: directory.manifestPath)
    if let reason = misplacement(of: manifest, in: runID) { throw RunError(.wrongState, reason) }
    try adoptStrangers()
    remember(runID)
  }

  /// Sentences about directories that hold runs and are not listed, with what to do.
  func strays() throws -> [String] {
    // What the index has need not be looked at again.
    let entered = isReadOnly ? [] : try indexForLooking()?.entered() ?? []
    return try entries().compactMap { entry in
      let directory = RunDirectory(runsDirectory: runsDirectory, runID: entry)
      guard !entry.hasPrefix("."), !entered.contains(entry), directory.exists,
        let manifest = try? RunManifest.read(from: directory.manifestPath)
      else { return nil }
      return misplacement(of: manifest, in: entry)
    }
  }

  /// Why the run in a directory is not found by its id, as sentences; nil where it is.
  func misplacement(of manifest: RunManifest, in entry: String) -> String? {
    guard manifest.runID != entry else { return nil }
    let place = "The directory \(runsDirectory)/\(LogTail.sanitized(entry.utf8.prefix(80)))"
    guard RunIdentifier.isValid(manifest.runID) else { return "\(place) holds a run whose run.json gives no valid id." }
    let held = "\(place) holds run \(manifest.runID)"
    return directory(manifest.runID).exists
      ? "\(held), which is in this runs directory already; move one of the two away."
      : "\(held). Rename it to \(manifest.runID) to have it among the runs."
  }

  private func entries() throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: runsDirectory).sorted()
    } catch CocoaError.fileNoSuchFile, CocoaError.fileReadNoSuchFile {
      return []
    } catch {
      throw RunError(.storage, "The runs directory \(runsDirectory) cannot be read: \(error.localizedDescription)")
    }
  }

  /// Ends a run that waits for a supervisor which nothing would start here.
  private func endIfWaiting(_ directory: RunDirectory) throws {
    let store = try RunStore.open(directory.databasePath)
    let record = try store.record()
    guard record.state == .queued, record.supervisor == nil else { return }
    let sentence =
      "The run waited where it was made, and was put into this runs directory afterwards. Resume it to compute it here."
    try store.finish(.cancelled, stopReason: "cancelled", error: sentence, elapsed: 0, at: Clocks.wall())
  }
}
