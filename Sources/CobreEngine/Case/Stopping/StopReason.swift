/// Why training ended, by the name that runs record; each stopping rule adds its own.
package struct StopReason: RawRepresentable, Sendable, Hashable {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// Every rule held after the same iteration.
  package static let allRules = StopReason(rawValue: "all_rules")
  package static let cancelled = StopReason(rawValue: "cancelled")
  /// The case asks for a simulation of a stored policy alone.
  package static let trainingDisabled = StopReason(rawValue: "training_disabled")
}
