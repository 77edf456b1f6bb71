/// What the format allows but the engine does not compute yet; refused by name, never ignored.
///
/// One line per feature; a feature that lands loses its line here and its check in `AvailabilityChecks`.
enum Unavailable {
  static let rules: [Rule] = [
    .error(916, "Policy graphs other than a chain of stages or one cycle are not available yet."),
    .error(918, "The deterministic upper bound is not available yet for cyclic graphs."),
    .warning(950, "Reported: an output or setting that has no effect yet."),
  ]
}
