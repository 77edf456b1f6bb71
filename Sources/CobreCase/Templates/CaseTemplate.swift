internal import CobreBase
internal import Foundation

/// A complete small case to start from.
package enum CaseTemplate: String, Sendable, CaseIterable {
  case singleHydro = "single-hydro"
  case cascade
  case twoAreas = "two-areas"
  case fourAreas = "four-areas"
  case riskAverse = "risk-averse"
  case battery
  case mesh
  case markov
  case riverRules = "river-rules"
  case spotMarket = "spot-market"

  /// What the case shows, one sentence.
  package var summary: String {
    switch self {
    case .singleHydro: "One bus, one reservoir and one thermal plant over twelve months."
    case .cascade: "Three reservoirs in cascade with two thermal plants, peak and off-peak blocks, over twelve months."
    case .twoAreas: "Two areas joined by a line with losses: hydro in one, thermal plants and wind in the other."
    case .fourAreas: "Four areas in a ring with hydro, thermal plants, wind, solar, a pump and contracts."
    case .markov: "One reservoir over seven months that are wet or dry, with a Markov chain between them."
    case .riverRules:
      "Two reservoirs with operating rules: alert and flood levels, least outflow by storage and season, a spillway, uses."
    case .spotMarket:
      "A reservoir, a thermal plant and a spot market whose price follows an autoregressive process."
    case .mesh: "Three buses in a ring whose flows follow reactances, with hydro, thermal plants and a tight line."
    case .battery: "A solar plant, a battery, a small reservoir and a thermal plant over twelve days of six blocks."
    case .riskAverse: "The single reservoir with a risk measure at every stage, mixed of three."
    }
  }

  /// The files of the case by relative path, as text.
  package func files() -> [String: String] {
    var builder = TemplateBuilder()
    switch self {
    case .singleHydro: builder.buildSingleHydro()
    case .cascade: builder.buildCascade()
    case .twoAreas: builder.buildTwoAreas()
    case .fourAreas: builder.buildFourAreas()
    case .battery: builder.buildBattery()
    case .mesh: builder.buildMesh()
    case .markov: builder.buildMarkov()
    case .riverRules: builder.buildRiverRules()
    case .spotMarket: builder.buildSpotMarket()
    case .riskAverse:
      builder.buildSingleHydro()
      builder.setRiskMeasure([
        "convex_combination": [
          ["weight": 0.6, "measure": "expectation"],
          ["weight": 0.3, "measure": ["cvar": ["alpha": 0.2, "lambda": 1.0]]],
          ["weight": 0.1, "measure": ["wasserstein": ["radius": 0.5]]],
        ]
      ])
    }
    return builder.files()
  }

  /// Why a template could not be written, as a sentence.
  package struct WritingError: Error, Sendable {
    package var message: String
  }

  /// Writes the case into a directory that is empty or does not exist yet.
  ///
  /// - Returns: the relative paths written, sorted.
  /// - Throws: `WritingError`. Nothing is written if the directory is not empty.
  package func write(to directory: String) throws(WritingError) -> [String] {
    let manager = FileManager.default
    var isDirectory: ObjCBool = false
    if manager.fileExists(atPath: directory, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else { throw WritingError(message: "\(directory) is a file, not a directory.") }
      let entries: [String]
      do {
        entries = try manager.contentsOfDirectory(atPath: directory)
      } catch {
        throw WritingError(message: "\(directory) cannot be listed: \(error.localizedDescription)")
      }
      guard entries.isEmpty else {
        throw WritingError(message: "\(directory) is not empty; name an empty or new directory.")
      }
    }
    let files = files()
    do {
      for (path, text) in files.sorted(by: { $0.key < $1.key }) {
        let url = URL(fileURLWithPath: directory).appendingPathComponent(path)
        try manager.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url, options: .withoutOverwriting)
      }
    } catch {
      throw WritingError(message: "The case could not be written to \(directory): \(error.localizedDescription)")
    }
    return files.keys.sorted()
  }
}
