package import CobreBase
internal import CobreCase
internal import CobreEngine

/// How the simulation of one run differs from another's, and whether chance could explain it.
///
/// If both have the same number of scenarios, these are paired: the interval is for the mean of the differences. It is
/// right for independent scenarios whatever their noise, and narrow if the noise is common. Otherwise, or if values by
/// scenario were not stored, it is the interval of two independent means, which is too wide for common noise. Intervals
/// are normal, at 95 %.
package struct ResultDifferences: Sendable {
  /// One figure of both runs.
  package struct Row: Sendable, Equatable {
    package var kind: String
    package var quantity: String
    package var unit: String
    package var entity: Int
    /// Name of the entity; nil where the case is not at hand.
    package var name: String?
    /// Nil for the mean over all stages.
    package var stage: Int?
    package var first: Double
    package var second: Double
    /// Half the 95 % interval of the difference; nil where nothing is known of it.
    package var halfWidth: Double?
    package var isPaired: Bool

    package var difference: Double { second - first }
    /// Whether the interval leaves out 0; nil where there is none.
    package var isSignificant: Bool? { halfWidth.map { abs(difference) > $0 } }
  }

  package var firstID: String
  package var secondID: String
  /// Whether both simulations have as many scenarios and equal statistics of each inflow and load, so that their noise
  /// is the same.
  ///
  /// The availability of sources is not compared.
  package var hasCommonNoise: Bool
  /// Total costs in $: mean, median, 95 % quantile and mean of the worst twentieth.
  package var costs: [Row] = []
  /// The largest differences of each quantity.
  package var figures: [Row] = []

  /// Quantities that are held against each other, with the unit.
  private static let quantities: [(kind: String, name: String, unit: String)] = [
    ("bus", "marginal_cost", "$/MWh"), ("bus", "deficit", "MW"), ("hydro", "storage", "hm3"),
    ("hydro", "spilled", "m3/s"), ("thermal", "generation", "MW"), ("system", "cost", "$"),
  ]
  /// Stages that are shown of each quantity, besides the mean over all.
  private static let rowsPerQuantity = 3

  /// - Returns: nil where one of the runs has no simulation.
  /// - Throws: `RunError` where a database cannot be read.
  package init?(_ first: RunEvidence, _ second: RunEvidence) throws {
    guard first.snapshot.simulation != nil, second.snapshot.simulation != nil else { return nil }
    firstID = first.snapshot.runID
    secondID = second.snapshot.runID
    hasCommonNoise = try Self.hasCommonNoise(first, second)
    let (left, right) = (try first.store.simulatedCosts(), try second.store.simulatedCosts())
    costs = Self.costs(left.compactMap { $0 }, right.compactMap { $0 })
    for (kind, name, unit) in Self.quantities {
      figures += try Self.rows(kind, name, unit, first, second)
    }
  }

  private static func hasCommonNoise(_ first: RunEvidence, _ second: RunEvidence) throws -> Bool {
    guard first.snapshot.simulation?.scenarios == second.snapshot.simulation?.scenarios else { return false }
    for (kind, name) in [("hydro", "inflow"), ("bus", "load")] {
      let (left, right) = (
        try first.store.figures(kind: kind, name: name), try second.store.figures(kind: kind, name: name)
      )
      if left != right { return false }
    }
    return true
  }
}

extension ResultDifferences {
  /// Total costs of two simulations by scenario.
  static func costs(_ first: [Double], _ second: [Double]) -> [Row] {
    guard !first.isEmpty, !second.isEmpty else { return [] }
    let (left, right) = (SampleStatistics(first), SampleStatistics(second))
    func row(_ name: String, _ one: Double, _ two: Double, _ halfWidth: Double?, paired: Bool = false) -> Row {
      Row(
        kind: "system", quantity: name, unit: "$", entity: 0, stage: nil, first: one, second: two, halfWidth: halfWidth,
        isPaired: paired)
    }
    let isPaired = first.count == second.count && first.count > 1
    let halfWidth =
      isPaired
      ? BoundStatistics(costs: zip(first, second).map { $1 - $0 }).halfWidth
      : independent(left.standardDeviation, first.count, right.standardDeviation, second.count)
    return [
      row("cost, mean", left.mean, right.mean, halfWidth, paired: isPaired),
      row("cost, median", left.percentiles[2], right.percentiles[2], nil),
      row("cost, 95 % quantile", left.percentiles[4], right.percentiles[4], nil),
      row("cost, mean of the worst 5 %", left.meanOfWorst, right.meanOfWorst, nil),
    ]
  }

  /// Half the 95 % interval of the difference of two independent means; nil where a sample has no spread to be known.
  static func independent(_ first: Double, _ firstCount: Int, _ second: Double, _ secondCount: Int) -> Double? {
    guard firstCount > 1, secondCount > 1 else { return nil }
    return 1.96 * (first * first / Double(firstCount) + second * second / Double(secondCount)).squareRoot()
  }

  /// The mean over the stages of the entity that differs most, and the stages that differ most.
  private static func rows(
    _ kind: String, _ name: String, _ unit: String, _ first: RunEvidence, _ second: RunEvidence
  ) throws -> [Row] {
    struct Place: Hashable {
      var entity: Int
      var stage: Int
    }
    let scenarios = (first.snapshot.simulation?.scenarios ?? 0, second.snapshot.simulation?.scenarios ?? 0)
    let left = try first.store.figures(kind: kind, name: name)
    let right = Dictionary(
      try second.store.figures(kind: kind, name: name).map { (Place(entity: $0.entity, stage: $0.stage), $0) },
      uniquingKeysWith: { first, _ in first })
    var rows: [Row] = []
    // Of several states at one time each counts by how often it is come to.
    let weights = (first.study ?? second.study).map { $0.graph.visitProbabilities(stages: $0.stages.count) }
    var sums: [Int: (first: Double, second: Double, weight: Double)] = [:]
    for figure in left {
      guard let other = right[Place(entity: figure.entity, stage: figure.stage)] else { continue }
      rows.append(
        Row(
          kind: kind, quantity: name, unit: unit, entity: figure.entity, stage: figure.stage, first: figure.mean,
          second: other.mean,
          halfWidth: independent(figure.standardDeviation, scenarios.0, other.standardDeviation, scenarios.1),
          isPaired: false))
      let sum = sums[figure.entity] ?? (0, 0, 0)
      let weight = weights.flatMap { $0.indices.contains(figure.stage) ? $0[figure.stage] : nil } ?? 1
      sums[figure.entity] = (
        sum.first + weight * figure.mean, sum.second + weight * other.mean, sum.weight + weight
      )
    }
    let scale = rows.map { max(abs($0.first), abs($0.second)) }.max() ?? 0
    // Differences of rounding are none.
    let differing = rows.filter { abs($0.difference) > 1e-9 * max(1, scale) }
      .sorted { (-abs($0.difference), $0.entity, $0.stage ?? 0) < (-abs($1.difference), $1.entity, $1.stage ?? 0) }
    guard !differing.isEmpty else { return [] }
    let most = sums.max {
      (abs($0.value.second - $0.value.first), $1.key) < (abs($1.value.second - $1.value.first), $0.key)
    }
    var shown: [Row] = []
    if let most, most.value.weight > 0 {
      let count = most.value.weight
      shown.append(
        Row(
          kind: kind, quantity: name, unit: unit, entity: most.key, stage: nil, first: most.value.first / count,
          second: most.value.second / count, halfWidth: nil, isPaired: false))
    }
    shown += try differing.prefix(rowsPerQuantity).map {
      try paired($0, first, second, isEqual: scenarios.0 == scenarios.1)
    }
    return shown.map { named($0, first.study ?? second.study) }
  }

  /// A row with the interval of paired scenarios, where both runs have kept their values.
  private static func paired(_ row: Row, _ first: RunEvidence, _ second: RunEvidence, isEqual: Bool) throws -> Row {
    guard isEqual, let stage = row.stage else { return row }
    let left = try first.store.stageValues(kind: row.kind, name: row.quantity, entity: row.entity, stage: stage)
    guard left.count > 1 else { return row }
    let right = try second.store.stageValues(kind: row.kind, name: row.quantity, entity: row.entity, stage: stage)
    let differences = left.keys.sorted().compactMap { scenario in right[scenario].map { $0 - (left[scenario] ?? 0) } }
    guard differences.count == left.count, differences.count == right.count else { return row }
    var row = row
    row.halfWidth = BoundStatistics(costs: differences).halfWidth
    row.isPaired = true
    return row
  }

  private static func named(_ row: Row, _ study: StudyCase?) -> Row {
    guard let study, let kind = ElementKind(rawValue: row.kind) else { return row }
    var row = row
    row.name = ElementNames(study).name(kind, id: row.entity)
    return row
  }
}

extension ResultDifferences {
  private func stageText(_ stage: Int?) -> JSONValue { stage.map { .int(Int64($0)) } ?? "mean" }

  /// The differences as tools and commands report them.
  package var json: JSONObject {
    [
      "first": .string(firstID), "second": .string(secondID), "common_noise": .bool(hasCommonNoise),
      "columns": [
        "kind", "id", "name", "quantity", "unit", "stage", "first", "second", "difference", "half_width_95",
        "significant",
      ],
      "rows": .array(
        (costs + figures).map { row in
          [
            .string(row.kind), .int(Int64(row.entity)), .optional(row.name), .string(row.quantity), .string(row.unit),
            stageText(row.stage), .optional(row.first), .optional(row.second), .optional(row.difference),
            .optional(row.halfWidth), row.isSignificant.map { .bool($0) } ?? .null,
          ]
        }),
    ]
  }

  /// The most important differences, as sentences.
  func sentences(_ first: String, _ second: String) -> [String] {
    var sentences: [String] = []
    if let cost = costs.first {
      let share = cost.first != 0 ? " (\(Figures.percent(abs(cost.difference / cost.first))))" : ""
      let verdict =
        switch cost.isSignificant {
        case true: "more than chance explains"
        case false: "which chance may explain"
        default: "with too few scenarios for an interval"
        }
      sentences.append(
        "\(second) costs \(Figures.text(abs(cost.difference))) $\(share) \(cost.difference < 0 ? "less" : "more") than "
          + "\(first) in the mean, ± "
          + "\(Figures.text(cost.halfWidth ?? 0)) $ (95 %, scenarios \(cost.isPaired ? "paired" : "independent")), \(verdict)."
      )
    }
    if let worst = costs.last {
      sentences.append(
        "The mean of the worst 5 % \(Figures.step(from: worst.first, to: worst.second)) $.")
    }
    for (kind, quantity, unit) in Self.quantities where kind != "system" {
      guard let row = figures.first(where: { $0.kind == kind && $0.quantity == quantity && $0.stage != nil }) else {
        continue
      }
      sentences.append(
        "Largest change of \(quantity.replacing("_", with: " ")): \(row.name ?? "\(kind) \(row.entity)"), stage "
          + "\(row.stage ?? 0): it \(Figures.step(from: row.first, to: row.second)) \(unit)"
          + (row.isSignificant == false ? ", which chance may explain." : "."))
    }
    return sentences
  }
}
