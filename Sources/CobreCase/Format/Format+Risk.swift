extension CaseFormat {
  /// A risk measure: the name of one without parameters, or an object with one key.
  ///
  /// - Parameter ignoresCase: whether names may be written in any case.
  /// - Returns: the shape of the measure.
  static func riskMeasure(ignoresCase: Bool) -> Shape {
    let names = Shape.string(StringShape(values: ["expectation", "worst_case"], ignoresCase: ignoresCase))
    let part: [Field] = [
      .required("weight", .share(), "Weight; 1 in sum"),
      .required("measure", .either([names, .object(singleMeasures)]), "A measure other than a combination"),
    ]
    let combination = Field.optional(
      "convex_combination", .list(.object(part), minimum: 1), "Σ weight · measure, 16 at most")
    return .either([names, .object(singleMeasures + [combination])])
  }

  private static let singleMeasures: [Field] = [
    .optional(
      "cvar",
      .object([
        .required("alpha", .share(excludesZero: true), "Probability of the worst outcomes averaged"),
        .required("lambda", .share(), "Weight of the CVaR"),
      ]), "(1 − lambda)·E + lambda·CVaR"),
    .optional(
      "entropic",
      .object([
        .required(
          "gamma", .number(NumberRange(minimum: 1e-15, maximum: 1e6)), unit: "1/$",
          "Risk aversion; 1 over a cost that counts as large is a start")
      ]), "log E[exp(gamma·cost)] / gamma"),
    .optional(
      "wasserstein",
      .object([
        .required(
          "radius", .nonNegative,
          "Probability times distance that may be moved; the distance of openings is in "
            + "standard deviations of what varies")
      ]), "Largest expectation over distributions of the same openings within a Wasserstein distance"),
    .optional(
      "modified_chi_squared",
      .object([
        .required(
          "radius", .nonNegative,
          "Root of the distance; with small ones the measure is mean + radius · standard deviation")
      ]), "Largest expectation over distributions q with Σ (q − p)² / p ≤ radius²"),
  ]
}
