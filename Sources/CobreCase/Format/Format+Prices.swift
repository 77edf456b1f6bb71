internal import CobreBase

extension CaseFormat {
  static let priceProcesses: [Field] = [
    .required(
      "price_processes",
      .registry(
        .priceProcess,
        [
          .required("initial_price", .anyNumber, unit: "$/MWh", "Price before the first stage"),
          .required("mean_price", .anyNumber, unit: "$/MWh", "Price to which the process returns"),
          .required("coefficient", .share(), "Share a of the price of the stage before that is kept"),
          .optional(
            "deviation", .nonNegative, default: 0.0, unit: "$/MWh", "Standard deviation of the innovation e"),
        ]), "Prices with y = (1 − a) mean + a · y before + e")
  ]

  private static let process = ColumnShape.key("price_process_id", .entity(.priceProcess), 304, "Price process")
  private static let stage = ColumnShape.key("stage_id", .studyStage, 307, "Study stage")

  static let priceStats = TableShape(
    file: .priceStats, summary: "Equations of price processes per stage",
    columns: [
      process, stage, .optional("mean_price", unit: "$/MWh", "Price to which the process returns"),
      .optional(
        "coefficient", NumberRange(minimum: 0, maximum: 1), unit: nil, "Share of the price before that is kept"),
      .optional("deviation", .nonNegative, unit: "$/MWh", "Standard deviation of the innovation"),
    ])

  static let priceOpenings = TableShape(
    file: .priceOpenings, summary: "Innovations of prices in each opening, in place of deviations",
    columns: [
      stage, .index("opening_index", "Opening, 0…N−1"), process, .number("value", unit: "$/MWh", "Innovation"),
    ])
}
