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
        + "generation, or less than a 20th, or the productivity is above 20 MW/(m³/s), a head of 2,000 m."),
    .warning(
      804,
      "Reported: thermal plants must generate more than the load of the whole system."),
    .warning(
      805,
      "Reported: a reservoir holds more than 100 years of the mean inflow of its plant and of those "
        + "upstream."),
    .warning(
      806,
      "Reported: the mean inflow of a plant is more than 100 times that of both neighbouring stages, or less than a "
        + "100th, or a deviation is more than 20 times its largest mean."),
    .warning(807, "Reported: a discount rate is above 1, which is 100 % a year."),
    .warning(
      808,
      "Reported: the minimum outflow of a plant is more than 20 times the mean inflow of it and of those upstream."),
    .warning(809, "Reported: a factor multiplies the mean load of a bus by more than 20."),
    .warning(
      810,
      "Reported: a finite study without a boundary begins with more stored energy than the load of all its stages."),
    .warning(
      811,
      "Reported: a plant, a source or an import contract has more than 100 times the mean load of the whole system."),
    .warning(
      812,
      "Reported: the mean load of the whole system is more than 20 times all power that could serve it."),
    .warning(
      813,
      "Reported: shedding load costs more than 10,000 times the dearest plant, or a penalty of a hydro plant is more than "
        + "10,000 times the dearest deficit cost, where a hm³ counts as the 278 MWh that it gives at 1 MW/(m³/s)."),
    .warning(
      814,
      "Reported: a MWh over a line costs no less than shedding load at either end, so that the line stays unused."),
    .warning(815, "Reported: the load of a bus deviates by more than its mean."),
    .warning(
      816,
      "Reported: the load factors of a bus have a mean of 0.5 or less or above 2 over the hours of a stage."),
    .warning(817, "Reported: a plant evaporates more than 1,000 mm in a month, or gains more by rain."),
  ]
}
