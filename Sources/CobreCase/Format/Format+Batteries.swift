internal import CobreBase

extension CaseFormat {
  static let batteries: [Field] = [
    .required(
      "batteries",
      .registry(
        .battery,
        [.required("bus_id", .bus, "Bus")] + CommonFields.service + [
          .required(
            "energy",
            .object([
              .optional("min_mwh", .nonNegative, default: 0.0, unit: "MWh", "Hard lower limit of the contents"),
              .required("max_mwh", .nonNegative, unit: "MWh", "Hard upper limit of the contents"),
              .required("initial_mwh", .nonNegative, unit: "MWh", "Contents at the start of the study"),
              .nullable("target_mwh", .nonNegative, unit: "MWh", "Contents due at the end of the study; null = none"),
              .nullable(
                "target_violation_cost", .positive, unit: "$/MWh", "Cost of what the target lacks; goes with target_mwh"
              ),
            ]), "Contents"),
          .required(
            "power",
            .object([
              .required("max_charge_mw", .nonNegative, unit: "MW", "Largest power taken from the bus"),
              .required("max_discharge_mw", .nonNegative, unit: "MW", "Largest power given to the bus"),
            ]), "Limits of power"),
          .optional(
            "charge_efficiency", .share(excludesZero: true), default: 1.0, "Share of the power taken that is stored"),
          .optional(
            "discharge_efficiency", .share(excludesZero: true), default: 1.0,
            "Share of what leaves the store that reaches the bus"),
          .optional(
            "self_discharge_per_hour", .number(NumberRange(minimum: 0, maximum: 1, excludesMaximum: true)),
            default: 0.0,
            unit: "1/h", "Share of the contents lost in an hour"),
          .optional(
            "degradation_cost", .nonNegative, default: 0.0, unit: "$/MWh", "Cost of wear per energy given to the bus"),
        ]), "Batteries")
  ]
}
