internal import CobreBase

extension CaseFormat {
  /// What a plant owes besides its limits.
  ///
  /// All of it has a price, so that no stage LP loses its feasible points.
  static let operatingRules = Field.nullable(
    "operating_rules",
    .object([
      .nullable(
        "alert_storage_hm3", .nonNegative, unit: "hm³",
        "Storage that the end of a stage should not be below; null = none"),
      .nullable("alert_storage_cost", .positive, unit: "$/hm³", "Volume missing to the alert storage; goes with it"),
      .nullable(
        "flood_control_storage_hm3", .nonNegative, unit: "hm³",
        "Storage that the end of a stage should not be above, to keep room for floods; null = none"),
      .nullable(
        "flood_control_storage_cost", .positive, unit: "$/hm³", "Volume beyond the flood control storage; goes with it"),
      .nullable(
        "min_outflow_curve", curve("Least outflow"),
        "Least outflow by the storage at the start of the stage, convex; outflow_violation_below_cost is its price"),
      .nullable(
        "max_spillage_curve", curve("Largest spilled flow"),
        "Capacity of the spillway by the mean storage, concave; null = no limit"),
      .nullable(
        "spillage_violation_cost", .positive, unit: "$/(m³/s·h)",
        "Spilled flow beyond the spillway; goes with max_spillage_curve"),
      .nullable(
        "max_outflow_rise_m3s", .nonNegative, unit: "m³/s", "Largest rise of the outflow from a block to the next"),
      .nullable(
        "max_outflow_fall_m3s", .nonNegative, unit: "m³/s", "Largest fall of the outflow from a block to the next"),
      .nullable(
        "outflow_ramp_violation_cost", .positive, unit: "$/(m³/s·h)",
        "Rise or fall beyond these, over the hours of the later block; goes with them"),
      .optional(
        "water_uses",
        .list(
          .object([
            .required("name", .text, "Name"),
            .required("demand_m3s", .nonNegative, unit: "m³/s", "Flow taken out of the reservoir"),
            .required("shortfall_cost", .positive, unit: "$/(m³/s·h)", "Flow not delivered"),
            .optional(
              "seasons",
              .list(
                .object([
                  .required("season_id", .reference(.season, 310), "Season"),
                  .required("demand_m3s", .nonNegative, unit: "m³/s", "Flow in stages of the season"),
                ]), identity: "season_id"), default: [], "Demands of seasons, which replace demand_m3s"),
          ])), default: [],
        "Irrigation and supply in order of priority, besides water_withdrawal_m3s; the last is cut first"),
      .optional(
        "seasons",
        .list(
          .object([
            .required("season_id", .reference(.season, 310), "Season"),
            .nullable("alert_storage_hm3", .nonNegative, unit: "hm³", "Alert storage in stages of the season"),
            .nullable(
              "flood_control_storage_hm3", .nonNegative, unit: "hm³", "Flood control storage in stages of the season"),
            .nullable(
              "min_outflow_m3s", .nonNegative, unit: "m³/s",
              "Least outflow in stages of the season, unless hydro_bounds has one"),
            .nullable("max_outflow_rise_m3s", .nonNegative, unit: "m³/s", "Largest rise in stages of the season"),
            .nullable("max_outflow_fall_m3s", .nonNegative, unit: "m³/s", "Largest fall in stages of the season"),
          ]), identity: "season_id"), default: [],
        "Values by season, such as an ecological hydrograph; what is null or missing stays as above"),
    ]), "Operating rules; null = none")

  private static func curve(_ summary: String) -> Shape {
    .list(
      .object([
        .required("storage_hm3", .nonNegative, unit: "hm³", "Storage, strictly increasing"),
        .required("flow_m3s", .nonNegative, unit: "m³/s", summary),
      ]), minimum: 2)
  }
}
