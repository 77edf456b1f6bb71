package import CobreBase
package import CobreCase
internal import CobreEngine

/// Who pays what in a run's simulation: costs by category, by element and by period.
///
/// Money is the mean over the scenarios, discounted to the start of the study.
package struct CostExplanation: Sendable {
  /// What a sum is of.
  struct Payer: Hashable, Sendable {
    var category: CostCategory
    /// Without block and step.
    var label: StageLPNames.Label
  }

  let study: StudyCase
  let runID: String
  let scenarios: Int
  let isSameAsRun: Bool
  /// Only this stage; nil for all.
  let stage: Int?
  private(set) var byPayer: [Payer: Double] = [:]
  /// By stage and category, `[stage]`.
  private(set) var byStage: [[CostCategory: Double]]
  /// Total by scenario.
  private(set) var totals: [Double]

  /// - Parameters:
  ///   - evidence: the run.
  ///   - scope: which part of its simulation is looked at.
  ///   - bounds: where the case may lie.
  /// - Throws: `RunError` where case or policy are not at hand, there is no such stage, or time is over.
  package init(
    _ evidence: RunEvidence, _ scope: ReplayScope = ReplayScope(), bounds: CaseBounds = .anywhere
  ) throws {
    let replay = try PolicyReplay(evidence, scope, bounds: bounds)
    let stage = scope.stage
    study = replay.study
    runID = evidence.snapshot.runID
    self.scenarios = replay.scenarios
    isSameAsRun = replay.isSameAsRun
    self.stage = stage
    byStage = .init(repeating: [:], count: study.stages.count)
    totals = .init(repeating: 0, count: replay.scenarios)
    var columns: [Int: [(column: Int, payer: Payer)]] = [:]
    var discounts = [Double](repeating: 1, count: replay.scenarios)
    var (payers, stages, sums) = (byPayer, byStage, totals)
    let share = 1 / Double(max(1, replay.scenarios))
    try replay.walk(through: stage, seconds: scope.seconds) { solver, _, scenario in
      let template = solver.template
      let place = template.stage
      defer { discounts[scenario] *= template.discountFactor }
      guard stage == nil || place == stage else { return }
      let list = columns[place] ?? Self.columns(template, replay)
      columns[place] = list
      let values = solver.columnValues
      for (column, payer) in list where values[column] != 0 {
        let cost =
          discounts[scenario] * template.model.objective[column] * values[column] / StageLPTemplate.objectiveScale
        payers[payer, default: 0] += share * cost
        stages[place][payer.category, default: 0] += share * cost
        sums[scenario] += cost
      }
      guard !template.prices.isEmpty else { return }
      // What the prices of processes add to the contracts' own.
      for (column, payer) in list where payer.category == .contracts && values[column] != 0 {
        for term in template.prices.terms where term.column == column {
          let cost = discounts[scenario] * term.factor * solver.price(term.process) * values[column]
          payers[payer, default: 0] += share * cost
          stages[place][payer.category, default: 0] += share * cost
          sums[scenario] += cost
        }
      }
    }
    (byPayer, byStage, totals) = (payers, stages, sums)
  }

  private static func columns(_ template: StageLPTemplate, _ replay: PolicyReplay) -> [(column: Int, payer: Payer)] {
    let names = StageLPNames(template, study: replay.study, states: replay.states)
    return template.layout.costColumns.flatMap { category, columns in
      columns.compactMap { column in
        let hasPrice = template.prices.terms.contains { $0.column == column }
        guard template.model.objective[column] != 0 || hasPrice, var label = names.columns[column] else { return nil }
        (label.block, label.step) = (nil, nil)
        // Both directions of a line are one payer; what else an element pays for is told apart by category and limit.
        if label.kind == .reverse { label.kind = .direct }
        return (column, Payer(category: category, label: label))
      }
    }.sorted { $0.column < $1.column }
  }

  /// Mean total in $.
  package var total: Double { totals.isEmpty ? 0 : totals.reduce(0, +) / Double(totals.count) }
}

extension CostExplanation {
  private static let rowLimit = 20
  /// Stages up to which each is a period of its own; else years are.
  private static let stageLimit = 24

  /// The explanation as tools and commands tell it.
  package var json: JSONObject {
    var categories: [CostCategory: Double] = [:]
    for stage in byStage { for (category, cost) in stage { categories[category, default: 0] += cost } }
    let sorted = categories.filter { abs($0.value) > 1e-9 }
      .sorted { (abs($0.value), $1.key.rawValue) > (abs($1.value), $0.key.rawValue) }
    let spread = SampleStatistics(totals.isEmpty ? [0] : totals)
    func share(_ cost: Double) -> JSONValue { total == 0 ? .null : .optional(cost / total) }
    let payers = byPayer.filter { abs($0.value) > 1e-9 }
      .sorted { (abs($0.value), name($1.key)) > (abs($1.value), name($0.key)) }
    var rows: [JSONValue] = payers.prefix(Self.rowLimit).map { payer, cost in
      [
        .string(payer.category.rawValue), .string(payer.label.entity.rawValue), .string(name(payer)), .optional(cost),
        share(cost),
      ]
    }
    let hidden = payers.dropFirst(Self.rowLimit).reduce(0) { $0 + $1.value }
    if payers.count > Self.rowLimit { rows.append(["others", .null, .null, .optional(hidden), share(hidden)]) }
    return [
      "run_id": .string(runID), "scenarios": .int(Int64(scenarios)), "mean_cost": .optional(total),
      "mean_of_worst_5_percent": .optional(spread.meanOfWorst), "summary": .array(sentences(sorted, payers)),
      "categories": [
        "columns": ["category", "usd", "share"],
        "rows": .array(sorted.map { [.string($0.key.rawValue), .optional($0.value), share($0.value)] }),
      ],
      "payers": ["columns": ["category", "kind", "name", "usd", "share"], "rows": .array(rows)],
      "periods": .object(periods),
      "next": .string(
        "Money is discounted to the start of the study. "
          + "Call explain_violation for a deficit or a limit that was missed, explain_price for a price."),
    ]
  }

  private func name(_ payer: Payer) -> String {
    let own = ElementNames(study).name(payer.label)
    return payer.label.limit.map { "\(own): \($0)" } ?? own
  }

  private func sentences(
    _ categories: [(key: CostCategory, value: Double)], _ payers: [(key: Payer, value: Double)]
  ) -> [JSONValue] {
    guard total != 0, let most = categories.first else { return ["Nothing costs anything."] }
    var list = [
      "The mean cost is \(Figures.text(total)) $; \(Figures.percent(most.value / total)) of it is "
        + "\(most.key.rawValue)."
    ]
    if let payer = payers.first {
      list.append(
        "The largest single part is \(name(payer.key)) with \(Figures.text(payer.value)) $ "
          + "(\(Figures.percent(payer.value / total))).")
    }
    if let (stage, costs) = byStage.enumerated().max(by: {
      $0.element.values.reduce(0, +) < $1.element.values.reduce(0, +)
    }) {
      list.append(
        "The dearest stage is \(stage) (\(study.stages[stage].start.description)) with "
          + "\(Figures.text(costs.values.reduce(0, +))) $.")
    }
    return list.map { .string($0) }
  }

  private var periods: JSONObject {
    var order: [String] = []
    var sums: [String: [CostCategory: Double]] = [:]
    for (stage, costs) in byStage.enumerated() where self.stage == nil || stage == self.stage {
      let start = study.stages[stage].start
      let key = study.stages.count <= Self.stageLimit ? "\(stage) (\(start.description))" : "\(start.year)"
      if sums[key] == nil { order.append(key) }
      sums[key] = (sums[key] ?? [:]).merging(costs) { $0 + $1 }
    }
    let used = CostCategory.allCases.filter { category in sums.values.contains { abs($0[category] ?? 0) > 1e-9 } }
    return [
      "columns": .array((["period", "usd"] + used.map(\.rawValue)).map { .string($0) }),
      "rows": .array(
        order.map { key in
          let costs = sums[key] ?? [:]
          return .array(
            [.string(key), .optional(costs.values.reduce(0, +))] + used.map { .optional(costs[$0] ?? 0) })
        }),
    ]
  }
}
