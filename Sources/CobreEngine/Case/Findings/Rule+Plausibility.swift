extension Rule {
  /// Numbers that are allowed and hardly meant: units, order of costs, sizes that do not go together.
  static let plausibility: [Rule] = [
    .warning(
      801,
      "Reported: shedding load costs no more than the power of a thermal plant, so that the plant is "
        + "left idle."),
    .warning(
      802,
      "Reported: the mean load of a bus is more than 20 times that of both neighbouring stages, or "
        + "less than a 20th."),
    .warning(
      803,
      "Reported: productivity times the largest turbined flow is more than 20 times the largest "
        + "generation, or less than a 20th."),
    .warning(
      804,
      "Reported: thermal plants must generate more than the load of the whole system."),
    .warning(
      805,
      "Reported: a reservoir holds more than 100 years of the mean inflow of its plant and of those "
        + "upstream."),
  ]
}
