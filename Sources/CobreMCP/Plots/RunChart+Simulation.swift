internal import CobreEngine
internal import CobrePlot
internal import CobreRuns

extension RunChart {
  /// Words and units of the quantities that are drawn.
  private static func label(_ quantity: String) -> (word: String, unit: String) {
    switch quantity {
    case "storage": ("storage at the end of the stage", "hm³")
    case "energy": ("mean contents", "MWh")
    case "marginal_cost": ("marginal cost", "$/MWh")
    case "water_value": ("water value", "$/hm³")
    case "deficit": ("deficit", "MW")
    case "direct_flow": ("flow", "MW")
    case "spilled": ("spillage", "m³/s")
    case "inflow": ("inflow", "m³/s")
    case "cost": ("cost of the stage", "$")
    default: ("generation", "MW")
    }
  }

  /// Spread of a quantity of one element over the scenarios, by stage.
  static func fan(
    _ kind: String, _ quantity: String, _ id: Int?, _ evidence: RunEvidence
  ) throws -> Drawn {
    let (run, store) = (evidence.snapshot, evidence.store)
    let means = try store.means(kind: kind, name: quantity)
    let entities = Set(means.map(\.entity)).sorted()
    guard !entities.isEmpty else { throw missing(run, kind) }
    if let id, !entities.contains(id) {
      throw ToolError(
        "The simulation has no \(quantity) of a \(kind) \(id). There are "
          + entities.prefix(30).map(String.init).joined(separator: ", ") + (entities.count > 30 ? ", …" : "") + ".")
    }
    let entity = id ?? largest(means) ?? entities[0]
    let rows = try store.spreads(kind: kind, name: quantity, entity: entity)
    let (word, unit) = label(quantity)
    let element = element(kind, entity, evidence.study)
    var chart = Chart(
      title: title("\(word.prefix(1).uppercased() + word.dropFirst()), \(element)", run), xLabel: "stage", yLabel: word,
      unit: unit, places: rows.map { Double($0.stage) })
    nameStages(&chart, evidence.study)
    func percentile(_ index: Int) -> [Double?] {
      rows.map { index < $0.percentiles.count ? $0.percentiles[index] : nil }
    }
    let blue = Chart.Color.palette[0]
    chart.bands = [
      .init("least to greatest", lower: rows.map(\.minimum), upper: rows.map(\.maximum), color: blue, opacity: 0.12),
      .init("5 to 95 %", lower: percentile(0), upper: percentile(4), color: blue, opacity: 0.2),
      .init("25 to 75 %", lower: percentile(1), upper: percentile(3), color: blue, opacity: 0.35),
    ]
    chart.lines = [
      .init("mean", rows.map(\.mean), color: Chart.Color.palette[1], width: 2.5),
      .init("median", percentile(2), color: Chart.Color(0.05, 0.2, 0.4), width: 1.5, isDashed: true),
    ]
    // The extremes of a thousand scenarios would leave no room for the rest.
    let inner = (percentile(0) + percentile(4) + rows.map(\.mean)).compactMap { $0 }.filter(\.isFinite)
    if let low = inner.min(), let high = inner.max() { chart.focus = low...high }
    if quantity == "storage" { addLimits(&chart, evidence.study, entity: entity) }
    if quantity == "energy" { addBatteryLimits(&chart, evidence.study, entity: entity) }
    let values = rows.compactMap(\.mean)
    let plain = unit.replacing("³", with: "3")
    let choice =
      id == nil && entities.count > 1
      ? " It is the one with the largest mean of \(entities.count); choose another by id." : ""
    return Drawn(
      chart: chart,
      sentence: "\(word) of \(element) by stage in run \(run.runID), \(run.simulation?.scenarios ?? 0) scenarios: "
        + "means from \(text(values.min())) to \(text(values.max())) \(plain).\(choice)",
      id: kind == "system" ? nil : entity, leading: [0], leadingBand: 1)
  }

  /// Mean supply of the whole system by source, on top of each other, with what it meets.
  static func supply(_ evidence: RunEvidence) throws -> Drawn {
    let run = evidence.snapshot
    guard let supply = try MeanSupply(evidence) else { throw missing(run) }
    var chart = Chart(
      title: title("Mean generation by source", run), xLabel: "stage", yLabel: "mean power", unit: "MW",
      places: supply.stages.map(Double.init))
    nameStages(&chart, evidence.study)
    chart.stack(supply.layers)
    chart.lines = [
      .init(
        supply.demandName, supply.demand.map { $0 }, color: Chart.Color(0.1, 0.1, 0.1), width: 2, isDashed: true)
    ]
    let sentence = supply.layers.map { layer in
      let known = layer.values.compactMap { $0 }
      return "\(layer.name) \(text(known.reduce(0, +) / Double(known.count))) MW"
    }
    return Drawn(
      chart: chart,
      sentence:
        "Mean supply by stage in run \(run.runID), \(run.simulation?.scenarios ?? 0) scenarios; averages over the "
        + "stages: \(sentence.isEmpty ? "none" : sentence.joined(separator: ", ")).")
  }

  /// Why there is nothing to draw.
  static func missing(_ run: RunSnapshot, _ kind: String = "element") -> ToolError {
    if run.simulation != nil {
      return ToolError("The simulation of run \(run.runID) has no figures for this chart: the case has no \(kind).")
    }
    return ToolError(
      run.state.isFinal
        ? "Run \(run.runID) has no simulation. Call simulate with its run_id, then plot the run that it starts."
        : "Run \(run.runID) has no simulation yet: it comes after training. Call status with wait_seconds, then plot again."
    )
  }

  /// The entity with the largest mean.
  static func largest(_ means: [StageMean]) -> Int? {
    let sums: [Int: Double] = means.reduce(into: [:]) { sums, mean in sums[mean.entity, default: 0] += mean.mean ?? 0 }
    return sums.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}
