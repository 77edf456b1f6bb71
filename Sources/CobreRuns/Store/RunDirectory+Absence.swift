internal import CobreBase
package import CobreEngine
internal import Foundation

extension RunDirectory {
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
      let named = runs.prefix(5).joined(separator: ", ")
      let more = runs.count > 5 ? " and \(runs.count - 5) more" : ""
      sentence += nearest.map { " Did you mean \($0)?" } ?? ""
      sentence += " \(isThere ? "Below it" : "In \(place)") lie: \(named)\(more)."
    }
    return RunError(.unknownRun, sentence)
  }

  /// Names of the runs in a directory, ascending; of very many files only the first are looked at.
  private static func runs(in place: String) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return entries.sorted().prefix(2000).filter {
      RunIdentifier.isValidName($0) && RunDirectory(path: place + "/" + $0).exists
    }
  }
}
