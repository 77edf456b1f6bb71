extension Rule {
  /// Defaults that change results, reported where they are in use.
  ///
  /// `Documentation/Defaults.md` has them all.
  static let defaults: [Rule] = [
    .note(
      701,
      "Reported, estimated model: no past_inflows for a plant whose model has lags; they start from the history."),
    .note(702, "Reported, estimated model: no section estimation; orders go up to 6, chosen by PACF."),
    .note(703, "Reported: the minimum outflow of a plant with a diversion counts the diverted water."),
  ]
}
