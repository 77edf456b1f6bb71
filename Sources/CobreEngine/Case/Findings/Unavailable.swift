/// What the format allows but the engine does not compute yet; refused by name, never ignored.
///
/// One line per feature; a feature that lands loses its line here and its check in `AvailabilityChecks`.
enum Unavailable {
  static let rules: [Rule] = [
    .error(
      916,
      "Cycles that branch, and discount rates that differ between the transitions of a stage, are not available yet."),
    .error(918, "The deterministic upper bound is not available yet for cyclic graphs."),
    .warning(950, "Reported: an output or setting that has no effect yet."),
  ]
}
