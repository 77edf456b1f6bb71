internal import CobreCase
internal import CobreEngine
internal import Foundation

/// The tables of the stochastic model that a run leaves in its directory.
enum StochasticExport {
  /// Writes the model in use into `stochastic/` if it was estimated or the case asks for it.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - directory: the directory of the run.
  ///   - treeSeed: seed of the opening tree, whose noise is written too if the case asks for it.
  /// - Throws: `RunError` if nothing can be written.
  static func write(_ study: StudyCase, to directory: RunDirectory, treeSeed: Int64) throws {
    let isAsked = study.configuration.exports.stochastic
    var isEstimated = false
    if case .estimated = study.inflowModelSource { isEstimated = true }
    guard isAsked || isEstimated else { return }
    let path = directory.path + "/stochastic"
    try Disk.createDirectory(path)
    var files = InflowModelTables(study: study).files
    if isAsked {
      var table = ""
      OpeningNoise(study: study, seed: treeSeed).writeTable { table += $0 }
      files.append(("noise_openings.csv", table))
    }
    for file in files {
      do {
        try Data(file.text.utf8).write(to: URL(fileURLWithPath: path + "/" + file.name))
      } catch {
        throw RunError(.storage, "Cannot write \(path)/\(file.name): \(error.localizedDescription)")
      }
    }
  }
}
