/// Why training ended, by the name that runs record.
///
/// Each stopping rule adds its own.
package struct StopReason: RawRepresentable, Sendable, Hashable {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// Every rule held after the same iteration.
  package static let allRules = StopReason(rawValue: "all_rules")
  /// A gap rule held for bounds that are heuristic, so nothing is certified.
  package static let heuristicGap = StopReason(rawValue: "heuristic_gap")
  /// The server grants no more wall time.
  package static let serverWallLimit = StopReason(rawValue: "server_wall_limit")
  package static let cancelled = StopReason(rawValue: "cancelled")
  /// The case asks for a simulation of a stored policy alone.
  package static let trainingDisabled = StopReason(rawValue: "training_disabled")
}
