/// What the format allows but the engine does not compute yet; refused by name, never ignored.
///
/// One line per feature; a feature that lands loses its line here and its check in `AvailabilityChecks`.
enum Unavailable {
  static let rules: [Rule] = [
    .error(
      916,
      "Cyclic transitions are the chain and one arc back from the last stage; those of one stage share its discount rate."
    ),
    .error(918, "The deterministic upper bound is not available yet for cyclic graphs."),
  ]
}
