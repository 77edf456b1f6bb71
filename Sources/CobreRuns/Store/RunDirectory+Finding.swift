internal import CobreBase
package import CobreEngine
internal import Foundation

extension RunDirectory {
  /// The run that a path names: `runs/run_…` by its directory, `runs/nightly` by its name, the newest of that name.
  ///
  /// - Parameters:
  ///   - path: as given; `FilePath.resolve` is done here.
  ///   - purpose: what the run is for, as in `absence`.
  /// - Throws: `RunError` with the runs that are there, where none of them is it.
  package init(named path: String, _ purpose: String = "") throws {
    self.init(path: FilePath.resolve(path) ?? path)
    guard !exists else { return }
    let trimmed = (path as NSString).standardizingPath as NSString
    let parent = trimmed.deletingLastPathComponent
    let place = FilePath.resolve(parent.isEmpty ? "." : parent)
    guard let place, let run = try Self.run(trimmed.lastPathComponent, in: place) else { throw absence(purpose) }
    self.init(path: place + "/" + run)
  }

  /// The id of the newest run of a name.
  private static func run(_ name: String, in place: String) throws -> String? {
    guard RunIdentifier.isValidName(name) else { return nil }
    return try RunsIndex.manifests(in: place).last { $0.request.runName == name }?.runID
  }

  /// The refusal of a directory that holds no run, with the runs that lie next to it or below it.
  ///
  /// - Parameter purpose: the end of the first sentence, such as " to resume".
  /// - Returns: what to throw.
  package func absence(_ purpose: String = "") -> RunError {
    let isThere = (try? FileManager.default.contentsOfDirectory(atPath: path)) != nil
    let parent = isThere ? path : (path as NSString).deletingLastPathComponent
    let place = parent.isEmpty ? "." : parent
    let runs = Self.runs(in: place)
    var sentence = "There is no run in \(path)\(purpose)."
    if !isThere, (try? FileManager.default.contentsOfDirectory(atPath: place)) == nil {
      sentence += " There is no directory \(place), either."
    } else if runs.isEmpty {
      sentence += " No run lies \(isThere ? "below it" : "beside it"), either."
    } else {
      let nearest = NearestName.nearest(to: (path as NSString).lastPathComponent, among: isThere ? [] : runs)
      let named = runs.prefix(5).map { Self.told($0, in: place) }.joined(separator: ", ")
      let more = runs.count > 5 ? " and \(runs.count - 5) more" : ""
      sentence += nearest.map { " Did you mean \($0)?" } ?? ""
      sentence += " \(isThere ? "Below it" : "In \(place)") lie: \(named)\(more)."
    }
    return RunError(.unknownRun, sentence)
  }

  /// A run's directory, with the run's name where it has one.
  private static func told(_ entry: String, in place: String) -> String {
    let manifest = try? RunManifest.read(from: RunDirectory(path: place + "/" + entry).manifestPath)
    return manifest?.request.runName.map { "\(entry) (\($0))" } ?? entry
  }

  /// Directories of the runs in a directory, ascending; of very many files only the first are looked at.
  private static func runs(in place: String) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return entries.sorted().prefix(2000).filter {
      RunIdentifier.isValidName($0) && RunDirectory(path: place + "/" + $0).exists
    }
  }
}
