extension CaseFormat {
  private static let hydro = ColumnShape.key("hydro_id", .entity(.hydro), 303, "Plant")
  private static let bus = ColumnShape.key("bus_id", .entity(.bus), 304, "Bus")
  private static let source = ColumnShape.key("ncs_id", .entity(.nonControllableSource), 304, "Source")
  private static let stage = ColumnShape.key("stage_id", .studyStage, 307, "Study stage")
  private static let anyStage = ColumnShape.key("stage_id", .anyStage, 307, "Study or pre-study stage")
  private static let opening = ColumnShape.index("opening_index", "Opening, 0…N−1")
  private static let probability = ColumnShape.optional(
    "probability", NumberRange(minimum: 0, maximum: 1, excludesMinimum: true), unit: nil,
    "Probability of the opening, the same in all its rows; none = 1/N")

  static let inflowSeasonalStats = TableShape(
    file: .inflowSeasonalStats, summary: "Inflow mean and deviation",
    columns: [
      hydro, anyStage, .number("mean_m3s", unit: "m³/s", "Mean"),
      .number("std_m3s", .nonNegative, unit: "m³/s", "Deviation of the series"),
    ])

  static let inflowARCoefficients = TableShape(
    file: .inflowARCoefficients, summary: "Autoregressive inflow coefficients",
    columns: [
      hydro, anyStage, .index("lag", from: 1, "Lag, 1…p without gap"),
      .number("coefficient", unit: nil, "Standardised coefficient"),
      .number(
        "residual_std_ratio", NumberRange(minimum: 0, maximum: 1, excludesMinimum: true), unit: nil,
        "Residual deviation / std_m3s, equal for all lags"),
    ])

  static let inflowAnnualComponent = TableShape(
    file: .inflowAnnualComponent, summary: "Annual term of the inflow model",
    columns: [
      hydro, anyStage, .number("annual_coefficient", unit: nil, "Standardised coefficient"),
      .number("annual_mean_m3s", unit: "m³/s", "Mean of the last 12 inflows"),
      .number("annual_std_m3s", .positive, unit: "m³/s", "Deviation of that mean"),
    ])

  static let inflowHistory = TableShape(
    file: .inflowHistory, summary: "Observed inflows",
    columns: [
      hydro,
      ColumnShape(
        name: "date", kind: .date, isKey: true, isNullable: false, summary: "First day of the observed period"),
      .number("value_m3s", unit: "m³/s", "Mean inflow of the period"),
    ])

  static let inflowOpenings = TableShape(
    file: .inflowOpenings, summary: "Finite-support inflow realisations",
    columns: [stage, opening, hydro, probability, .number("value_m3s", unit: "m³/s", "Realised inflow")])

  static let loadSeasonalStats = TableShape(
    file: .loadSeasonalStats, summary: "Load mean and deviation",
    columns: [
      bus, stage, .number("mean_mw", unit: "MW", "Mean"),
      .number("std_mw", .nonNegative, unit: "MW", "Deviation; 0 = deterministic"),
    ])

  static let loadOpenings = TableShape(
    file: .loadOpenings, summary: "Finite-support load realisations",
    columns: [stage, opening, bus, probability, .number("value_mw", unit: "MW", "Realised load")])

  static let nonControllableStats = TableShape(
    file: .nonControllableStats, summary: "Availability mean and deviation, as shares of the capacity",
    columns: [
      source, stage, .number("mean", NumberRange(minimum: 0, maximum: 1), unit: nil, "Mean"),
      .number("std", .nonNegative, unit: nil, "Deviation"),
    ])

  static let noiseOpenings = TableShape(
    file: .noiseOpenings, summary: "Opening tree given as standard noise",
    columns: [
      stage, opening,
      .index(
        "entity_index", "0…D−1: hydros, then buses with std_mw > 0, then sources with std > 0, each by id"),
      .number("value", unit: nil, "Noise"),
    ])

  private static let scenario = ColumnShape.index("scenario_id", "Scenario, 0…n−1")

  static let externalInflows = TableShape(
    file: .externalInflows, summary: "Given inflow trajectories",
    columns: [stage, scenario, hydro, .number("value_m3s", unit: "m³/s", "Inflow")])

  static let externalLoads = TableShape(
    file: .externalLoads, summary: "Given load trajectories",
    columns: [stage, scenario, bus, .number("value_mw", unit: "MW", "Load")])

  static let externalAvailabilities = TableShape(
    file: .externalAvailabilities, summary: "Given availability trajectories",
    columns: [stage, scenario, source, .number("value", unit: nil, "Availability factor")])

  static let hydroGeometry = TableShape(
    file: .hydroGeometry, summary: "Volume–level–area curves, linear between points",
    columns: [
      hydro,
      ColumnShape(
        name: "volume_hm3", kind: .num, isKey: true, isNullable: false, range: .nonNegative, unit: "hm³",
        summary: "Volume"),
      .number("height_m", .nonNegative, unit: "m", "Level"),
      .number("area_km2", .nonNegative, unit: "km²", "Area"),
    ])

  static let fphaHyperplanes = TableShape(
    file: .fphaHyperplanes, summary: "Planes of the production function",
    columns: [
      hydro,
      ColumnShape(
        name: "stage_id", kind: .int, isKey: true, isNullable: true,
        reference: Reference(target: .studyStage, code: 307),
        summary: "Stage; empty = every stage without rows of its own"),
      ColumnShape(name: "plane_id", kind: .int, isKey: true, isNullable: false, summary: "Plane"),
      .number("gamma_0", unit: "MW", "Constant"),
      .number("gamma_v", NumberRange(minimum: 0, code: 510), unit: "MW/hm³", "Slope in the volume"),
      .number(
        "gamma_q", NumberRange(minimum: 0, excludesMinimum: true, code: 510), unit: "MW/(m³/s)",
        "Slope in the turbined flow"),
      .number("gamma_s", NumberRange(maximum: 0, code: 510), unit: "MW/(m³/s)", "Slope in the spilled flow"),
      .optional(
        "kappa", NumberRange(minimum: 0, maximum: 1, excludesMinimum: true, code: 510), unit: nil,
        "Scales gamma_0; empty = 1"),
      .optional("valid_v_min_hm3", unit: "hm³", "Informational"),
      .optional("valid_v_max_hm3", unit: "hm³", "Informational"),
      .optional("valid_q_max_m3s", unit: "m³/s", "Informational"),
    ])
}
